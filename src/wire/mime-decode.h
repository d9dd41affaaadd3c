#ifndef WIRE_MIME_DECODE_H
#define WIRE_MIME_DECODE_H

#include "wire/mime.h"

/*
 * Content-Transfer-Encoding undone as bytes pass (RFC 2045 6). Tolerant: base64 steps over
 * what is not in its alphabet and goes on behind padding; quoted-printable leaves a broken
 * "=" as it is. Output is never longer than input.
 */
enum wire_encoding {
	WIRE_ENCODING_IDENTITY, /* 7bit, 8bit, binary, absent */
	WIRE_ENCODING_BASE64,
	WIRE_ENCODING_QUOTED_PRINTABLE,
	WIRE_ENCODING_UNKNOWN, /* passed as it is; BINARY says UNKNOWN-CTE */
};

enum wire_encoding wire_encoding_of(struct slice name);

#define WIRE_DECODER_HELD 80

struct wire_decoder {
	enum wire_encoding encoding;
	uint32_t bits;                /* base64: sextets not yet given out … */
	unsigned count;               /* … and how many */
	char held[WIRE_DECODER_HELD]; /* quoted-printable: "=X", or blanks before a line end
				       */
	unsigned held_length;
};

struct wire_decoder wire_decoder_of(enum wire_encoding encoding);
/* False past the buffer's ceiling. */
bool wire_decode(struct wire_decoder *decoder, struct slice piece, struct buffer *into);
bool wire_decode_end(struct wire_decoder *decoder, struct buffer *into);

/*
 * A part's text in UTF-8, from the raw bytes of its body (all or the first of them):
 * decoded, from its charset, HTML without tags. For search, and for previews.
 */
bool wire_mime_text(
	const struct wire_mime_part *part, struct slice raw, struct buffer *into);

/* HTML to text: tags gone, entities read, script and style left out, blocks apart. */
bool wire_html_text(struct slice utf8, struct buffer *into);
/*
 * The same of the XML inside office documents, several one behind the other. Not longer
 * than what goes in.
 */
bool wire_office_text(struct slice xml, struct buffer *into);

/*
 * A preview (RFC 8970): the first text of a message, blanks squeezed, at most
 * WIRE_PREVIEW_CHARACTERS. Ask which part, then hand in the first bytes of its body.
 */
#define WIRE_PREVIEW_CHARACTERS 200
#define WIRE_PREVIEW_RAW        (64 * 1024) /* enough bytes of the body */
const struct wire_mime_part *wire_preview_part(const struct wire_mime_part *top);
struct slice wire_preview(
	struct arena *arena, const struct wire_mime_part *part, struct slice raw);

#endif
