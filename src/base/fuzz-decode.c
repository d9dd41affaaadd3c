#include "base/encode.h"
#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A strict decoder accepts only what its encoder writes, but for the case of hex. */
static void
decode_base64(struct slice input)
{
	SCOPED(buffer_free) struct buffer raw = buffer_with(1 << 20);
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 20);
	if (!base64_decode(input, &raw))
		return;
	ASSERT(base64_put(&text, buffer_slice(&raw)));
	ASSERT(slice_equal(buffer_slice(&text), input));
}

static void
decode_hex(struct slice input)
{
	SCOPED(buffer_free) struct buffer raw = buffer_with(1 << 20);
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 20);
	if (!hex_decode(input, &raw))
		return;
	ASSERT(hex_put(&text, buffer_slice(&raw)));
	ASSERT(slice_equal_nocase(buffer_slice(&text), input));
}

static void
encode_and_decode(struct slice raw)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(buffer_free) struct buffer back = buffer_with(1 << 20);
	ASSERT(base64_decode(base64_encode(arena, raw), &back));
	ASSERT(slice_equal(buffer_slice(&back), raw));
}

/* A second opinion: the code point decoded, then judged by value. */
static size_t
utf8_first_by_value(struct slice s)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)s.data[0];
	size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
	if (first >= 0xF8 || (first & 0xC0) == 0x80 || length > s.length)
		return 0;
	uint32_t value = length == 1 ? first : first & (0x7FU >> length);
	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)s.data[i] & 0xC0) != 0x80)
			return 0;
		value = value << 6 | ((unsigned char)s.data[i] & 0x3F);
	}
	bool surrogate = value >= 0xD800 && value <= 0xDFFF;
	return value < least[length] || value > 0x10FFFF || surrogate ? 0 : length;
}

static void
judge_utf8(struct slice input)
{
	bool valid = true;
	for (struct slice rest = input; rest.length;) {
		size_t step = slice_utf8_first(rest);
		ASSERT(step == utf8_first_by_value(rest));
		valid = valid && step;
		rest = slice_from(rest, step ? step : 1);
	}
	ASSERT(!valid || slice_is_utf8(input));
}

static void
read_record(struct slice rest)
{
	struct slice part;
	uint64_t number;
	while (take_varint(&rest, &number) && take_sized(&rest, &part))
		ASSERT(part.length <= rest.length + part.length);
	SCOPED(buffer_free) struct buffer again = buffer_with(64);
	ASSERT(buffer_put_varint(&again, number));
	struct slice written = buffer_slice(&again);
	uint64_t back;
	ASSERT(take_varint(&written, &back) && back == number && !written.length);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	uint64_t number;
	if (size > 1 << 16)
		return 0;
	decode_base64(input);
	decode_hex(input);
	encode_and_decode(input);
	judge_utf8(input);
	read_record(input);
	if (slice_to_u64(input, &number))
		ASSERT(byte_is_digit(input.data[0]));
	return 0;
}
