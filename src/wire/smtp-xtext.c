#include "wire/smtp-xtext.h"

static bool
is_plain(char c)
{
	return c > ' ' && c < 0x7f && c != '+' && c != '=';
}

static bool
is_control(uint32_t c)
{
	return c < ' ' || (c >= 0x7f && c < 0xa0);
}

/* One character of xtext; -1 when it is none. */
static int
take_xtext_char(struct slice *rest)
{
	char c = rest->data[0];
	if (is_plain(c)) {
		*rest = slice_from(*rest, 1);
		return c;
	}
	if (c != '+' || rest->length < 3)
		return -1;
	int high = byte_hex_value(rest->data[1]), low = byte_hex_value(rest->data[2]);
	*rest = slice_from(*rest, 3);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool
wire_xtext_decode(struct slice xtext, struct arena *arena, struct slice *text)
{
	*text = SLICE_NONE;
	char *decoded = arena_try(arena, xtext.length + 1);
	if (!decoded)
		return false;
	size_t length = 0;
	while (xtext.length > 0) {
		int c = take_xtext_char(&xtext);
		if (c < ' ' || c == 0x7f)
			return false;
		decoded[length++] = (char)c;
	}
	*text = slice_of(decoded, length);
	return true;
}

bool
wire_xtext_put(struct buffer *into, struct slice text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (is_plain(text.data[i]))
			buffer_put_byte(into, text.data[i]);
		else
			buffer_printf(into, "+%02X", (unsigned char)text.data[i]);
	}
	return !buffer_failed(into);
}

/* "{E9}" behind "\x": a scalar value of two to six digits; 0 when it is none. */
static uint32_t
take_hexpoint(struct slice *rest)
{
	struct slice digits = *rest;
	size_t end = slice_find_byte(digits, '}');
	if (end == digits.length || end < 3 || end > 7 || digits.data[0] != '{')
		return 0;
	uint32_t c = 0;
	for (size_t i = 1; i < end; i++) {
		int value = byte_hex_value(digits.data[i]);
		if (value < 0)
			return 0;
		c = c * 16 + (uint32_t)value;
	}
	*rest = slice_from(digits, end + 1);
	bool scalar = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
	return scalar && !is_control(c) ? c : 0;
}

static void
put_code_point(struct buffer *utf8, uint32_t c)
{
	if (c < 0x80) {
		buffer_put_byte(utf8, (char)c);
	} else if (c < 0x800) {
		buffer_put_byte(utf8, (char)(0xc0 | c >> 6));
	} else if (c < 0x10000) {
		buffer_put_byte(utf8, (char)(0xe0 | c >> 12));
		buffer_put_byte(utf8, (char)(0x80 | (c >> 6 & 0x3f)));
	} else {
		buffer_put_byte(utf8, (char)(0xf0 | c >> 18));
		buffer_put_byte(utf8, (char)(0x80 | (c >> 12 & 0x3f)));
		buffer_put_byte(utf8, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	if (c >= 0x80)
		buffer_put_byte(utf8, (char)(0x80 | (c & 0x3f)));
}

/* U+0080 to U+009F are control characters. */
bool
wire_utf8_address_is_one(struct slice utf8)
{
	for (size_t i = 0; i + 1 < utf8.length; i++)
		if (utf8.data[i] == '\xc2' && (unsigned char)utf8.data[i + 1] < 0xa0)
			return false;
	return slice_is_utf8(utf8);
}

static bool
decode_utf8_address(struct slice encoded, struct buffer *utf8)
{
	while (encoded.length > 0) {
		if (slice_starts(encoded, SLICE("\\x"))) {
			encoded = slice_from(encoded, 2);
			uint32_t c = take_hexpoint(&encoded);
			if (c == 0)
				return false;
			put_code_point(utf8, c);
			continue;
		}
		char c = encoded.data[0];
		if (!(c & 0x80) && (!is_plain(c) || c == '\\'))
			return false;
		buffer_put_byte(utf8, c);
		encoded = slice_from(encoded, 1);
	}
	return wire_utf8_address_is_one(buffer_slice(utf8));
}

bool
wire_utf8_address_decode(struct slice encoded, struct arena *arena, struct slice *utf8)
{
	*utf8 = SLICE_NONE;
	SCOPED(buffer_free) struct buffer decoded = buffer_with(encoded.length);
	if (!decode_utf8_address(encoded, &decoded) ||
		!arena_has_room(arena, decoded.length + 1))
		return false;
	*utf8 = arena_copy(arena, buffer_slice(&decoded));
	return true;
}

/* The code point at the front of valid UTF-8. */
static uint32_t
take_code_point(struct slice *utf8)
{
	size_t length = slice_utf8_first(*utf8);
	unsigned char first = (unsigned char)utf8->data[0];
	uint32_t c = length == 1 ? first : first & (0x7fU >> length);
	for (size_t i = 1; i < length; i++)
		c = c << 6 | ((unsigned char)utf8->data[i] & 0x3f);
	*utf8 = slice_from(*utf8, length);
	return c;
}

bool
wire_utf8_address_put(struct buffer *into, struct slice utf8)
{
	if (!wire_utf8_address_is_one(utf8))
		return false;
	while (utf8.length > 0) {
		uint32_t c = take_code_point(&utf8);
		if (c < 0x80 && is_plain((char)c) && c != '\\')
			buffer_put_byte(into, (char)c);
		else
			buffer_printf(into, "\\x{%02X}", c);
	}
	return !buffer_failed(into);
}
