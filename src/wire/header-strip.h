#ifndef WIRE_HEADER_STRIP_H
#define WIRE_HEADER_STRIP_H

#include "wire/takers.h"

/*
 * Takes whole fields out of a message's header while it passes by in pieces of any size:
 * each field of one of the names, in any case of letters, with its folds and with blanks
 * before the colon (RFC 5322 4.5), as often as it stands there. The header ends at the
 * first blank line, whatever else is in it; what follows passes as it is.
 *
 * At most one line's first WIRE_STRIP_NAME_MOST octets are kept back until it is known
 * whose they are: the end hands them over.
 */
#define WIRE_STRIP_NAME_MOST 32 /* of the names */

struct wire_header_strip {
	const struct slice *names; /* lower case; outlive it */
	size_t count;
	struct wire_sink sink;
	/* private */
	char held[WIRE_STRIP_NAME_MOST + 1];
	size_t held_length;
	bool passing_line; /* else the line's begin is being looked at */
	bool dropping;     /* the field under way */
	bool in_body;
};

void wire_header_strip_begin(struct wire_header_strip *strip, const struct slice *names,
	size_t count, struct wire_sink sink);
/* The sink's failure. */
enum base_failure wire_header_strip_add(
	struct wire_header_strip *strip, struct slice bytes) MUST_CHECK;
enum base_failure wire_header_strip_end(struct wire_header_strip *strip) MUST_CHECK;

#endif
