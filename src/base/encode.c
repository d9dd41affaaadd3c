#include "base/encode.h"
#include "base/error.h"

static const char ALPHABET[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char HEX[] = "0123456789abcdef";

static size_t
base64_length(size_t raw)
{
	ASSERT(raw <= SIZE_MAX / 2);
	return (raw + 2) / 3 * 4;
}

static uint32_t
three_bytes(struct slice raw)
{
	uint32_t bits = 0;
	for (size_t i = 0; i < 3; i++)
		bits = bits << 8 | (i < raw.length ? (unsigned char)raw.data[i] : 0);
	return bits;
}

static void
base64_write(struct slice raw, char *into)
{
	for (; raw.length; raw = slice_from(raw, 3), into += 4) {
		uint32_t bits = three_bytes(raw);
		into[0] = ALPHABET[bits >> 18];
		into[1] = ALPHABET[bits >> 12 & 63];
		into[2] = raw.length > 1 ? ALPHABET[bits >> 6 & 63] : '=';
		into[3] = raw.length > 2 ? ALPHABET[bits & 63] : '=';
	}
}

bool
base64_put(struct buffer *into, struct slice raw)
{
	size_t length = base64_length(raw.length);
	char *room = buffer_reserve(into, length);
	if (!room)
		return false;
	base64_write(raw, room);
	buffer_commit(into, length);
	return true;
}

struct slice
base64_encode(struct arena *arena, struct slice raw)
{
	size_t length = base64_length(raw.length);
	char *text = arena_take(arena, length + 1);
	base64_write(raw, text);
	return slice_of(text, length);
}

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (byte_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four digits, of which the last `padding` are "=", to 3 - padding bytes. */
static bool
decode_group(const char *digits, size_t padding, char *into)
{
	uint32_t bits = 0;
	for (size_t i = 0; i < 4; i++) {
		int value = i < 4 - padding ? base64_value(digits[i]) : 0;
		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
	}
	/* RFC 4648 3.5: bits that no byte uses must be zero, so each text is the only one.
	 */
	if (bits & ((1U << (8 * padding)) - 1))
		return false;
	for (size_t i = 0; i < 3 - padding; i++)
		into[i] = (char)(bits >> (16 - 8 * i));
	return true;
}

static size_t
padding_of(struct slice text)
{
	if (slice_ends(text, SLICE("==")))
		return 2;
	return slice_ends(text, SLICE("=")) ? 1 : 0;
}

bool
base64_decode(struct slice text, struct buffer *into)
{
	if (text.length % 4)
		return false;
	size_t padding = padding_of(text);
	size_t length = text.length / 4 * 3 - padding;
	char *room = buffer_reserve(into, length);
	if (!room)
		return false;
	for (; text.length; text = slice_from(text, 4), room += 3)
		if (!decode_group(text.data, text.length == 4 ? padding : 0, room))
			return false;
	buffer_commit(into, length);
	return true;
}

static void
hex_write(struct slice raw, char *into)
{
	for (size_t i = 0; i < raw.length; i++) {
		unsigned char byte = (unsigned char)raw.data[i];
		into[2 * i] = HEX[byte >> 4];
		into[2 * i + 1] = HEX[byte & 15];
	}
}

bool
hex_put(struct buffer *into, struct slice raw)
{
	ASSERT(raw.length <= SIZE_MAX / 2);
	char *room = buffer_reserve(into, raw.length * 2);
	if (!room)
		return false;
	hex_write(raw, room);
	buffer_commit(into, raw.length * 2);
	return true;
}

struct slice
hex_encode(struct arena *arena, struct slice raw)
{
	ASSERT(raw.length < SIZE_MAX / 2);
	char *text = arena_take(arena, raw.length * 2 + 1);
	hex_write(raw, text);
	return slice_of(text, raw.length * 2);
}

bool
hex_decode(struct slice text, struct buffer *into)
{
	if (text.length % 2)
		return false;
	char *room = buffer_reserve(into, text.length / 2);
	if (!room)
		return false;
	for (size_t i = 0; i < text.length / 2; i++) {
		int high = byte_hex_value(text.data[2 * i]);
		int low = byte_hex_value(text.data[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		room[i] = (char)(high << 4 | low);
	}
	buffer_commit(into, text.length / 2);
	return true;
}
