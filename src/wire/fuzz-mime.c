#include "base/base.h"
#include "wire/mime-decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM ((size_t)64 << 20)

static const struct wire_message *
parse(struct arena *arena, struct slice text, size_t piece, struct slice *header)
{
	struct wire_mime_parser *parser = wire_mime_begin(arena);
	for (size_t at = 0; at < text.length; at += piece)
		wire_mime_feed(parser, slice_part(text, at, piece));
	const struct wire_message *message = wire_mime_end(parser);
	*header = wire_mime_header(parser);
	return message;
}

/* Children lie in their parent, one behind the other. */
static void
check_children(const struct wire_mime_part *part)
{
	uint64_t before = part->body_start;
	for (const struct wire_mime_part *child = part->child; child; child = child->next) {
		ASSERT(child->parent == part && child->depth == part->depth + 1);
		ASSERT(child->header_start >= before && child->body_end <= part->body_end);
		before = child->body_end;
	}
}

static void
check_part(const struct wire_mime_part *part, struct slice text)
{
	uint64_t lines = 0;
	ASSERT(part->header_start <= part->body_start &&
		part->body_start <= part->body_end);
	ASSERT(part->type.length > 0 && part->subtype.length > 0);
	ASSERT((part->kind == WIRE_MIME_LEAF) == !part->child);
	ASSERT(part->kind != WIRE_MIME_MESSAGE || !part->child->next);
	ASSERT(!part->parent || part->parent->kind != WIRE_MIME_MESSAGE || part->envelope);
	for (uint64_t i = part->body_start; i < part->body_end; i++)
		lines += text.data[i] == '\n';
	ASSERT(lines == part->lines);
	check_children(part);
}

static void
check_texts(struct arena *arena, const struct wire_message *message, struct slice text)
{
	const struct wire_mime_part *shown = wire_preview_part(message->top);
	if (shown)
		ASSERT(slice_is_utf8(wire_preview(arena, shown,
			slice_part(text, shown->body_start, wire_mime_part_size(shown)))));
	for (const struct wire_mime_part *part = message->top; part;
		part = wire_mime_part_next(part))
		ASSERT(slice_is_utf8(wire_mime_file_name(arena, part)));
}

/* Fed whole and in pieces the tree is the same; packed and unpacked, too. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ROOM);
	SCOPED(buffer_free) struct buffer whole = buffer_with(ROOM);
	SCOPED(buffer_free) struct buffer cut = buffer_with(ROOM);
	SCOPED(buffer_free) struct buffer again = buffer_with(ROOM);
	struct slice text = slice_of(data, size), header, same_header;
	const struct wire_message *unpacked;
	const struct wire_message *message = parse(arena, text, size ? size : 1, &header);
	const struct wire_message *pieces = parse(arena, text, size % 61 + 1, &same_header);
	uint32_t parts = 0;
	ASSERT(message->size == size && message->top->body_end == size);
	ASSERT(slice_equal(header, same_header));
	ASSERT(header.length == message->top->body_start ||
		(slice_absent(header) && message->oddities & WIRE_MIME_CAPPED));
	ASSERT(wire_header_length(text) == message->top->body_start);
	ASSERT(wire_mime_pack(message, true, &whole));
	ASSERT(wire_mime_pack(pieces, true, &cut));
	ASSERT(slice_equal(buffer_slice(&whole), buffer_slice(&cut)));
	ASSERT(wire_mime_unpack(arena, buffer_slice(&whole), 0, &unpacked) == BASE_OK);
	ASSERT(wire_mime_pack(unpacked, true, &again));
	ASSERT(slice_equal(buffer_slice(&whole), buffer_slice(&again)));
	for (const struct wire_mime_part *part = message->top; part;
		part = wire_mime_part_next(part)) {
		ASSERT(part->number == parts++);
		check_part(part, text);
	}
	ASSERT(parts == message->parts);
	check_texts(arena, message, text);
	return 0;
}
