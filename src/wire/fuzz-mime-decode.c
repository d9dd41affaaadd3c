#include "base/base.h"
#include "wire/mime-decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM ((size_t)64 << 20)

static void
decode(enum wire_encoding encoding, struct slice raw, size_t piece, struct buffer *into)
{
	struct wire_decoder decoder = wire_decoder_of(encoding);
	for (size_t at = 0; at < raw.length; at += piece)
		ASSERT(wire_decode(&decoder, slice_part(raw, at, piece), into));
	ASSERT(wire_decode_end(&decoder, into));
}

/* Any cut of the input decodes to the same, no longer than it; what was encoded comes back.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice raw = slice_of(data, size);
	for (int i = WIRE_ENCODING_IDENTITY; i <= WIRE_ENCODING_UNKNOWN; i++) {
		SCOPED(buffer_free) struct buffer whole = buffer_with(ROOM);
		SCOPED(buffer_free) struct buffer cut = buffer_with(ROOM);
		decode((enum wire_encoding)i, raw, size ? size : 1, &whole);
		decode((enum wire_encoding)i, raw, size % 7 + 1, &cut);
		ASSERT(slice_equal(buffer_slice(&whole), buffer_slice(&cut)));
		ASSERT(whole.length <= size);
	}
	SCOPED(buffer_free) struct buffer encoded = buffer_with(ROOM);
	SCOPED(buffer_free) struct buffer decoded = buffer_with(ROOM);
	base64_put(&encoded, raw);
	decode(WIRE_ENCODING_BASE64, buffer_slice(&encoded), 5, &decoded);
	ASSERT(slice_equal(buffer_slice(&decoded), raw));
	SCOPED(buffer_free) struct buffer text = buffer_with(ROOM);
	if (slice_is_utf8(raw)) {
		ASSERT(wire_html_text(raw, &text));
		ASSERT(slice_is_utf8(buffer_slice(&text)));
		buffer_clear(&text);
		ASSERT(wire_office_text(raw, &text));
		ASSERT(slice_is_utf8(buffer_slice(&text)) && text.length <= size);
	}
	return 0;
}
