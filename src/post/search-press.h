#ifndef POST_SEARCH_PRESS_H
#define POST_SEARCH_PRESS_H

#include "post/search-codec.h"
#include "post/search-segment.h"

/*
 * A segment as its blob: what stands before the signatures is kept in memory when it is
 * used, so that it can be compressed, to less than half; signatures are at random, the
 *large lists are read in parts, and both stay as they are. Pure.
 *
 *	magic, the segment's head
 *	of each of its sections, until the signatures, pieces of SEARCH_PIECE, the last one
 *	shorter: the piece's length as it is compressed, and as it was shortened before
 *	(search-shorten.h); it
 *	the signatures and the large lists
 */
#define SEARCH_PRESS_HEAD  (4 + SEARCH_SEGMENT_HEAD)
#define SEARCH_PIECE_HEAD  8
#define SEARCH_PIECE       ((size_t)240 * 4096) /* of whole records */
#define SEARCH_STORED_MOST (2 * SEARCH_PIECE)   /* also of a shortened one */

MUST_CHECK bool search_press(struct slice segment, struct buffer *into);

/* From the first SEARCH_PRESS_HEAD bytes: the segment's head, which is the first of its
 * bytes, and how many stand before the signatures. */
MUST_CHECK bool search_press_head(
	struct slice bytes, struct slice *head, size_t *before_signatures);

/* The piece behind what was restored of a segment, its head first. */
struct search_piece {
	size_t length, shortened, stored;
	unsigned section;
};
/* From the SEARCH_PIECE_HEAD bytes before it. */
MUST_CHECK bool search_press_piece(
	struct slice restored, struct slice bytes, struct search_piece *piece);
/* Appends it to what was restored. */
MUST_CHECK bool search_press_take(struct search_codec *codec,
	const struct search_piece *piece, struct slice stored, struct buffer *restored);

#endif
