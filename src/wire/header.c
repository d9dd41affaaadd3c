#include "wire/header.h"
#include "wire/header-lex.h"

static struct slice
first_line(struct slice text)
{
	size_t end = slice_find_byte(text, '\n');
	return slice_first(text, end + 1);
}

static struct slice
without_line_end(struct slice line)
{
	if (slice_ends(line, SLICE("\n")))
		line = slice_first(line, line.length - 1);
	if (slice_ends(line, SLICE("\r")))
		line = slice_first(line, line.length - 1);
	return line;
}

static bool
begins_with_blank(struct slice line)
{
	return line.length > 0 && (line.data[0] == ' ' || line.data[0] == '\t');
}

/* The first line and those that continue it. */
static struct slice
folded_lines(struct slice block, struct slice first)
{
	size_t length = first.length;
	while (begins_with_blank(slice_from(block, length)))
		length += first_line(slice_from(block, length)).length;
	return slice_first(block, length);
}

bool
wire_header_next(struct slice *rest, struct wire_header *header)
{
	*header = (struct wire_header){SLICE_NONE, SLICE_NONE, SLICE_NONE};
	while (rest->length > 0) {
		struct slice line = first_line(*rest);
		size_t name_length, colon;
		if (wire_is_blank_line(line))
			return false;
		if (!wire_begins_field(line, &name_length, &colon)) {
			*rest = slice_from(*rest, line.length);
			continue;
		}
		header->all = folded_lines(*rest, line);
		header->name = slice_first(line, name_length);
		header->raw = without_line_end(slice_from(header->all, colon + 1));
		*rest = slice_from(*rest, header->all.length);
		return true;
	}
	return false;
}

bool
wire_header_find(struct slice block, struct slice name, struct wire_header *header)
{
	while (wire_header_next(&block, header))
		if (slice_equal_nocase(header->name, name))
			return true;
	return false;
}

size_t
wire_header_length(struct slice message)
{
	struct slice rest = message;
	if (!wire_begins_header(first_line(rest)))
		return 0;
	while (rest.length > 0) {
		struct slice line = first_line(rest);
		rest = slice_from(rest, line.length);
		if (wire_is_blank_line(line))
			break;
	}
	return message.length - rest.length;
}

static bool
is_listed(struct slice name, const struct slice *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(name, names[i]))
			return true;
	return false;
}

bool
wire_header_filter(struct slice block, const struct slice *names, size_t count,
	bool all_but_these, struct buffer *into)
{
	struct wire_header header;
	while (wire_header_next(&block, &header))
		if (is_listed(header.name, names, count) != all_but_these)
			buffer_put(into, header.all);
	return !buffer_failed(into);
}

static bool
is_one_line(struct slice s)
{
	for (size_t i = 0; i < s.length; i++)
		if (s.data[i] == '\r' || s.data[i] == '\n' || s.data[i] == '\0')
			return false;
	return true;
}

/* A line end vanishes, as what follows it begins with a blank; CR alone is a blank. */
static size_t
put_unfolded(struct slice raw, char *into)
{
	size_t length = 0;
	for (size_t i = 0; i < raw.length; i++) {
		bool ends_line = raw.data[i] == '\r' && i + 1 < raw.length &&
				 raw.data[i + 1] == '\n';
		if (raw.data[i] == '\n' || ends_line)
			continue;
		bool blank = raw.data[i] == '\r' || raw.data[i] == '\0';
		into[length++] = blank ? ' ' : raw.data[i];
	}
	return length;
}

struct slice
header_unfolded_copy(struct arena *arena, struct slice raw)
{
	struct slice trimmed = slice_trim(raw);
	char *text = arena_take(arena, trimmed.length + 1);
	return slice_trim(slice_of(text, put_unfolded(trimmed, text)));
}

struct slice
wire_unfold(struct arena *arena, struct slice raw)
{
	struct slice trimmed = slice_trim(raw);
	return is_one_line(trimmed) ? trimmed : header_unfolded_copy(arena, raw);
}

/* What may stand in a message id: nothing that ends it, no blank, no control. */
static size_t
message_id_length(struct slice text)
{
	for (size_t i = 1; i < text.length; i++) {
		if (text.data[i] == '>')
			return i + 1;
		if (text.data[i] == '<' || (unsigned char)text.data[i] < ' ')
			return 0;
	}
	return 0;
}

bool
wire_message_id_next(struct slice *rest, struct slice *id)
{
	for (;;) {
		*rest = slice_from(*rest, slice_find_byte(*rest, '<'));
		size_t length = rest->length ? message_id_length(*rest) : 0;
		*id = slice_first(*rest, length);
		*rest = slice_from(*rest, length ? length : 1);
		if (length)
			return true;
		if (rest->length == 0)
			return false;
	}
}
