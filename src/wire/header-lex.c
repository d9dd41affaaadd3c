#include "wire/header-lex.h"

bool
wire_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

static bool
is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

bool
wire_is_atext(char c)
{
	return (unsigned char)c >= 0x80 || byte_is_digit(c) || byte_is_alpha(c) ||
	       is_one_of(c, "!#$%&'*+-/=?^_`{|}~");
}

bool
wire_is_token(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f && !is_one_of(c, "()<>@,;:\\\"/[]?=");
}

bool
wire_skip_comment(struct slice *rest)
{
	size_t depth = 0;
	for (size_t i = 0; i < rest->length; i++) {
		char c = rest->data[i];
		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (c == '\\')
			i++;
		if (depth == 0) {
			if (c == ')')
				*rest = slice_from(*rest, i + 1);
			return c == ')';
		}
	}
	return false;
}

void
wire_skip_cfws(struct slice *rest)
{
	while (rest->length > 0) {
		if (wire_is_blank(rest->data[0]))
			*rest = slice_from(*rest, 1);
		else if (rest->data[0] != '(')
			return;
		else if (!wire_skip_comment(rest))
			*rest = slice_from(*rest, rest->length);
	}
}

bool
wire_begins_field(struct slice line, size_t *name_length, size_t *colon)
{
	struct slice look = slice_first(line, WIRE_FIELD_NAME_LENGTH);
	size_t end = 0;
	while (end < look.length && (unsigned char)look.data[end] > ' ' &&
		look.data[end] != ':' && look.data[end] != 0x7f)
		end++;
	*name_length = end;
	while (end < look.length && (look.data[end] == ' ' || look.data[end] == '\t'))
		end++;
	*colon = end;
	return *name_length > 0 && end < look.length && look.data[end] == ':';
}

bool
wire_is_blank_line(struct slice line)
{
	return slice_equal(line, SLICE("\n")) || slice_equal(line, SLICE("\r\n"));
}

bool
wire_begins_header(struct slice line)
{
	size_t name_length, colon;
	return wire_begins_field(line, &name_length, &colon) || wire_is_blank_line(line) ||
	       slice_starts(line, SLICE("From ")) || slice_starts(line, SLICE(">From "));
}
