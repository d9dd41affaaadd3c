#ifndef POST_SEARCH_SHORTEN_H
#define POST_SEARCH_SHORTEN_H

#include "base/base.h"

/*
 * Parts of a segment in a form that compresses better. Pure; whatever the bytes are, what
 * was shortened can be restored.
 */

/*
 * Sorted lines: of each how many of the first bytes of the one before it has, a byte; then
 * the rests, one behind the other, each with its '\n'.
 */
void search_lines_shorten(struct slice lines, struct buffer *into);
/* Appends; false when they are not exactly so many bytes. */
MUST_CHECK bool search_lines_restore(
	struct slice shortened, size_t length, struct buffer *into);

/*
 * Records of big-endian numbers of four bytes: the first byte of the first number of each
 * record, then the second one of each … what is left over behind the last record as it is.
 */
struct search_records {
	unsigned numbers; /* of a record, SEARCH_NUMBERS_MOST at most */
	unsigned rising;  /* a bit for each that is kept as what it is more than before */
};
#define SEARCH_NUMBERS_MOST 6
void search_records_shorten(
	struct slice bytes, struct search_records records, struct buffer *into);
/* Of as many bytes; appends. */
void search_records_restore(
	struct slice shortened, struct search_records records, struct buffer *into);

#endif
