#include "base/clock.h"
#include "base/test.h"

static void
both_times_move_by_what_was_advanced(void **state)
{
	(void)state;
	const int64_t day = 86400000;
	struct base_clock *clock = base_clock_create();
	int64_t wall = base_clock_wall_ms(clock);
	uint64_t steady = base_clock_steady_ms(clock);
	assert_true(wall > INT64_C(1600000000000));
	base_clock_advance(clock, day);
	assert_true(base_clock_steady_ms(clock) >= steady + (uint64_t)day);
	assert_true(base_clock_wall_ms(clock) >= wall + day - 3600000);
	base_clock_destroy(clock);
}

static void
steady_time_never_goes_back(void **state)
{
	(void)state;
	struct base_clock *clock = base_clock_create();
	uint64_t before = base_clock_steady_ms(clock);
	for (int i = 0; i < 1000; i++) {
		uint64_t now = base_clock_steady_ms(clock);
		assert_true(now >= before);
		before = now;
	}
	base_clock_destroy(clock);
}

static void
what_is_left_is_never_none(void **state)
{
	(void)state;
	struct base_clock *clock = base_clock_create();
	uint64_t now = base_clock_steady_ms(clock);
	assert_in_range(base_clock_left_ms(clock, now + 3600000), 1800000, 3600000);
	assert_int_equal(base_clock_left_ms(clock, now), 1);
	assert_int_equal(base_clock_left_ms(clock, 0), 1);
	base_clock_destroy(clock);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_times_move_by_what_was_advanced),
		cmocka_unit_test(steady_time_never_goes_back),
		cmocka_unit_test(what_is_left_is_never_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
