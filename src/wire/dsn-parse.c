#include "wire/dsn.h"
#include "wire/header.h"
#include "wire/smtp-reply.h"
#include "wire/smtp-xtext.h"

/* Folds and blanks of a field may take this much. */
#define RAW_FIELD_MOST ((size_t)4 * WIRE_DSN_FIELD_MOST)

/* Of an address or a diagnostic: "rfc822", "smtp". */
#define TYPE_MOST 64

struct parser {
	struct arena *arena;
	struct wire_dsn *report;
	size_t room; /* in report->recipients */
};

struct typed {
	struct slice type, value;
};

/* A field's value on one line, without controls. */
static struct slice
clean(struct parser *parser, struct slice raw)
{
	raw = slice_first(raw, RAW_FIELD_MOST);
	if (!arena_has_room(parser->arena, raw.length + 1))
		return SLICE_NONE;
	struct slice line = wire_unfold(parser->arena, raw);
	char *copy = arena_try(parser->arena, line.length + 1);
	if (!copy)
		return SLICE_NONE;
	for (size_t i = 0; i < line.length; i++) {
		char c = line.data[i];
		copy[i] = (unsigned char)c < ' ' || c == 0x7f ? ' ' : c;
	}
	return slice_trim(slice_of(copy, line.length));
}

static struct slice
cut(struct slice s, size_t most)
{
	return slice_trim(slice_first(slice_trim(s), most));
}

static struct slice
read_text(struct parser *parser, struct slice raw)
{
	return cut(clean(parser, raw), WIRE_DSN_FIELD_MOST);
}

/* "rfc822; anna@example.org"; some leave out the type, which is then the usual one. */
static struct typed
split(struct parser *parser, struct slice raw, struct slice usual)
{
	struct slice rest = clean(parser, raw);
	size_t semicolon = slice_find_byte(rest, ';');
	struct slice value =
		semicolon < rest.length ? slice_from(rest, semicolon + 1) : rest;
	bool typed = semicolon > 0 && semicolon < rest.length;
	return (struct typed){typed ? cut(slice_first(rest, semicolon), TYPE_MOST) : usual,
		cut(value, WIRE_DSN_FIELD_MOST)};
}

static struct slice
without_brackets(struct slice address)
{
	while (slice_starts(address, SLICE("<")) && slice_ends(address, SLICE(">")))
		address = slice_trim(slice_part(address, 1, address.length - 2));
	return address;
}

/* What could not be written as a field again is no address. */
static bool
is_too_long(const struct typed *address)
{
	SCOPED(buffer_free) struct buffer encoded = buffer_with(WIRE_DSN_FIELD_MOST);
	bool plain = slice_is_ascii(address->value) &&
		     !slice_equal_nocase(address->type, SLICE("utf-8"));
	return !plain && wire_utf8_address_is_one(address->value) &&
	       !wire_utf8_address_put(&encoded, address->value);
}

/* An address, of which some servers send "<anna@example.org>". */
static struct typed
read_address(struct parser *parser, struct slice raw)
{
	struct typed address = split(parser, raw, SLICE("rfc822"));
	struct slice decoded;
	bool utf8 = slice_equal_nocase(address.type, SLICE("utf-8"));
	if (utf8 && wire_utf8_address_decode(address.value, parser->arena, &decoded))
		address.value = slice_trim(decoded);
	else if (utf8)
		address.type = SLICE("rfc822");
	address.value = without_brackets(address.value);
	if (is_too_long(&address))
		address.value = SLICE_NONE;
	return address;
}

static bool
read_action(struct slice word, enum wire_dsn_action *action)
{
	static const struct slice ACTIONS[] = {SLICE_INIT("failed"), SLICE_INIT("delayed"),
		SLICE_INIT("delivered"), SLICE_INIT("relayed"), SLICE_INIT("expanded")};
	for (size_t i = 0; i < sizeof ACTIONS / sizeof *ACTIONS; i++) {
		if (slice_starts_nocase(word, ACTIONS[i])) {
			*action = (enum wire_dsn_action)i;
			return true;
		}
	}
	return false;
}

static void
read_message_field(struct parser *parser, const struct wire_header *header)
{
	struct wire_dsn *report = parser->report;
	if (slice_equal_nocase(header->name, SLICE("Original-Envelope-Id")))
		report->envelope_id = read_text(parser, header->raw);
	if (slice_equal_nocase(header->name, SLICE("Reporting-MTA")))
		report->reporting = split(parser, header->raw, SLICE("dns")).value;
	if (slice_equal_nocase(header->name, SLICE("Arrival-Date")))
		report->has_arrival =
			wire_date_parse(read_text(parser, header->raw), &report->arrival);
}

/* What is known of a recipient while his block is being read. */
struct block {
	struct wire_dsn_recipient recipient;
	bool has_action;
};

static void
read_address_field(
	struct parser *parser, const struct wire_header *header, struct block *block)
{
	struct wire_dsn_recipient *recipient = &block->recipient;
	if (slice_equal_nocase(header->name, SLICE("Final-Recipient")))
		recipient->final = read_address(parser, header->raw).value;
	if (slice_equal_nocase(header->name, SLICE("Original-Recipient"))) {
		struct typed address = read_address(parser, header->raw);
		recipient->original_type = address.type;
		recipient->original = address.value;
	}
}

static void
read_outcome_field(
	struct parser *parser, const struct wire_header *header, struct block *block)
{
	struct wire_dsn_recipient *recipient = &block->recipient;
	if (slice_equal_nocase(header->name, SLICE("Action")))
		block->has_action =
			read_action(read_text(parser, header->raw), &recipient->action);
	if (slice_equal_nocase(header->name, SLICE("Status"))) {
		struct slice value = read_text(parser, header->raw);
		recipient->status = slice_first(value, wire_enhanced_status_length(value));
	}
	if (slice_equal_nocase(header->name, SLICE("Remote-MTA")))
		recipient->remote = split(parser, header->raw, SLICE("dns")).value;
	if (slice_equal_nocase(header->name, SLICE("Diagnostic-Code"))) {
		struct typed diagnostic = split(parser, header->raw, SLICE("smtp"));
		recipient->diagnostic_type = diagnostic.type;
		recipient->diagnostic = diagnostic.value;
	}
}

static void
read_date_field(
	struct parser *parser, const struct wire_header *header, struct block *block)
{
	struct wire_dsn_recipient *recipient = &block->recipient;
	if (slice_equal_nocase(header->name, SLICE("Last-Attempt-Date")))
		recipient->has_last_attempt = wire_date_parse(
			read_text(parser, header->raw), &recipient->last_attempt);
	if (slice_equal_nocase(header->name, SLICE("Will-Retry-Until")))
		recipient->has_retry_until = wire_date_parse(
			read_text(parser, header->raw), &recipient->retry_until);
}

/* Makes room for one more; false when it can't. */
static bool
grow(struct parser *parser)
{
	struct wire_dsn *report = parser->report;
	if (report->count < parser->room)
		return true;
	size_t room = parser->room ? parser->room * 2 : 4;
	struct wire_dsn_recipient *moved = arena_try(parser->arena, room * sizeof *moved);
	if (!moved || report->count >= WIRE_DSN_RECIPIENTS_MOST)
		return false;
	if (report->count > 0)
		memcpy(moved, report->recipients, report->count * sizeof *moved);
	report->recipients = moved;
	parser->room = room;
	return true;
}

/* A block without action, status or address says nothing. */
static void
end_block(struct parser *parser, struct block *block)
{
	struct wire_dsn_recipient *recipient = &block->recipient;
	if (recipient->final.length == 0)
		recipient->final = recipient->original;
	if (block->has_action && recipient->status.length > 0 &&
		recipient->final.length > 0 && grow(parser))
		parser->report->recipients[parser->report->count++] = *recipient;
}

static void
read_block(struct parser *parser, struct slice *rest)
{
	struct block block = {0};
	struct wire_header header;
	while (wire_header_next(rest, &header)) {
		read_message_field(parser, &header);
		read_address_field(parser, &header, &block);
		read_outcome_field(parser, &header, &block);
		read_date_field(parser, &header, &block);
	}
	end_block(parser, &block);
}

enum base_failure
wire_dsn_status_parse(struct slice body, struct arena *arena, struct wire_dsn *report)
{
	struct parser parser = {.arena = arena, .report = report};
	*report = (struct wire_dsn){0};
	while (body.length > 0) {
		read_block(&parser, &body);
		/* The blank line. */
		body = slice_from(body, slice_find_byte(body, '\n') + 1);
	}
	return report->count > 0 ? BASE_OK : BASE_INVALID;
}
