#include "base/test.h"
#include "post/uids-internal.h"

static struct post_uids *
random_set(uint64_t *random, uint32_t spread, uint32_t count)
{
	struct post_uids *uids = post_uids_create();
	while (count--) {
		*random ^= *random << 13;
		*random ^= *random >> 7;
		*random ^= *random << 17;
		post_uids_add(uids, 1 + (uint32_t)(*random % spread));
	}
	return uids;
}

static void
rank_and_select_are_inverse(void **state)
{
	(void)state;
	uint64_t random = 4711;
	SCOPED(post_uids_release)
	struct post_uids *uids = random_set(&random, 200000, 5000);
	SCOPED(post_uids_release) struct post_uids *copy = post_uids_copy(uids);
	post_uids_settle(copy);
	assert_true(post_uids_equal(uids, copy));
	uint32_t uid = 0, rank = 0;
	while ((uid = post_uids_next(uids, uid))) {
		assert_int_equal(post_uids_rank(copy, uid), ++rank);
		assert_int_equal(post_uids_at(copy, rank), uid);
	}
	assert_int_equal(rank, post_uids_count(uids));
	assert_int_equal(post_uids_at(uids, rank + 1), 0);
	assert_int_equal(post_uids_at(uids, 0), 0);
	assert_int_equal(post_uids_rank(uids, 200001), 0);
}

static void
empty_has_nothing(void **state)
{
	(void)state;
	uint32_t first, last = 0;
	SCOPED(post_uids_release) struct post_uids *uids = post_uids_create();
	assert_true(post_uids_empty(uids));
	assert_int_equal(post_uids_least(uids), 0);
	assert_int_equal(post_uids_most(uids), 0);
	assert_int_equal(post_uids_next(uids, 0), 0);
	assert_false(post_uids_next_range(uids, &first, &last));
}

static void
ranges_cover_the_set(void **state)
{
	static const uint32_t ranges[][2] = {{1, 1}, {3, 3}, {5, 70000}, {131071, 131072},
		{4000000000u, 4000200000u}, {UINT32_MAX, UINT32_MAX}};
	(void)state;
	SCOPED(post_uids_release) struct post_uids *uids = post_uids_create();
	uint32_t first = 0, last = 0;
	for (size_t i = 0; i < 6; i++)
		post_uids_add_range(uids, ranges[i][0], ranges[i][1]);
	for (size_t i = 0; i < 6; i++) {
		assert_true(post_uids_next_range(uids, &first, &last));
		assert_int_equal(first, ranges[i][0]);
		assert_int_equal(last, ranges[i][1]);
	}
	assert_false(post_uids_next_range(uids, &first, &last));
	assert_int_equal(post_uids_most(uids), UINT32_MAX);
}

static void
pieces_make_the_whole(void **state)
{
	(void)state;
	uint64_t random = 7;
	SCOPED(post_uids_release)
	struct post_uids *uids = random_set(&random, 100000, 3000);
	post_uids_add(uids, UINT32_MAX);
	SCOPED(post_uids_release) struct post_uids *whole = post_uids_create();
	uint32_t after = 0;
	for (uint32_t most = 1;; most += 97) {
		SCOPED(post_uids_release)
		struct post_uids *some = post_uids_some(uids, after, most);
		if (post_uids_empty(some))
			break;
		assert_true(post_uids_least(some) > after);
		after = post_uids_most(some);
		assert_true(post_uids_count(some) == most || after == UINT32_MAX);
		post_uids_or(whole, some);
	}
	assert_true(post_uids_equal(uids, whole));
}

static void
the_cursor_walks_like_next(void **state)
{
	(void)state;
	uint64_t random = 99;
	SCOPED(post_uids_release)
	struct post_uids *uids = random_set(&random, 100000, 2000);
	SCOPED(post_uids_cursor_release)
	struct post_uids_cursor *cursor = post_uids_walk(uids);
	uint32_t uid = 0;
	while ((uid = post_uids_next(uids, uid)))
		assert_int_equal(post_uids_cursor_next(cursor), uid);
	assert_int_equal(post_uids_cursor_next(cursor), 0);
	assert_int_equal(post_uids_cursor_next(cursor), 0);
}

static void
operations_work_on_themselves(void **state)
{
	(void)state;
	SCOPED(post_uids_release) struct post_uids *uids = post_uids_create();
	post_uids_add_range(uids, 10, 20);
	post_uids_and(uids, uids);
	post_uids_or(uids, uids);
	assert_int_equal(post_uids_count(uids), 11);
	post_uids_xor(uids, uids);
	assert_true(post_uids_empty(uids));
	post_uids_add(uids, 7);
	post_uids_minus(uids, uids);
	assert_true(post_uids_empty(uids));
}

static void
packs_and_unpacks(struct post_uids *uids, size_t most)
{
	struct post_uids *again = NULL;
	SCOPED(buffer_free) struct buffer packed = buffer_with(SIZE_MAX);
	assert_true(post_uids_pack(uids, &packed));
	assert_true(packed.length <= most);
	assert_true(post_uids_unpack(buffer_slice(&packed), &again));
	assert_true(post_uids_equal(uids, again));
	post_uids_destroy(again);
	struct slice cut = buffer_slice(&packed);
	assert_false(post_uids_unpack(slice_first(cut, cut.length - 1), &again));
	assert_null(again);
	post_uids_destroy(uids);
}

static void
packs_small(void **state)
{
	(void)state;
	uint64_t random = 1;
	struct post_uids *one = post_uids_create(), *many = post_uids_create();
	struct post_uids *ends = post_uids_create();
	post_uids_add(one, 12345);
	packs_and_unpacks(one, 8);
	post_uids_add_range(many, 1, 1000000);
	packs_and_unpacks(many, 120);
	packs_and_unpacks(random_set(&random, 65535, 30000), 8200);
	packs_and_unpacks(random_set(&random, UINT32_MAX, 3000), 40000);
	packs_and_unpacks(random_set(&random, 70000, 40), 200);
	packs_and_unpacks(post_uids_create(), 1);
	post_uids_add(ends, UINT32_MAX);
	post_uids_add(ends, 65535);
	post_uids_add(ends, 65536);
	packs_and_unpacks(ends, 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rank_and_select_are_inverse),
		cmocka_unit_test(empty_has_nothing),
		cmocka_unit_test(ranges_cover_the_set),
		cmocka_unit_test(pieces_make_the_whole),
		cmocka_unit_test(the_cursor_walks_like_next),
		cmocka_unit_test(operations_work_on_themselves),
		cmocka_unit_test(packs_small),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
