#include "wire/utf7.h"

static const char ALPHABET[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static bool
is_printable(uint32_t c)
{
	return c >= 0x20 && c <= 0x7e;
}

static int
digit_value(char c)
{
	const char *found = c ? strchr(ALPHABET, c) : NULL;
	return found ? (int)(found - ALPHABET) : -1;
}

static bool
put_code_point(struct buffer *utf8, uint32_t c)
{
	char bytes[4];
	size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char FIRST[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = length - 1; i > 0; i--, c >>= 6)
		bytes[i] = (char)(0x80 | (c & 0x3f));
	bytes[0] = (char)(FIRST[length] | c);
	return buffer_put(utf8, slice_of(bytes, length));
}

/* One UTF-16 unit of a run. *high is a surrogate that waits for its other half, or 0. */
static bool
put_unit(struct buffer *utf8, uint32_t unit, uint32_t *high)
{
	bool is_low = unit >= 0xdc00 && unit <= 0xdfff;
	if (is_low != (*high != 0) || unit == 0 || is_printable(unit))
		return false;
	if (is_low) {
		uint32_t c = 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00);
		*high = 0;
		return put_code_point(utf8, c);
	}
	if (unit >= 0xd800 && unit <= 0xdbff) {
		*high = unit;
		return true;
	}
	return put_code_point(utf8, unit);
}

/* The base64 between "&" and "-". */
static bool
decode_run(struct slice digits, struct buffer *utf8)
{
	uint32_t bits = 0, high = 0;
	unsigned count = 0;
	for (size_t i = 0; i < digits.length; i++) {
		int value = digit_value(digits.data[i]);
		if (value < 0)
			return false;
		bits = (bits << 6 | (uint32_t)value) & 0x3fffff;
		count += 6;
		if (count < 16)
			continue;
		count -= 16;
		if (!put_unit(utf8, bits >> count & 0xffff, &high))
			return false;
	}
	return high == 0 && count < 6 && (bits & ((1U << count) - 1)) == 0;
}

/* What begins with "&". */
static bool
decode_shift(struct slice *rest, struct buffer *utf8)
{
	size_t end = slice_find_byte(*rest, '-');
	if (end == rest->length)
		return false;
	struct slice digits = slice_part(*rest, 1, end - 1);
	*rest = slice_from(*rest, end + 1);
	if (digits.length == 0)
		return buffer_put_byte(utf8, '&');
	bool touches = rest->length > 1 && rest->data[0] == '&' && rest->data[1] != '-';
	return !touches && decode_run(digits, utf8);
}

bool
wire_utf7_decode(struct slice encoded, struct buffer *utf8)
{
	while (encoded.length > 0) {
		char c = encoded.data[0];
		if (c == '&') {
			if (!decode_shift(&encoded, utf8))
				return false;
			continue;
		}
		if (!is_printable((unsigned char)c) || !buffer_put_byte(utf8, c))
			return false;
		encoded = slice_from(encoded, 1);
	}
	return true;
}

/* The first code point of valid UTF-8. */
static uint32_t
take_code_point(struct slice *utf8)
{
	unsigned char first = (unsigned char)utf8->data[0];
	size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t c = length == 1 ? first : first & (0x7fU >> length);
	for (size_t i = 1; i < length; i++)
		c = c << 6 | ((unsigned char)utf8->data[i] & 0x3f);
	*utf8 = slice_from(*utf8, length);
	return c;
}

struct run {
	struct buffer *encoded;
	uint32_t bits;
	unsigned count;
	bool open;
};

static void
run_add(struct run *run, uint32_t unit)
{
	if (!run->open)
		buffer_put_byte(run->encoded, '&');
	run->open = true;
	run->bits = (run->bits & 0x3f) << 16 | unit;
	run->count += 16;
	while (run->count >= 6) {
		run->count -= 6;
		buffer_put_byte(run->encoded, ALPHABET[run->bits >> run->count & 0x3f]);
	}
}

static void
run_close(struct run *run)
{
	if (!run->open)
		return;
	if (run->count > 0)
		buffer_put_byte(
			run->encoded, ALPHABET[run->bits << (6 - run->count) & 0x3f]);
	buffer_put_byte(run->encoded, '-');
	run->count = 0;
	run->open = false;
}

static void
encode_code_point(struct run *run, uint32_t c)
{
	if (is_printable(c)) {
		run_close(run);
		buffer_put(run->encoded,
			c == '&' ? SLICE("&-") : slice_of(&(char){(char)c}, 1));
	} else if (c < 0x10000) {
		run_add(run, c);
	} else {
		run_add(run, 0xd800 + ((c - 0x10000) >> 10));
		run_add(run, 0xdc00 + ((c - 0x10000) & 0x3ff));
	}
}

bool
wire_utf7_encode(struct slice utf8, struct buffer *encoded)
{
	if (!slice_is_utf8(utf8) || slice_find_byte(utf8, '\0') < utf8.length)
		return false;
	struct run run = {.encoded = encoded};
	while (utf8.length > 0)
		encode_code_point(&run, take_code_point(&utf8));
	run_close(&run);
	return !buffer_failed(encoded);
}
