/* Any bytes as a message: its record is made, and says the same when it is read. */
#include "post/content.h"
#include "wire/header.h"
#include "wire/mime-decode.h"

#define HEAD 17 /* octets that stand in front, as prefix and trace do */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
same_parts(const struct wire_message *message, const struct wire_message *again)
{
	const struct wire_mime_part *a = message->top, *b = again->top;
	ASSERT(again->parts == message->parts && again->size == message->size + HEAD);
	ASSERT(b->header_start == 0 && b->body_start == a->body_start + HEAD);
	for (; a && b; a = wire_mime_part_next(a), b = wire_mime_part_next(b)) {
		ASSERT(b->body_end == a->body_end + HEAD && b->lines == a->lines);
		ASSERT(slice_equal(a->type, b->type) &&
			slice_equal(a->subtype, b->subtype));
	}
	ASSERT(!a && !b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t hash[BASE_SHA256_SIZE] = {1, 2, 3};
	struct post_content_record content;
	const struct wire_message *again;
	struct slice bytes = slice_of(data, size);
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(buffer_free) struct buffer packed = buffer_with(16 * 1024 * 1024);
	const struct wire_message *message = wire_mime_parse(arena, bytes);
	struct post_content_input input = {.hash = hash,
		.message = message,
		.header = slice_first(bytes, wire_header_length(bytes)),
		.trace = SLICE("Received: x\r\n"),
		.preview_part = wire_preview_part(message->top)};
	if (input.preview_part)
		input.preview_raw =
			slice_part(bytes, (size_t)input.preview_part->body_start,
				(size_t)wire_mime_part_size(input.preview_part));
	post_content_build(&input, &packed);
	ASSERT(!post_content_unpack(buffer_slice(&packed), &content));
	ASSERT(content.size == size && slice_equal(content.trace, input.trace));
	ASSERT(slice_is_utf8(content.preview));
	ASSERT(!wire_mime_unpack(arena, content.structure, HEAD, &again));
	same_parts(message, again);
	return 0;
}
