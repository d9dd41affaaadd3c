#ifndef POST_SORTING_H
#define POST_SORTING_H

#include "base/base.h"

/*
 * Sorts a million things by steps, each of at most POST_SORTING_STEP comparisons, as a
 * worker does nothing for longer than some milliseconds. Merging from the bottom; what is
 * equal keeps its order.
 */
#define POST_SORTING_STEP 8192

typedef int post_sorting_compare(const void *a, const void *b, void *argument);

struct post_sorting {
	const void **things, **others; /* each has room for count; the caller's */
	size_t count;
	post_sorting_compare *compare;
	void *argument;
	size_t width, start, left, right, put; /* of the merge that is under way */
};

struct post_sorting post_sorting_of(const void **things, const void **others, size_t count,
	post_sorting_compare *compare, void *argument);
/* False: done, and `things` is the array that holds them in order. */
bool post_sorting_step(struct post_sorting *sorting);

#endif
