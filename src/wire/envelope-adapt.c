/* ENVELOPE for a client that has turned on UTF-8, and for one that has not (RFC 6858 2). */
#include "wire/address.h"
#include "wire/envelope.h"
#include "wire/header.h"
#include "wire/imap-cursor.h"
#include "wire/imap-response.h"

#define INVALID_LOCAL  SLICE("invalid")
#define INVALID_DOMAIN SLICE("internationalized-address.invalid")

struct adapting {
	struct wire_imap_cursor cursor;
	bool utf8;
	struct buffer *into;
};

/* What is no UTF-8 either is in a charset that nobody named: it stays. */
static bool
is_utf8_text(struct slice text)
{
	return !slice_is_ascii(text) && slice_is_utf8(text);
}

/* Encoded-words (RFC 2047) as one line. */
static struct slice
in_words(struct adapting *adapting, struct slice text)
{
	SCOPED(buffer_free) struct buffer words = buffer_with(ARENA_NO_CEILING);
	SCOPED(buffer_free) struct buffer line = buffer_with(ARENA_NO_CEILING);
	if (!wire_header_text_put(&words, text, 0))
		return text;
	for (struct slice rest = buffer_slice(&words); !slice_absent(rest);) {
		struct slice part = slice_cut(&rest, '\n');
		buffer_put(&line, slice_trim(part));
		if (!slice_absent(rest))
			buffer_put_byte(&line, ' ');
	}
	return arena_copy(adapting->cursor.arena, buffer_slice(&line));
}

static bool
put_text(struct adapting *adapting, struct slice text)
{
	return wire_imap_put_nstring(adapting->into,
		is_utf8_text(text) && !adapting->utf8 ? in_words(adapting, text) : text,
		adapting->utf8);
}

static bool
copy_text(struct adapting *adapting)
{
	struct slice text;
	return wire_imap_nstring(&adapting->cursor, &text) && put_text(adapting, text);
}

static bool
blank(struct adapting *adapting)
{
	return wire_imap_byte(&adapting->cursor, ' ') &&
	       buffer_put_byte(adapting->into, ' ');
}

/* Who has no name is shown by the address that can't be written to. */
static void
put_invalid(struct adapting *adapting, const struct slice *fields)
{
	struct slice parts[] = {fields[2], SLICE("@"), fields[3]};
	struct slice name = slice_absent(fields[0])
				    ? arena_join(adapting->cursor.arena, parts, 3)
				    : fields[0];
	put_text(adapting, name);
	buffer_put_byte(adapting->into, ' ');
	put_text(adapting, fields[1]);
	buffer_put_byte(adapting->into, ' ');
	wire_imap_put_string(adapting->into, INVALID_LOCAL, false);
	buffer_put_byte(adapting->into, ' ');
	wire_imap_put_string(adapting->into, INVALID_DOMAIN, false);
}

/* name, route, mailbox, host; a domain has another form in ASCII, a local part has none. */
static void
put_fields(struct adapting *adapting, struct slice *fields)
{
	bool stays = slice_absent(fields[3]) || adapting->utf8;
	if (!stays && is_utf8_text(fields[3]) &&
		wire_domain_canonical(adapting->cursor.arena, fields[3], &fields[3]) !=
			BASE_OK) {
		put_invalid(adapting, fields);
		return;
	}
	if (!stays && is_utf8_text(fields[2])) {
		put_invalid(adapting, fields);
		return;
	}
	for (size_t i = 0; i < 4; i++) {
		if (i > 0)
			buffer_put_byte(adapting->into, ' ');
		put_text(adapting, fields[i]);
	}
}

static bool
copy_address(struct adapting *adapting)
{
	struct slice fields[4];
	for (size_t i = 0; i < 4; i++)
		if (!wire_imap_byte(&adapting->cursor, i ? ' ' : '(') ||
			!wire_imap_nstring(&adapting->cursor, &fields[i]))
			return false;
	buffer_put_byte(adapting->into, '(');
	put_fields(adapting, fields);
	buffer_put_byte(adapting->into, ')');
	return wire_imap_byte(&adapting->cursor, ')');
}

static bool
copy_addresses(struct adapting *adapting)
{
	if (wire_imap_maybe_word(&adapting->cursor, SLICE("NIL")))
		return buffer_put_text(adapting->into, "NIL");
	if (!wire_imap_byte(&adapting->cursor, '('))
		return false;
	buffer_put_byte(adapting->into, '(');
	while (wire_imap_peek(&adapting->cursor) == '(')
		if (!copy_address(adapting))
			return false;
	buffer_put_byte(adapting->into, ')');
	return wire_imap_byte(&adapting->cursor, ')');
}

/* date subject from sender reply-to to cc bcc in-reply-to message-id */
static bool
copy_envelope(struct adapting *adapting)
{
	buffer_put_byte(adapting->into, '(');
	if (!wire_imap_byte(&adapting->cursor, '(') || !copy_text(adapting) ||
		!blank(adapting) || !copy_text(adapting))
		return false;
	for (int i = 0; i < 6; i++)
		if (!blank(adapting) || !copy_addresses(adapting))
			return false;
	for (int i = 0; i < 2; i++)
		if (!blank(adapting) || !copy_text(adapting))
			return false;
	return wire_imap_byte(&adapting->cursor, ')') &&
	       buffer_put_byte(adapting->into, ')');
}

bool
wire_envelope_adapt(struct slice rendered, bool utf8, struct buffer *into)
{
	SCOPED(arena_release) struct arena *scratch = arena_create(ARENA_NO_CEILING);
	struct adapting adapting = {.cursor = wire_imap_cursor_over(rendered, scratch),
		.utf8 = utf8,
		.into = into};
	return copy_envelope(&adapting) && slice_empty(adapting.cursor.rest) &&
	       !buffer_failed(into);
}
