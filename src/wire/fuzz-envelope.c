#include "base/base.h"
#include "wire/body-structure.h"
#include "wire/envelope.h"
#include "wire/mime-section.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM ((size_t)256 << 20)

/* A reader of IMAP's parenthesized lists (RFC 3501 9), as strict as the strictest client.
 */
static bool
take_quoted(struct slice *rest)
{
	for (size_t i = 1; i < rest->length; i++) {
		char c = rest->data[i];
		if (c == '"') {
			*rest = slice_from(*rest, i + 1);
			return true;
		}
		if (c == '\\' && ++i < rest->length && rest->data[i] != '"' &&
			rest->data[i] != '\\')
			return false;
		if (c == '\r' || c == '\n' || (unsigned char)c >= 0x80 || !c)
			return false;
	}
	return false;
}

static bool
take_literal(struct slice *rest)
{
	uint64_t length;
	size_t end = slice_find(*rest, SLICE("}\r\n"));
	struct slice literal;
	if (!slice_to_u64(slice_part(*rest, 1, end - 1), &length))
		return false;
	*rest = slice_from(*rest, end + 3);
	return take_bytes(rest, length, &literal) &&
	       slice_find_byte(literal, '\0') == literal.length;
}

static bool
take_atom(struct slice *rest)
{
	size_t length = 0;
	while (length < rest->length &&
		(byte_is_digit(rest->data[length]) || byte_is_alpha(rest->data[length])))
		length++;
	struct slice atom = slice_first(*rest, length);
	uint64_t number;
	*rest = slice_from(*rest, length);
	return slice_equal(atom, SLICE("NIL")) || slice_to_u64(atom, &number);
}

static bool
take_scalar(struct slice *rest)
{
	if (rest->data[0] == '"')
		return take_quoted(rest);
	return rest->data[0] == '{' ? take_literal(rest) : take_atom(rest);
}

/* One list with all that is in it; nothing may follow. */
static void
check_list(struct slice text)
{
	struct slice rest = text;
	size_t depth = 0;
	do {
		ASSERT(rest.length > 0);
		char c = rest.data[0];
		if (c == '(' || c == ')') {
			ASSERT(c == '(' || depth > 0);
			depth = c == '(' ? depth + 1 : depth - 1;
			rest = slice_from(rest, 1);
		} else if (c == ' ') {
			rest = slice_from(rest, 1);
			ASSERT(rest.length > 0 && rest.data[0] != ' ' &&
				rest.data[0] != ')');
		} else {
			ASSERT(take_scalar(&rest));
			ASSERT(rest.length > 0 &&
				(rest.data[0] == ' ' || rest.data[0] == ')'));
		}
	} while (depth > 0);
	ASSERT(rest.length == 0);
}

/* Each part is found by its numbers, and where the tree says. */
static void
check_section(const struct wire_mime_part *top, const struct wire_mime_part *part)
{
	uint32_t path[2 * WIRE_MIME_DEPTH];
	size_t length = 0, first = 2 * WIRE_MIME_DEPTH;
	struct wire_section_range range;
	for (const struct wire_mime_part *at = part; at->parent; at = at->parent) {
		uint32_t number = 1;
		bool is_top = at->parent->kind == WIRE_MIME_MESSAGE;
		/* The multipart of a message has no number of its own. */
		if (is_top && at->kind == WIRE_MIME_MULTIPART) {
			if (at == part)
				return;
			continue;
		}
		for (const struct wire_mime_part *other = at->parent->child; other != at;
			other = other->next)
			number++;
		path[--first] = number;
		length++;
	}
	/* What a message at the top has inside is in its part 1. */
	if (top->kind == WIRE_MIME_MESSAGE && part != top) {
		path[--first] = 1;
		length++;
	}
	struct wire_imap_section section = {
		.part = path + first, .part_count = length, .text = WIRE_IMAP_SECTION_MIME};
	ASSERT(wire_section_find(top, &section, &range) && range.part == part);
	ASSERT(range.start == part->header_start && range.end == part->body_start);
}

/* What was adapted is an envelope, in which nothing is left to be done. */
static void
check_adapted(struct slice envelope, bool utf8)
{
	SCOPED(buffer_free) struct buffer once = buffer_with(ROOM);
	SCOPED(buffer_free) struct buffer twice = buffer_with(ROOM);
	ASSERT(wire_envelope_adapt(envelope, utf8, &once));
	if (!utf8)
		check_list(buffer_slice(&once));
	ASSERT(wire_envelope_adapt(buffer_slice(&once), utf8, &twice));
	ASSERT(slice_equal(buffer_slice(&once), buffer_slice(&twice)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ROOM);
	const struct wire_message *message = wire_mime_parse(arena, slice_of(data, size));
	for (int i = 0; i < 4; i++) {
		SCOPED(buffer_free) struct buffer body = buffer_with(ROOM);
		ASSERT(wire_body_put(&body, message->top,
			i & 1 ? WIRE_BODY_STRUCTURE : WIRE_BODY, i & 2));
		check_list(buffer_slice(&body));
	}
	SCOPED(buffer_free) struct buffer envelope = buffer_with(ROOM);
	ASSERT(wire_envelope_put(&envelope, message->top->envelope));
	check_list(buffer_slice(&envelope));
	check_adapted(buffer_slice(&envelope), false);
	check_adapted(buffer_slice(&envelope), true);
	for (const struct wire_mime_part *part = message->top; part;
		part = wire_mime_part_next(part))
		check_section(message->top, part);
	return 0;
}
