#include "base/arena.h"
#include "base/test.h"
#include <stdalign.h>

static bool
is_zeroed(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			return false;
	return true;
}

static void
take_many_sizes(struct arena *arena)
{
	char *before = NULL;
	for (size_t size = 1; size < 300000; size = size * 3 + 1) {
		char *piece = arena_take(arena, size);
		assert_int_equal((uintptr_t)piece % alignof(max_align_t), 0);
		assert_true(is_zeroed(piece, size));
		memset(piece, 'x', size);
		if (before)
			assert_int_equal(*before, 'x');
		before = piece;
	}
}

static void
memory_is_zeroed_aligned_and_apart(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(arena_release) struct arena *small = arena_create_small(ARENA_NO_CEILING);
	take_many_sizes(arena);
	take_many_sizes(small);
}

static void
reset_gives_clean_memory_again(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 100; i++) {
			char *piece = arena_take(arena, 1000);
			assert_true(is_zeroed(piece, 1000));
			memset(piece, 'x', 1000);
		}
		assert_true(arena_used(arena) >= 100000);
		arena_reset(arena);
		assert_int_equal(arena_used(arena), 0);
	}
}

static void
the_ceiling_holds(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(10000);
	assert_true(arena_has_room(arena, 10000));
	assert_false(arena_has_room(arena, 10001));
	assert_false(arena_has_room(arena, SIZE_MAX));
	assert_null(arena_try(arena, 10001));
	assert_non_null(arena_try(arena, 9984));
	assert_null(arena_try(arena, 17));
	assert_non_null(arena_try(arena, 16));
	assert_int_equal(arena_used(arena), 10000);
	arena_reset(arena);
	assert_true(arena_has_room(arena, 10000));
}

static void
texts_end_in_nul(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	const struct slice parts[] = {SLICE("a"), SLICE_NONE, SLICE("bc")};
	assert_string_equal(arena_text(arena, SLICE("text")), "text");
	assert_string_equal(arena_text(arena, SLICE_NONE), "");
	assert_string_equal(arena_copy(arena, SLICE("copy")).data, "copy");
	assert_true(slice_absent(arena_copy(arena, SLICE_NONE)));
	assert_slice_is(arena_join(arena, parts, 3), "abc");
	assert_slice_is(arena_join(arena, NULL, 0), "");
	assert_slice_is(arena_printf(arena, "%d-%s", 5, "x"), "5-x");
	assert_slice_is(arena_lower(arena, SLICE("MiXed 1\xC4")), "mixed 1\xC4");
}

struct trail {
	char *at;
	char mark;
};

static void
leave_mark(void *argument)
{
	struct trail *trail = argument;
	size_t length = strlen(trail->at);
	trail->at[length] = trail->mark;
}

static void
releases_run_last_first(void **state)
{
	(void)state;
	char marks[8] = "";
	struct trail a = {marks, 'a'}, b = {marks, 'b'};
	struct arena *arena = arena_create(0);
	arena_on_release(arena, leave_mark, &a);
	arena_on_release(arena, leave_mark, &b);
	arena_reset(arena);
	assert_string_equal(marks, "ba");
	arena_on_release(arena, leave_mark, &a);
	arena_destroy(arena);
	assert_string_equal(marks, "baa");
	arena_destroy(NULL);
}

static void
tables_are_counted(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	uint64_t *many = ARENA_MANY(arena, uint64_t, 1000);
	many[999] = 1;
	assert_int_equal(many[0], 0);
	assert_true(arena_used(arena) >= 8000);
	assert_int_equal(*ARENA_NEW(arena, int), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(reset_gives_clean_memory_again),
		cmocka_unit_test(the_ceiling_holds),
		cmocka_unit_test(texts_end_in_nul),
		cmocka_unit_test(releases_run_last_first),
		cmocka_unit_test(tables_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
