#include "base/base.h"
#include "base/id.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
times_come_back(void **state)
{
	(void)state;
	char id[BASE_ID_LENGTH];
	int64_t wall_ms = 0;
	base_id_make(1795561173123, id);
	assert_true(base_id_time(slice_of(id, sizeof id), &wall_ms));
	assert_int_equal(wall_ms, 1795561173123);
}

static void
ids_sort_by_age_and_differ(void **state)
{
	(void)state;
	char first[BASE_ID_LENGTH], second[BASE_ID_LENGTH], third[BASE_ID_LENGTH];
	base_id_make(1000, first);
	base_id_make(1000, second);
	base_id_make(1001, third);
	assert_memory_not_equal(first, second, sizeof first);
	assert_true(memcmp(first, third, sizeof first) < 0);
}

static void
other_texts_are_no_ids(void **state)
{
	(void)state;
	int64_t wall_ms = 0;
	assert_false(base_id_time(SLICE("short"), &wall_ms));
	assert_false(base_id_time(SLICE("0123456789ABCDEFGHI!"), &wall_ms));
	assert_false(base_id_time(SLICE_NONE, &wall_ms));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_come_back),
		cmocka_unit_test(ids_sort_by_age_and_differ),
		cmocka_unit_test(other_texts_are_no_ids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
