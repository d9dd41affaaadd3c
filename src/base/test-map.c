#include "base/map.h"
#include "base/test.h"

#define MANY 5000

static struct slice
key_of(uint32_t *number, uint32_t value)
{
	*number = value;
	return slice_of(number, sizeof *number);
}

static void
what_is_put_is_got(void **state)
{
	(void)state;
	static int values[MANY];
	struct map *map = map_create();
	uint32_t number;
	for (uint32_t i = 0; i < MANY; i++)
		assert_null(map_put(map, key_of(&number, i), &values[i]));
	assert_int_equal(map_count(map), MANY);
	for (uint32_t i = 0; i < MANY; i++)
		assert_ptr_equal(map_get(map, key_of(&number, i)), &values[i]);
	assert_null(map_get(map, key_of(&number, MANY)));
	assert_null(map_get(map, SLICE("")));
	assert_ptr_equal(map_put(map, key_of(&number, 7), &values[8]), &values[7]);
	assert_ptr_equal(map_get(map, key_of(&number, 7)), &values[8]);
	assert_int_equal(map_count(map), MANY);
	map_destroy(map);
}

static void
an_empty_map_answers(void **state)
{
	(void)state;
	struct map *map = map_create();
	struct slice key;
	void *value;
	size_t position = 0;
	assert_null(map_get(map, SLICE("x")));
	assert_null(map_remove(map, SLICE("x")));
	assert_false(map_next(map, &position, &key, &value));
	assert_null(map_put(map, SLICE(""), map));
	assert_ptr_equal(map_get(map, SLICE_NONE), map);
	map_destroy(map);
	map_destroy(NULL);
}

static void
a_walk_sees_each_once_and_may_remove(void **state)
{
	(void)state;
	static int seen[MANY];
	struct map *map = map_create();
	uint32_t number;
	for (uint32_t i = 0; i < MANY; i++)
		map_put(map, key_of(&number, i), &seen[i]);
	struct slice key;
	void *value;
	for (size_t position = 0; map_next(map, &position, &key, &value);) {
		(*(int *)value)++;
		if ((int *)value - seen < MANY / 2)
			assert_ptr_equal(map_remove(map, key), value);
	}
	for (uint32_t i = 0; i < MANY; i++) {
		assert_int_equal(seen[i], 1);
		assert_true(!map_get(map, key_of(&number, i)) == (i < MANY / 2));
	}
	assert_int_equal(map_count(map), MANY - MANY / 2);
	map_destroy(map);
}

static void
coming_and_going_does_not_fill_it(void **state)
{
	(void)state;
	struct map *map = map_create();
	uint32_t number;
	for (uint32_t i = 0; i < 100000; i++) {
		map_put(map, key_of(&number, i), map);
		assert_ptr_equal(map_remove(map, key_of(&number, i)), map);
	}
	assert_int_equal(map_count(map), 0);
	assert_null(map_get(map, key_of(&number, 1)));
	map_destroy(map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_got),
		cmocka_unit_test(an_empty_map_answers),
		cmocka_unit_test(a_walk_sees_each_once_and_may_remove),
		cmocka_unit_test(coming_and_going_does_not_fill_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
