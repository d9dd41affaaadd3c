#ifndef WIRE_RFC2047_H
#define WIRE_RFC2047_H

#include "base/slice.h"

/* An encoded-word (RFC 2047 2), taken apart but not decoded. */
struct encoded_word {
	struct slice charset; /* without RFC 2231's language */
	char encoding;        /* 'q' or 'b' */
	struct slice text;
	size_t length; /* of all of it */
};

/* s begins with "=?". False when no whole word stands there. Looks no further than it must.
 */
bool encoded_word_parse(struct slice s, struct encoded_word *word);

#endif
