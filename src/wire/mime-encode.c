#include "wire/mime-encode.h"
#include "base/encode.h"
#include "wire/header.h"

#define FIELD_NAME SLICE("Content-Transfer-Encoding")
#define FIELD      SLICE("Content-Transfer-Encoding: base64\r\n")

/* --- the header -------------------------------------------------------------------------
 */

/* Lines that are no field stand between fields, and stay. */
static void
put_until(struct buffer *into, struct slice from, const char *end)
{
	if (end > from.data)
		buffer_put(into, slice_first(from, (size_t)(end - from.data)));
}

bool
wire_header_say_base64(struct slice block, struct buffer *into)
{
	struct wire_header header;
	struct slice next = block;
	bool said = false;
	for (; wire_header_next(&next, &header); block = next) {
		put_until(into, block, header.all.data);
		if (!slice_equal_nocase(header.name, FIELD_NAME)) {
			buffer_put(into, header.all);
			continue;
		}
		if (!said)
			buffer_put(into, FIELD);
		said = true;
	}
	put_until(into, block, next.data);
	if (into->length && into->data[into->length - 1] != '\n')
		buffer_put_text(into, "\r\n");
	if (!said)
		buffer_put(into, FIELD);
	return buffer_put_text(into, "\r\n");
}

/* --- the body ---------------------------------------------------------------------------
 */

static enum base_failure
put_line(struct wire_base64_lines *lines, struct slice bytes)
{
	SCOPED(buffer_free) struct buffer line = buffer_with(2 * WIRE_BASE64_LINE);
	if (lines->begun)
		buffer_put_text(&line, "\r\n");
	lines->begun = true;
	base64_put(&line, bytes);
	return lines->inner.write(lines->inner.argument, buffer_slice(&line));
}

static enum base_failure
take(void *argument, struct slice bytes)
{
	struct wire_base64_lines *lines = argument;
	enum base_failure failure = BASE_OK;
	while (bytes.length && !failure) {
		struct slice some =
			slice_first(bytes, WIRE_BASE64_LINE - lines->held_length);
		memcpy(lines->held + lines->held_length, some.data, some.length);
		lines->held_length += some.length;
		bytes = slice_from(bytes, some.length);
		if (lines->held_length < WIRE_BASE64_LINE)
			break;
		lines->held_length = 0;
		failure = put_line(lines, slice_of(lines->held, WIRE_BASE64_LINE));
	}
	return failure;
}

struct wire_sink
wire_base64_sink(struct wire_base64_lines *lines)
{
	return (struct wire_sink){take, lines};
}

enum base_failure
wire_base64_lines_end(struct wire_base64_lines *lines)
{
	size_t length = lines->held_length;
	lines->held_length = 0;
	return length ? put_line(lines, slice_of(lines->held, length)) : BASE_OK;
}
