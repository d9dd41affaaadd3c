#include "base/config-internal.h"

/*
 * libconfig takes a number of more than 32 bits without complaint and keeps its lower
 * bits, unless it ends in L. So the L is put behind each that needs it.
 * It also ends the process when an included file can't be read, and reads any file that
 * a line names. So there are no includes.
 */

static bool
is_word_byte(char c)
{
	return byte_is_alpha(c) || byte_is_digit(c) || c == '_' || c == '-' || c == '*' ||
	       c == '.';
}

static size_t
length_to(struct slice rest, const char *end)
{
	size_t at = slice_find(rest, slice_of_text(end));
	return at < rest.length ? at + strlen(end) : at;
}

static size_t
string_length(struct slice rest)
{
	size_t at = 1;
	while (at < rest.length && rest.data[at] != '"')
		at += rest.data[at] == '\\' ? 2 : 1;
	return at < rest.length ? at + 1 : rest.length;
}

static size_t
word_length(struct slice rest)
{
	size_t length = 1;
	while (length < rest.length && is_word_byte(rest.data[length]))
		length++;
	return length;
}

static size_t
token_length(struct slice rest)
{
	if (rest.data[0] == '"')
		return string_length(rest);
	if (rest.data[0] == '#' || slice_starts(rest, SLICE("//")))
		return length_to(rest, "\n");
	if (slice_starts(rest, SLICE("/*")))
		return length_to(rest, "*/");
	return is_word_byte(rest.data[0]) ? word_length(rest) : 1;
}

/* The digits of a whole number, its sign and prefix cut off; absent for anything else. */
static struct slice
digits_of(struct slice token, bool *hex)
{
	if (slice_starts(token, SLICE("-")))
		token = slice_from(token, 1);
	*hex = slice_starts_nocase(token, SLICE("0x"));
	if (*hex)
		token = slice_from(token, 2);
	while (slice_ends(token, SLICE("L")))
		token.length--;
	for (size_t i = 0; i < token.length; i++)
		if (*hex ? byte_hex_value(token.data[i]) < 0
			 : !byte_is_digit(token.data[i]))
			return SLICE_NONE;
	return token;
}

static bool
fits_64_bits(struct slice digits, bool hex)
{
	uint64_t value;
	while (slice_starts(digits, SLICE("0")))
		digits = slice_from(digits, 1);
	if (hex)
		return digits.length < 16;
	return !digits.length || (slice_to_u64(digits, &value) && value <= INT64_MAX);
}

static bool
put_token(struct buffer *into, struct slice token)
{
	bool hex;
	struct slice digits = digits_of(token, &hex);
	buffer_put(into, token);
	if (slice_absent(digits) || !digits.length)
		return true;
	if (digits.length > 7 && !slice_ends(token, SLICE("L")))
		buffer_put_byte(into, 'L');
	return fits_64_bits(digits, hex);
}

static unsigned
count_lines(struct slice s)
{
	unsigned lines = 0;
	for (size_t i = 0; i < s.length; i++)
		lines += s.data[i] == '\n';
	return lines;
}

static enum base_failure
refuse_includes(
	const struct base_config *config, struct slice text, struct base_error *error)
{
	for (unsigned line = 1; !slice_absent(text); line++) {
		struct slice start = slice_trim(slice_cut(&text, '\n'));
		if (slice_starts(start, SLICE("@include")))
			return base_fail(error, BASE_INVALID,
				"%.*s:%u: @include is not supported; put it all into one "
				"file",
				SLICE_ARG(config->name), line);
	}
	return BASE_OK;
}

enum base_failure
config_prepare(const struct base_config *config, struct slice text, struct buffer *into,
	struct base_error *error)
{
	enum base_failure failure = refuse_includes(config, text, error);
	if (failure)
		return failure;
	for (unsigned line = 1; text.length;) {
		struct slice token = slice_first(text, token_length(text));
		if (!put_token(into, token))
			return base_fail(error, BASE_INVALID,
				"%.*s:%u: the number %.*s is too large",
				SLICE_ARG(config->name), line,
				SLICE_ARG(slice_first(token, 60)));
		line += count_lines(token);
		text = slice_from(text, token.length);
	}
	/* The library refuses a comment that no line end closes. */
	buffer_put(into, SLICE("\n\0"));
	ASSERT(!buffer_failed(into));
	return BASE_OK;
}
