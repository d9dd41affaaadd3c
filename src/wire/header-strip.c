#include "wire/header-strip.h"

/* What the first octets of a line are. */
enum line { LINE_UNKNOWN, LINE_BLANK, LINE_FOLD, LINE_UNWANTED, LINE_OTHER };

void
wire_header_strip_begin(struct wire_header_strip *strip, const struct slice *names,
	size_t count, struct wire_sink sink)
{
	*strip = (struct wire_header_strip){.names = names, .count = count, .sink = sink};
	for (size_t i = 0; i < count; i++)
		ASSERT(names[i].length <= WIRE_STRIP_NAME_MOST);
}

/* A name and a blank is no line of another field, colon or not. */
static bool
ends_name(char byte)
{
	return byte == ':' || byte == ' ' || byte == '\t';
}

static enum line
line_of_name(const struct wire_header_strip *strip, struct slice begin)
{
	enum line line = LINE_OTHER;
	for (size_t i = 0; i < strip->count; i++) {
		struct slice name = strip->names[i];
		struct slice same = slice_first(begin, name.length);
		if (!slice_equal_nocase(same, slice_first(name, begin.length)))
			continue;
		if (begin.length <= name.length)
			line = LINE_UNKNOWN;
		else if (ends_name(begin.data[name.length]))
			return LINE_UNWANTED;
	}
	return line;
}

static enum line
line_of(const struct wire_header_strip *strip)
{
	struct slice begin = slice_of(strip->held, strip->held_length);
	switch (begin.data[0]) {
	case ' ':
	case '\t':
		return LINE_FOLD;
	case '\n':
		return LINE_BLANK;
	case '\r':
		if (begin.length == 1)
			return LINE_UNKNOWN;
		return begin.data[1] == '\n' ? LINE_BLANK : LINE_OTHER;
	default:
		return line_of_name(strip, begin);
	}
}

static void
settle_line(struct wire_header_strip *strip, enum line line, struct buffer *out)
{
	strip->in_body = line == LINE_BLANK;
	if (line != LINE_FOLD)
		strip->dropping = line == LINE_UNWANTED;
	if (!strip->dropping)
		buffer_put(out, slice_of(strip->held, strip->held_length));
	strip->held_length = 0;
	strip->passing_line = true;
}

static void
take(struct wire_header_strip *strip, char byte, struct buffer *out)
{
	if (!strip->passing_line) {
		strip->held[strip->held_length++] = byte;
		enum line line = line_of(strip);
		if (line != LINE_UNKNOWN)
			settle_line(strip, line, out);
	} else if (!strip->dropping) {
		buffer_put_byte(out, byte);
	}
	if (byte == '\n')
		strip->passing_line = false;
}

static enum base_failure
hand_over(struct wire_header_strip *strip, struct slice bytes)
{
	return bytes.length ? strip->sink.write(strip->sink.argument, bytes) : BASE_OK;
}

enum base_failure
wire_header_strip_add(struct wire_header_strip *strip, struct slice bytes)
{
	SCOPED(buffer_free)
	struct buffer out = buffer_with(bytes.length + sizeof strip->held);
	size_t at = 0;
	while (at < bytes.length && !strip->in_body)
		take(strip, bytes.data[at++], &out);
	ASSERT(!buffer_failed(&out));
	enum base_failure failure = hand_over(strip, buffer_slice(&out));
	return failure ? failure : hand_over(strip, slice_from(bytes, at));
}

enum base_failure
wire_header_strip_end(struct wire_header_strip *strip)
{
	struct slice held = slice_of(strip->held, strip->held_length);
	strip->held_length = 0;
	return hand_over(strip, held);
}
