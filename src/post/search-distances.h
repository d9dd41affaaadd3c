#ifndef POST_SEARCH_DISTANCES_H
#define POST_SEARCH_DISTANCES_H

#include "base/base.h"

/*
 * Distances between the documents of a long list in bits, not bytes (Rice's code): of each
 * so many zeros as its high bits say, a one, and its low bits. Pure.
 *
 *	how many low bits, in a byte; how many distances, a varint; they, the first lowest
 */

/* From varints. */
void search_distances_put(struct slice varints, struct buffer *into);

struct search_distances {
	struct slice bytes;
	uint64_t at; /* in bits */
	uint64_t left;
	unsigned low;
};
/* False on damage. */
MUST_CHECK bool search_distances_begin(
	struct slice bytes, struct search_distances *distances);
/* While some are left; false on damage. */
MUST_CHECK bool search_distances_next(
	struct search_distances *distances, uint64_t *distance);
/* Adds the documents, below count, to bits: all of them at once is what most want. */
MUST_CHECK bool search_distances_unite(struct slice bytes, uint32_t count, uint64_t *bits);

#endif
