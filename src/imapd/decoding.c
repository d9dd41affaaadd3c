#include "imapd/decoding.h"
#include "wire/imap-response.h"

enum { PIECE = 16 * 1024 };

static enum base_failure
decode_pieces(struct base_source *source, struct wire_decoder *decoder, struct buffer *into,
	uint64_t length)
{
	char piece[PIECE];
	while (length) {
		size_t room = length < sizeof piece ? (size_t)length : sizeof piece;
		size_t got = source->pull(source, piece, room);
		if (got == BASE_SOURCE_FAILED || got == 0)
			return BASE_DAMAGED;
		if (!wire_decode(decoder, slice_of(piece, got), into))
			return BASE_TOO_LARGE;
		length -= got;
	}
	return wire_decode_end(decoder, into) ? BASE_OK : BASE_TOO_LARGE;
}

enum base_failure
imapd_decode(struct base_source *owned, uint64_t length, enum wire_encoding encoding,
	struct buffer *into)
{
	struct wire_decoder decoder = wire_decoder_of(encoding);
	enum base_failure failure = decode_pieces(owned, &decoder, into, length);
	owned->close(owned);
	return failure;
}

bool
imapd_put_decoded_head(struct buffer *into, struct slice bytes)
{
	if (bytes.length && memchr(bytes.data, 0, bytes.length))
		buffer_put_byte(into, '~');
	return wire_imap_put_literal_head(into, bytes.length);
}
