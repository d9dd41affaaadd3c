#include "post/sorting.h"

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void
begin_pair(struct post_sorting *sorting, size_t start)
{
	sorting->start = sorting->left = sorting->put = start;
	sorting->right = least(start + sorting->width, sorting->count);
}

struct post_sorting
post_sorting_of(const void **things, const void **others, size_t count,
	post_sorting_compare *compare, void *argument)
{
	struct post_sorting sorting = {.things = things,
		.others = others,
		.count = count,
		.compare = compare,
		.argument = argument,
		.width = 1};
	begin_pair(&sorting, 0);
	return sorting;
}

static void
end_pair(struct post_sorting *sorting, size_t end)
{
	if (end < sorting->count) {
		begin_pair(sorting, end);
		return;
	}
	const void **merged = sorting->others;
	sorting->others = sorting->things;
	sorting->things = merged;
	sorting->width *= 2;
	begin_pair(sorting, 0);
}

/* One thing goes to its place in the pair of runs that is being merged. */
static void
move(struct post_sorting *sorting)
{
	const void **from = sorting->things;
	size_t middle = least(sorting->start + sorting->width, sorting->count);
	size_t end = least(sorting->start + 2 * sorting->width, sorting->count);
	bool takes_left = sorting->left < middle &&
			  (sorting->right >= end ||
				  sorting->compare(from[sorting->left],
					  from[sorting->right], sorting->argument) <= 0);
	size_t taken = takes_left ? sorting->left++ : sorting->right++;
	sorting->others[sorting->put++] = from[taken];
	if (sorting->put == end)
		end_pair(sorting, end);
}

bool
post_sorting_step(struct post_sorting *sorting)
{
	for (size_t i = 0; i < POST_SORTING_STEP && sorting->width < sorting->count; i++)
		move(sorting);
	return sorting->width < sorting->count;
}
