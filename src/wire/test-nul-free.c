#include "base/test.h"
#include "wire/nul-free.h"
#include "wire/test-text-source.h"

static const struct slice CASES[][2] = {
	{SLICE_INIT(""), SLICE_INIT("")},
	{SLICE_INIT("none"), SLICE_INIT("none")},
	{SLICE_INIT("\0"), SLICE_INIT("\x80")},
	{SLICE_INIT("\0a\0\0b\0"), SLICE_INIT("\x80"
					      "a\x80\x80"
					      "b\x80")},
};

static void
each_nul_becomes_another_octet(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
		assert_true(slice_equal(wire_nul_free(arena, CASES[i][0]), CASES[i][1]));
	/* Nothing is copied for nothing. */
	assert_ptr_equal(wire_nul_free(arena, CASES[1][0]).data, CASES[1][0].data);
}

static void
a_source_gives_none(void **state)
{
	char bytes[64];
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
		for (size_t piece = 1; piece < 4; piece++) {
			int closed = 0;
			size_t length = 0, got;
			struct base_source *source = wire_nul_free_source(
				test_text_source(CASES[i][0], piece, false, &closed));
			while ((got = source->pull(source, bytes + length, 2)))
				length += got;
			assert_true(slice_equal(slice_of(bytes, length), CASES[i][1]));
			source->close(source);
			assert_int_equal(closed, 1);
		}
}

static void
a_failure_stays_one(void **state)
{
	char bytes[8];
	int closed = 0;
	(void)state;
	struct base_source *source =
		wire_nul_free_source(test_text_source(SLICE("a"), 8, true, &closed));
	assert_int_equal(source->pull(source, bytes, sizeof bytes), 1);
	assert_true(source->pull(source, bytes, sizeof bytes) == BASE_SOURCE_FAILED);
	source->close(source);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_nul_becomes_another_octet),
		cmocka_unit_test(a_source_gives_none),
		cmocka_unit_test(a_failure_stays_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
