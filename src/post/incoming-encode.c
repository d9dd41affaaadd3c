/*
 * A literal8 (RFC 3516 4.4) as a message that any client can read: parts that say
 * "binary", or hold NUL, become base64. The rest is copied, each line end a CRLF.
 */
#include "post/incoming-internal.h"
#include "wire/crlf-sink.h"
#include "wire/mime-decode.h"
#include "wire/mime-encode.h"

enum { PIECE = 32 * 1024 };

struct encoding {
	struct post_incoming *from, *to;
	struct wire_crlf_sink converter;
	uint64_t at; /* of from: what is before is in to */
};

const struct wire_message *
post_incoming_structure(struct post_incoming *incoming)
{
	if (!incoming->structure)
		incoming->structure = wire_mime_end(incoming->parser);
	return incoming->structure;
}

/* --- reading ---------------------------------------------------------------------------
 */

/* Up to room bytes from there, in memory or copied into room. */
static enum base_failure
read_piece(struct post_incoming *incoming, uint64_t at, uint64_t end, char room[PIECE],
	struct slice *piece)
{
	size_t length = end - at < PIECE ? (size_t)(end - at) : PIECE, got = 0;
	if (!incoming->spill) {
		*piece = slice_part(buffer_slice(&incoming->bytes), (size_t)at, length);
		return piece->length ? BASE_OK : BASE_DAMAGED;
	}
	enum base_failure failure =
		store_spill_read(incoming->spill, at, room, length, &got);
	*piece = slice_of(room, got);
	return failure || got ? failure : BASE_DAMAGED;
}

static enum base_failure
pass(struct post_incoming *incoming, uint64_t at, uint64_t end, struct wire_sink sink)
{
	char room[PIECE];
	enum base_failure failure = BASE_OK;
	for (struct slice piece; at < end && !failure; at += piece.length) {
		failure = read_piece(incoming, at, end, room, &piece);
		if (!failure)
			failure = sink.write(sink.argument, piece);
	}
	return failure;
}

static enum base_failure
look_for_nul(void *argument, struct slice bytes)
{
	bool *found = argument;
	*found |= slice_find_byte(bytes, '\0') < bytes.length;
	return BASE_OK;
}

static enum base_failure
has_nul(struct post_incoming *incoming, const struct wire_mime_part *part, bool *found)
{
	*found = false;
	return pass(incoming, part->body_start, part->body_end,
		(struct wire_sink){look_for_nul, found});
}

/* --- writing ---------------------------------------------------------------------------
 */

static enum base_failure
add(void *argument, struct slice bytes)
{
	struct encoding *encoding = argument;
	if (slice_find_byte(bytes, '\0') < bytes.length)
		return BASE_INVALID; /* in a header, or between parts */
	return post_incoming_add(encoding->to, bytes);
}

static enum base_failure
copy_until(struct encoding *encoding, uint64_t end)
{
	uint64_t start = encoding->at;
	encoding->at = end;
	return pass(encoding->from, start, end, wire_crlf_sink(&encoding->converter));
}

static enum base_failure
put_header(struct encoding *encoding, const struct wire_mime_part *part)
{
	SCOPED(buffer_free) struct buffer block = buffer_with(WIRE_MIME_HEADER_BYTES);
	SCOPED(buffer_free)
	struct buffer said = buffer_with(WIRE_MIME_HEADER_BYTES + PIECE);
	enum base_failure failure = pass(encoding->from, part->header_start,
		part->body_start, wire_sink_buffer(&block));
	if (failure || buffer_failed(&block) ||
		!wire_header_say_base64(buffer_slice(&block), &said))
		return failure ? failure : BASE_TOO_LARGE;
	struct wire_sink sink = wire_crlf_sink(&encoding->converter);
	return sink.write(sink.argument, buffer_slice(&said));
}

static enum base_failure
put_encoded(struct encoding *encoding, const struct wire_mime_part *part)
{
	struct wire_base64_lines lines = {.inner = wire_crlf_sink(&encoding->converter)};
	enum base_failure failure = copy_until(encoding, part->header_start);
	if (!failure)
		failure = put_header(encoding, part);
	if (!failure)
		failure = pass(encoding->from, part->body_start, part->body_end,
			wire_base64_sink(&lines));
	if (!failure)
		failure = wire_base64_lines_end(&lines);
	encoding->at = part->body_end;
	return failure;
}

static enum base_failure
encode_part(struct encoding *encoding, const struct wire_mime_part *part)
{
	bool binary = slice_equal_nocase(part->encoding, SLICE("binary"));
	enum base_failure failure = BASE_OK;
	if (part->kind != WIRE_MIME_LEAF || part->body_start == part->body_end ||
		wire_encoding_of(part->encoding) != WIRE_ENCODING_IDENTITY)
		return BASE_OK;
	if (!binary)
		failure = has_nul(encoding->from, part, &binary);
	return failure || !binary ? failure : put_encoded(encoding, part);
}

static enum base_failure
encode_all(struct encoding *encoding)
{
	const struct wire_message *message = post_incoming_structure(encoding->from);
	const struct wire_mime_part *part = message->top;
	enum base_failure failure = BASE_OK;
	for (; part && !failure; part = wire_mime_part_next(part))
		failure = encode_part(encoding, part);
	return failure ? failure : copy_until(encoding, message->size);
}

enum base_failure
post_incoming_encode(struct post_incoming *incoming)
{
	struct post_incoming *encoded = post_incoming_create(incoming->post);
	struct encoding encoding = {.from = incoming, .to = encoded};
	ASSERT(!incoming->sealed && !incoming->traced);
	encoding.converter.inner = (struct wire_sink){.write = add, .argument = &encoding};
	enum base_failure failure = encode_all(&encoding);
	if (!failure) {
		struct post_incoming raw = *incoming;
		*incoming = *encoded;
		*encoded = raw;
	}
	post_incoming_destroy(encoded);
	return failure;
}
