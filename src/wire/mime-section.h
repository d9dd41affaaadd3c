#ifndef WIRE_MIME_SECTION_H
#define WIRE_MIME_SECTION_H

#include "wire/imap-fetch.h"
#include "wire/mime.h"

/*
 * IMAP's sections (RFC 3501 6.4.5, RFC 9051 6.4.5) to bytes: "1.2.HEADER" of the message
 * with that top part. A section that begins at 0 includes the message's own header.
 */
struct wire_section_range {
	uint64_t start, end;
	const struct wire_mime_part *part; /* whose bytes these are */
};

/*
 * For HEADER.FIELDS the range is the whole header block, for wire_header_filter. False when
 * the message has no such section: IMAP answers NIL.
 */
bool wire_section_find(const struct wire_mime_part *top,
	const struct wire_imap_section *section, struct wire_section_range *range);

/* The part with that number path: {1, 2} of "1.2"; NULL when there is none. */
const struct wire_mime_part *wire_section_part(
	const struct wire_mime_part *top, const uint32_t *path, size_t length);

#endif
