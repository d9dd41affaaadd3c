#include "base/encode.h"
#include "wire/charset-utf8.h"
#include "wire/charset.h"
#include "wire/header.h"

#define LINE_LENGTH 76 /* RFC 2047 2: of a line with an encoded-word */
#define WORD_FRAME           \
	(sizeof "=?utf-8?q?" \
		"?=" -       \
		1)
#define CHARACTER_MOST (sizeof "=F0=9F=93=A7" - 1)
#define FOLD           SLICE("\r\n ")

static bool
is_safe_in_q(char c)
{
	return byte_is_digit(c) || byte_is_alpha(c) || c == '!' || c == '*' || c == '+' ||
	       c == '-' || c == '/';
}

static size_t
q_length(struct slice utf8)
{
	size_t length = 0;
	for (size_t i = 0; i < utf8.length; i++)
		length += utf8.data[i] == ' ' || is_safe_in_q(utf8.data[i]) ? 1 : 3;
	return length;
}

static size_t
b_length(struct slice utf8)
{
	return (utf8.length + 2) / 3 * 4;
}

static size_t
encoded_length(struct slice utf8, bool in_q)
{
	return in_q ? q_length(utf8) : b_length(utf8);
}

static void
put_q(struct buffer *into, struct slice utf8)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < utf8.length; i++) {
		unsigned char c = (unsigned char)utf8.data[i];
		char escaped[3] = {'=', digits[c >> 4], digits[c & 15]};
		if (c == ' ')
			buffer_put_byte(into, '_');
		else if (is_safe_in_q((char)c))
			buffer_put_byte(into, (char)c);
		else
			buffer_put(into, slice_of(escaped, sizeof escaped));
	}
}

/* As many whole characters as fit, at least one. */
static struct slice
start_that_fits(struct slice utf8, size_t room, bool in_q)
{
	size_t length = utf8_run_of(utf8).length;
	while (length < utf8.length) {
		size_t more = length + utf8_run_of(slice_from(utf8, length)).length;
		if (encoded_length(slice_first(utf8, more), in_q) > room)
			break;
		length = more;
	}
	return slice_first(utf8, length);
}

static void
put_word(struct buffer *into, struct slice utf8, bool in_q)
{
	buffer_put(into, in_q ? SLICE("=?utf-8?q?") : SLICE("=?utf-8?b?"));
	if (in_q)
		put_q(into, utf8);
	else
		base64_put(into, utf8);
	buffer_put(into, SLICE("?="));
}

static void
put_words(struct buffer *into, struct slice utf8, size_t column)
{
	bool in_q = q_length(utf8) <= b_length(utf8);
	while (utf8.length > 0) {
		if (column + WORD_FRAME + CHARACTER_MOST > LINE_LENGTH) {
			buffer_put(into, FOLD);
			column = 1;
		}
		size_t room = LINE_LENGTH - (column ? column : 1) - WORD_FRAME;
		struct slice start = start_that_fits(utf8, room, in_q);
		put_word(into, start, in_q);
		utf8 = slice_from(utf8, start.length);
		column = LINE_LENGTH;
	}
}

/* Folds at blanks only, and never so that a line would hold nothing else. */
static void
put_ascii(struct buffer *into, struct slice text, size_t column)
{
	while (text.length > 0) {
		size_t word = slice_find_byte(slice_from(text, 1), ' ') + 1;
		if (text.data[0] == ' ' && column + word > LINE_LENGTH && column > 1 &&
			word > 1) {
			buffer_put(into, SLICE("\r\n"));
			column = 0;
		}
		buffer_put(into, slice_first(text, word));
		column += word;
		text = slice_from(text, word);
	}
}

bool
wire_header_text_put(struct buffer *into, struct slice utf8, size_t column)
{
	SCOPED(buffer_free) struct buffer valid = buffer_with(WIRE_HEADER_TEXT_LENGTH);
	wire_put_valid_utf8(utf8, &valid);
	for (size_t i = 0; i < valid.length; i++)
		if ((unsigned char)valid.data[i] < ' ' || valid.data[i] == 0x7f)
			valid.data[i] = ' ';
	struct slice text = slice_trim(buffer_slice(&valid));
	if (!slice_is_ascii(text) || slice_find(text, SLICE("=?")) < text.length)
		put_words(into, text, column);
	else
		put_ascii(into, text, column);
	return !buffer_failed(into);
}
