#ifndef WIRE_MIME_SECTION_H
#define WIRE_MIME_SECTION_H

#include "wire/mime.h"

/*
 * IMAP's sections (RFC 3501 6.4.5, RFC 9051 6.4.5): from "1.2.HEADER" to the bytes.
 */
enum wire_section_text {
	WIRE_SECTION_ALL, /* BODY[] or BODY[1.2] */
	WIRE_SECTION_HEADER,
	WIRE_SECTION_HEADER_FIELDS,
	WIRE_SECTION_HEADER_FIELDS_NOT,
	WIRE_SECTION_TEXT,
	WIRE_SECTION_MIME,
};

struct wire_section {
	const uint32_t *path; /* from 1 */
	uint32_t path_length; /* 0: the message */
	enum wire_section_text text;
	const struct slice *fields; /* of HEADER.FIELDS and .NOT */
	uint32_t field_count;
};

struct wire_section_range {
	uint64_t start, end;
	const struct wire_part *part; /* whose bytes these are */
	/* Begins with the message's own header: what is kept in front of the blob (prefix,
	   trace) comes first. */
	bool with_top_header;
};

/*
 * For HEADER.FIELDS the range is the whole header block, for wire_header_filter. False when
 * the message has no such section: IMAP answers NIL.
 */
bool wire_section_find(const struct wire_message *message,
	const struct wire_section *section, struct wire_section_range *range);

/*
 * Reads the text between the brackets up to the field list: "", "1.2", "TEXT", "1.MIME",
 * "2.HEADER.FIELDS". False when it is not a section.
 */
#define WIRE_SECTION_PATH 101 /* numbers; a longer path finds nothing in any message */
MUST_CHECK bool wire_section_parse(
	struct arena *arena, struct slice text, struct wire_section *section);

#endif
