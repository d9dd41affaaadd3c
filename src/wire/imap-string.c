#include "wire/imap-cursor.h"
#include "wire/imap-pattern.h"
#include "wire/utf7.h"

/* Copies a quoted string's inside without its backslashes. */
static bool
unescape(struct wire_imap_cursor *cursor, struct slice inside, struct slice *text)
{
	char *copy = wire_imap_take(cursor, inside.length + 1, 1);
	if (!copy)
		return false;
	size_t length = 0;
	for (size_t i = 0; i < inside.length; i++) {
		if (inside.data[i] == '\\')
			i++;
		copy[length++] = inside.data[i];
	}
	*text = slice_of(copy, length);
	return true;
}

/* Length of a quoted string's inside; SIZE_MAX with an error when it has no end. */
static size_t
measure_quoted(struct wire_imap_cursor *cursor, bool *escaped)
{
	struct slice inside = slice_from(cursor->rest, 1);
	for (size_t i = 0; i < inside.length; i++) {
		char c = inside.data[i];
		if (c == '"')
			return i;
		if (c == '\r' || c == '\n' || c == '\0')
			break;
		if (c != '\\')
			continue;
		*escaped = true;
		i++;
		if (i == inside.length ||
			(inside.data[i] != '"' && inside.data[i] != '\\')) {
			wire_imap_fail(cursor, "A backslash in a quoted string must stand "
					       "before a quote or a backslash");
			return SIZE_MAX;
		}
	}
	wire_imap_fail(cursor, "A quoted string has no end");
	return SIZE_MAX;
}

static bool
take_quoted(struct wire_imap_cursor *cursor, struct slice *text)
{
	bool escaped = false;
	size_t length = measure_quoted(cursor, &escaped);
	if (length == SIZE_MAX)
		return false;
	*text = slice_part(cursor->rest, 1, length);
	cursor->rest = slice_from(cursor->rest, length + 2);
	return !escaped || unescape(cursor, *text, text);
}

/* "{n}" or "{n+}"; *apart when its octets were taken elsewhere. */
static bool
take_announcement(struct wire_imap_cursor *cursor, uint64_t *size, bool *apart)
{
	*apart = false;
	if (!wire_imap_byte(cursor, '{') || !wire_imap_number64(cursor, size))
		return false;
	wire_imap_maybe(cursor, '+');
	if (!wire_imap_byte(cursor, '}'))
		return false;
	*apart = wire_imap_maybe(cursor, '\n');
	if (*apart)
		return true;
	if (!wire_imap_maybe(cursor, '\r') || !wire_imap_maybe(cursor, '\n'))
		return wire_imap_fail(cursor, "A literal must stand at the end of a line");
	return true;
}

static bool
take_octets(struct wire_imap_cursor *cursor, struct slice *octets)
{
	uint64_t size;
	bool apart;
	if (!take_announcement(cursor, &size, &apart))
		return false;
	if (apart || size > cursor->rest.length)
		return wire_imap_fail(cursor, "A literal has no place here");
	*octets = slice_first(cursor->rest, (size_t)size);
	cursor->rest = slice_from(cursor->rest, (size_t)size);
	return true;
}

static bool
take_literal(struct wire_imap_cursor *cursor, struct slice *text)
{
	if (!take_octets(cursor, text))
		return false;
	if (slice_find_byte(*text, '\0') < text->length)
		return wire_imap_fail(cursor, "A literal may not hold NUL");
	return true;
}

bool
wire_imap_literal8(struct wire_imap_cursor *cursor, struct slice *octets)
{
	*octets = SLICE_NONE;
	if (!wire_imap_byte(cursor, '~'))
		return false;
	if (wire_imap_peek(cursor) != '{')
		return wire_imap_fail(cursor, "A literal was expected");
	return take_octets(cursor, octets);
}

bool
wire_imap_literal_apart(struct wire_imap_cursor *cursor, uint64_t *size)
{
	bool apart;
	*size = 0;
	wire_imap_maybe(cursor, '~');
	if (wire_imap_peek(cursor) != '{')
		return wire_imap_fail(cursor, "A literal was expected");
	return take_announcement(cursor, size, &apart) &&
	       (apart || wire_imap_fail(cursor, "A literal has no place here"));
}

bool
wire_imap_string(struct wire_imap_cursor *cursor, struct slice *text)
{
	*text = SLICE_NONE;
	if (cursor->error)
		return false;
	if (wire_imap_peek(cursor) == '"')
		return take_quoted(cursor, text);
	if (wire_imap_peek(cursor) == '{')
		return take_literal(cursor, text);
	return wire_imap_fail(cursor, "A string was expected");
}

bool
wire_imap_nstring(struct wire_imap_cursor *cursor, struct slice *text)
{
	if (wire_imap_maybe_word(cursor, SLICE("NIL"))) {
		*text = SLICE_NONE;
		return true;
	}
	return wire_imap_string(cursor, text);
}

/* Absent where raw is no modified UTF-7; false: the arena is full. */
static bool
decode_name(struct wire_imap_cursor *cursor, struct slice raw, struct slice *name)
{
	SCOPED(buffer_free) struct buffer utf8 = buffer_with(raw.length * 2);
	*name = SLICE_NONE;
	if (!wire_utf7_decode(raw, &utf8))
		return true;
	char *copy = wire_imap_take(cursor, utf8.length + 1, 1);
	if (!copy)
		return false;
	memcpy(copy, utf8.data, utf8.length);
	*name = slice_of(copy, utf8.length);
	return true;
}

/*
 * RFC 3501 5.1.3. Raw UTF-8, which a few clients send without having enabled it, is taken
 * as it is: it can't be modified UTF-7, which is ASCII.
 */
static bool
to_utf8(struct wire_imap_cursor *cursor, struct slice raw, struct slice *name)
{
	*name = raw;
	if (cursor->utf8 || !slice_is_ascii(raw))
		return slice_is_utf8(raw) ||
		       wire_imap_fail(cursor, "The mailbox name is not valid UTF-8");
	return slice_find_byte(raw, '&') == raw.length || decode_name(cursor, raw, name);
}

bool
wire_imap_mailbox(struct wire_imap_cursor *cursor, struct slice *name)
{
	struct slice raw;
	*name = SLICE_NONE;
	if (!wire_imap_astring(cursor, &raw) || !to_utf8(cursor, raw, name))
		return false;
	cursor->cannot = slice_absent(*name);
	if (cursor->cannot)
		return wire_imap_fail(
			cursor, "[CANNOT] The mailbox name is not valid modified UTF-7");
	if (wire_imap_is_inbox(*name))
		*name = SLICE("INBOX");
	return true;
}

/* Who asks for names that can't be hears of none. */
bool
wire_imap_list_mailbox(struct wire_imap_cursor *cursor, struct slice *pattern)
{
	struct slice raw;
	*pattern = SLICE_NONE;
	if (!wire_imap_list_string(cursor, &raw) || !to_utf8(cursor, raw, pattern))
		return false;
	if (slice_absent(*pattern))
		*pattern = raw;
	return true;
}
