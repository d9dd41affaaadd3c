#include "base/test.h"
#include "post/sorting.h"

struct thing {
	uint32_t key, number;
};

static int
compare(const void *left, const void *right, void *argument)
{
	const struct thing *a = left, *b = right;
	++*(size_t *)argument;
	return a->key < b->key ? -1 : a->key > b->key;
}

/* Steps taken; each has its bound. */
static size_t
sort(struct thing *things, size_t count, const void **places, const void ***sorted)
{
	size_t steps = 0, compared = 0;
	for (size_t i = 0; i < count; i++)
		places[i] = &things[i];
	struct post_sorting sorting =
		post_sorting_of(places, places + count, count, compare, &compared);
	for (bool more = true; more; steps++) {
		compared = 0;
		more = post_sorting_step(&sorting);
		assert_true(compared <= POST_SORTING_STEP);
	}
	*sorted = sorting.things;
	return steps;
}

static void
assert_sorted(size_t count, uint32_t keys)
{
	uint64_t random = 1234 + count;
	const void **sorted;
	struct thing *things = calloc(count + 1, sizeof *things);
	const void **places = calloc(2 * count + 1, sizeof *places);
	for (size_t i = 0; i < count; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		things[i] = (struct thing){(uint32_t)(random >> 33) % keys, (uint32_t)i};
	}
	size_t steps = sort(things, count, places, &sorted);
	assert_true(count < 100000 || steps > 100);
	for (size_t i = 1; i < count; i++) {
		const struct thing *a = sorted[i - 1], *b = sorted[i];
		assert_true(a->key < b->key || (a->key == b->key && a->number < b->number));
	}
	free(places);
	free(things);
}

static void
sorts_by_steps(void **state)
{
	(void)state;
	for (size_t count = 0; count < 70; count++)
		assert_sorted(count, 20);
	assert_sorted(POST_SORTING_STEP, 7);
	assert_sorted(100001, UINT32_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(sorts_by_steps)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
