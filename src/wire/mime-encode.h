#ifndef WIRE_MIME_ENCODE_H
#define WIRE_MIME_ENCODE_H

#include "wire/takers.h"

/*
 * A part of a message as base64 (RFC 2045 6.8), where its bytes are none that a line may
 * hold: "binary" (RFC 3516 4.4).
 */

/*
 * A part's header block, with its blank line, that says base64: the field stands where the
 * first of its name stood, others of that name go, and where there was none it comes last.
 * False past the buffer's ceiling.
 */
bool wire_header_say_base64(struct slice block, struct buffer *into);

/*
 * Bytes in pieces of any size into a sink, in lines of 76 characters with CRLF between
 * them and none behind the last. Zeroed at the start but for inner.
 */
#define WIRE_BASE64_LINE 57 /* bytes a line */
struct wire_base64_lines {
	struct wire_sink inner;
	/* private */
	char held[WIRE_BASE64_LINE];
	size_t held_length;
	bool begun;
};
struct wire_sink wire_base64_sink(struct wire_base64_lines *lines);
enum base_failure wire_base64_lines_end(struct wire_base64_lines *lines) MUST_CHECK;

#endif
