#include "base/base.h"
#include "wire/header.h"
#include "wire/mime-decode.h"
#include "wire/mime-encode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum base_failure
take(struct wire_base64_lines *lines, struct slice bytes)
{
	struct wire_sink sink = wire_base64_sink(lines);
	return sink.write(sink.argument, bytes);
}

/* What was encoded, in pieces of any size, is read back as it was. */
static void
check_body(struct slice bytes, size_t piece)
{
	SCOPED(buffer_free) struct buffer encoded = buffer_with(bytes.length * 2 + 16);
	SCOPED(buffer_free) struct buffer decoded = buffer_with(bytes.length * 2 + 4096);
	struct wire_base64_lines lines = {.inner = wire_sink_buffer(&encoded)};
	for (struct slice rest = bytes; rest.length; rest = slice_from(rest, piece))
		ASSERT(!take(&lines, slice_first(rest, piece)));
	ASSERT(!wire_base64_lines_end(&lines));
	struct wire_decoder decoder = wire_decoder_of(WIRE_ENCODING_BASE64);
	ASSERT(wire_decode(&decoder, buffer_slice(&encoded), &decoded) &&
		wire_decode_end(&decoder, &decoded));
	ASSERT(slice_equal(buffer_slice(&decoded), bytes));
}

/* The field is there, once, and all others are as they were. */
static void
check_header(struct slice block)
{
	const struct slice name = SLICE("Content-Transfer-Encoding");
	SCOPED(buffer_free) struct buffer said = buffer_with(block.length + 100);
	SCOPED(buffer_free) struct buffer before = buffer_with(block.length + 100);
	SCOPED(buffer_free) struct buffer after = buffer_with(block.length + 100);
	struct wire_header header;
	ASSERT(wire_header_say_base64(block, &said));
	ASSERT(wire_header_find(buffer_slice(&said), name, &header));
	ASSERT(slice_equal(header.raw, SLICE(" base64")));
	ASSERT(wire_header_filter(block, &name, 1, true, &before));
	ASSERT(wire_header_filter(buffer_slice(&said), &name, 1, true, &after));
	ASSERT(slice_starts(buffer_slice(&after), buffer_slice(&before)));
}

/* The first octet says how large the pieces are. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct slice bytes = slice_of(data + 1, size - 1);
	check_body(bytes, 1 + data[0] % 100);
	check_header(slice_first(bytes, wire_header_length(bytes)));
	return 0;
}
