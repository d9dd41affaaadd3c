#ifndef WIRE_HEADER_H
#define WIRE_HEADER_H

#include "base/buffer.h"

/*
 * Header fields: RFC 5322 2.2, RFC 6532, and what real mail does. A header block is the
 * bytes from the first field to the blank line or to the end; lines end in CRLF or LF.
 * Lines that are no field ("From " of an mbox, garbage) are stepped over.
 */
struct wire_header {
	struct slice name; /* without colon and blanks before it */
	struct slice raw;  /* after the colon; with folds, without the last line end */
	struct slice all;  /* the field's lines with their line ends */
};

/* Takes the next field from *rest; false at the blank line or at the end. */
bool wire_header_next(struct slice *rest, struct wire_header *header);

/* The first field of that name (case does not matter). */
bool wire_header_find(struct slice block, struct slice name, struct wire_header *header);

/* Length of the block, with the blank line if there is one. */
size_t wire_header_length(struct slice message);

/*
 * IMAP's HEADER.FIELDS and HEADER.FIELDS.NOT (RFC 3501 6.4.5): the wanted fields as they
 * stand. The caller adds the blank line. False past the ceiling.
 */
bool wire_header_filter(struct slice block, const struct slice *names, size_t count,
	bool all_but_these, struct buffer *into);

/* Raw value on one line: line ends gone, NUL a space, trimmed. A slice of raw if it can. */
struct slice wire_unfold(struct arena *arena, struct slice raw);

/*
 * RFC 2047: a raw value as UTF-8 for people and for search. Words that can't be read stay
 * as they are; raw 8-bit is UTF-8 or windows-1252. Control characters become spaces.
 */
#define WIRE_HEADER_TEXT_LENGTH (256 * 1024) /* longer results are cut */
struct slice wire_header_text(struct arena *arena, struct slice raw);

/*
 * The way back: UTF-8 as a field's value; ASCII as it is, else encoded-words, folded. The
 * column says how far the line is already written. Line ends in the text become spaces.
 */
bool wire_header_text_put(struct buffer *into, struct slice utf8, size_t column);

/*
 * Parameters (RFC 2045 5.1, RFC 2231). Continuations are joined. The value of an extended
 * one (name*) stays encoded, charset'language'%41; wire_parameter_text decodes it. Names
 * are in lower case, without star and number.
 */
struct wire_parameter {
	struct slice name;
	struct slice value;
	bool extended;
};

struct wire_parameters {
	const struct wire_parameter *list;
	uint32_t count;
};

#define WIRE_PARAMETERS_MOST 64 /* in one field; the rest is ignored */

/* The extended one goes before the plain one. NULL when there is none. */
const struct wire_parameter *wire_parameter_find(
	const struct wire_parameters *parameters, const char *name);
/* The plain value as it stands, absent when there is none: "charset", "boundary". */
struct slice wire_parameter_value(
	const struct wire_parameters *parameters, const char *name);
/* UTF-8; RFC 2047 words, which have no place here, are decoded too. */
struct slice wire_parameter_text(
	struct arena *arena, const struct wire_parameter *parameter);

/*
 * Content-Type and Content-Disposition. Types are in lower case. False when there is
 * nothing to be read: text/plain is meant then (RFC 2045 5.2), respectively "attachment".
 */
struct wire_content_type {
	struct slice type, subtype;
	struct wire_parameters parameters;
};

struct wire_disposition {
	struct slice kind; /* "inline", "attachment"; absent without the field */
	struct wire_parameters parameters;
};

MUST_CHECK bool wire_content_type_parse(
	struct arena *arena, struct slice raw, struct wire_content_type *type);
/* False for a field that says nothing; what names no kind is an attachment. */
MUST_CHECK bool wire_disposition_parse(
	struct arena *arena, struct slice raw, struct wire_disposition *disposition);

/* One token (an encoding), or a list of them (Content-Language), comments left out. */
struct slice wire_header_token(struct slice raw);

/* "<id@host>" of a Message-ID, In-Reply-To or References value, one after the other. */
bool wire_message_id_next(struct slice *rest, struct slice *id);

#endif
