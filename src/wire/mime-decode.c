#include "wire/mime-decode.h"
#include "wire/header-lex.h"

enum wire_encoding
wire_encoding_of(struct slice name)
{
	static const struct {
		const char *name;
		enum wire_encoding encoding;
	} encodings[] = {
		{"7bit", WIRE_ENCODING_IDENTITY},
		{"8bit", WIRE_ENCODING_IDENTITY},
		{"binary", WIRE_ENCODING_IDENTITY},
		{"base64", WIRE_ENCODING_BASE64},
		{"quoted-printable", WIRE_ENCODING_QUOTED_PRINTABLE},
	};
	struct slice token = wire_header_token(name);
	if (token.length == 0)
		return WIRE_ENCODING_IDENTITY;
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
		if (slice_equal_nocase(token, slice_of_text(encodings[i].name)))
			return encodings[i].encoding;
	return WIRE_ENCODING_UNKNOWN;
}

struct wire_decoder
wire_decoder_of(enum wire_encoding encoding)
{
	return (struct wire_decoder){.encoding = encoding};
}

/* The value of a base64 digit plus one; 0 for what is none. */
static const unsigned char digits[256] = {['A'] = 1,
	2,
	3,
	4,
	5,
	6,
	7,
	8,
	9,
	10,
	11,
	12,
	13,
	14,
	15,
	16,
	17,
	18,
	19,
	20,
	21,
	22,
	23,
	24,
	25,
	26,
	['a'] = 27,
	28,
	29,
	30,
	31,
	32,
	33,
	34,
	35,
	36,
	37,
	38,
	39,
	40,
	41,
	42,
	43,
	44,
	45,
	46,
	47,
	48,
	49,
	50,
	51,
	52,
	['0'] = 53,
	54,
	55,
	56,
	57,
	58,
	59,
	60,
	61,
	62,
	['+'] = 63,
	['/'] = 64};

/* What has been gathered of a group of four digits: whole bytes of it. */
static char *
give_out_bits(struct wire_decoder *decoder, char *out)
{
	if (decoder->count == 2)
		decoder->bits >>= 4;
	if (decoder->count == 3)
		decoder->bits >>= 2;
	for (unsigned left = decoder->count; left > 1; left--)
		*out++ = (char)(decoder->bits >> (8 * (left - 2)));
	decoder->bits = 0;
	decoder->count = 0;
	return out;
}

static char *
decode_base64(struct wire_decoder *decoder, struct slice piece, char *out)
{
	for (size_t i = 0; i < piece.length; i++) {
		unsigned char digit = digits[(unsigned char)piece.data[i]];
		if (digit) {
			decoder->bits = decoder->bits << 6 | (digit - 1U);
			decoder->count++;
		}
		if (decoder->count == 4 || piece.data[i] == '=')
			out = give_out_bits(decoder, out);
	}
	return out;
}

static bool
is_line_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char *
give_out_held(struct wire_decoder *decoder, char *out)
{
	memcpy(out, decoder->held, decoder->held_length);
	out += decoder->held_length;
	decoder->held_length = 0;
	return out;
}

static void
hold(struct wire_decoder *decoder, char c)
{
	decoder->held[decoder->held_length++] = c;
}

/* Behind "=": two hex digits are a byte, blanks and a line end a soft break. */
static bool
goes_on_behind_equals(const struct wire_decoder *decoder, char c)
{
	char last = decoder->held[decoder->held_length - 1];
	if (decoder->held_length == 1 && byte_hex_value(c) >= 0)
		return true;
	if (byte_hex_value(last) >= 0)
		return byte_hex_value(c) >= 0;
	return last != '\r' ? is_line_blank(c) || c == '\r' || c == '\n' : c == '\n';
}

static char *
decode_behind_equals(struct wire_decoder *decoder, char c, char *out)
{
	hold(decoder, c);
	if (c == '\n') {
		decoder->held_length = 0;
	} else if (decoder->held_length == 3 && byte_hex_value(decoder->held[1]) >= 0) {
		*out++ = (char)(byte_hex_value(decoder->held[1]) << 4 | byte_hex_value(c));
		decoder->held_length = 0;
	}
	return out;
}

static char *
decode_printable_byte(struct wire_decoder *decoder, char c, char *out)
{
	bool escape = decoder->held_length > 0 && decoder->held[0] == '=';
	if (escape && goes_on_behind_equals(decoder, c) &&
		decoder->held_length < WIRE_DECODER_HELD)
		return decode_behind_equals(decoder, c, out);
	/* RFC 2045 6.7 (3): blanks at the end of a line are not of the text. */
	if (!escape && (c == '\r' || c == '\n'))
		decoder->held_length = 0;
	bool more_blanks = !escape && is_line_blank(c);
	if (!more_blanks || decoder->held_length == WIRE_DECODER_HELD)
		out = give_out_held(decoder, out);
	if (c == '=' || is_line_blank(c))
		hold(decoder, c);
	else
		*out++ = c;
	return out;
}

static char *
decode_quoted_printable(struct wire_decoder *decoder, struct slice piece, char *out)
{
	for (size_t i = 0; i < piece.length; i++) {
		char c = piece.data[i];
		if (decoder->held_length == 0 && c != '=' && !is_line_blank(c))
			*out++ = c;
		else
			out = decode_printable_byte(decoder, c, out);
	}
	return out;
}

bool
wire_decode(struct wire_decoder *decoder, struct slice piece, struct buffer *into)
{
	if (decoder->encoding != WIRE_ENCODING_BASE64 &&
		decoder->encoding != WIRE_ENCODING_QUOTED_PRINTABLE)
		return buffer_put(into, piece);
	/* Two bytes of four digits may be given out by a piece of one byte. */
	char *start = buffer_reserve(into, piece.length + WIRE_DECODER_HELD);
	if (!start)
		return false;
	char *end = decoder->encoding == WIRE_ENCODING_BASE64
			    ? decode_base64(decoder, piece, start)
			    : decode_quoted_printable(decoder, piece, start);
	buffer_commit(into, (size_t)(end - start));
	return true;
}

bool
wire_decode_end(struct wire_decoder *decoder, struct buffer *into)
{
	char *start = buffer_reserve(into, WIRE_DECODER_HELD);
	if (!start)
		return false;
	char *end = start;
	bool broken_escape =
		decoder->held_length > 1 && byte_hex_value(decoder->held[1]) >= 0;
	if (decoder->encoding == WIRE_ENCODING_BASE64)
		end = give_out_bits(decoder, start);
	else if (broken_escape)
		end = give_out_held(decoder, start);
	decoder->held_length = 0;
	buffer_commit(into, (size_t)(end - start));
	return true;
}
