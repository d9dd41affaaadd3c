#ifndef POST_SEARCH_PRESS_H
#define POST_SEARCH_PRESS_H

#include "post/search-codec.h"
#include "post/search-segment.h"

/*
 * A segment as its blob: what stands before the large lists is kept in memory when it is
 * used, so that it can be compressed, to about half; the large lists are read in parts, and
 * stay as they are. Pure.
 *
 *	magic, length of what stands before the large lists
 *	for each SEARCH_PIECE of it, the last one shorter: its stored length, it compressed
 *	the large lists
 */
#define SEARCH_PRESS_HEAD   8
#define SEARCH_PIECE_LENGTH 4
#define SEARCH_PIECE        ((size_t)1 << 20)

MUST_CHECK bool search_press(struct slice segment, struct buffer *into);

/* From the first SEARCH_PRESS_HEAD bytes. */
MUST_CHECK bool search_press_head(struct slice bytes, size_t *before_lists);
/* From the SEARCH_PIECE_LENGTH bytes before a piece. */
MUST_CHECK bool search_press_piece(struct slice bytes, size_t *stored);

#endif
