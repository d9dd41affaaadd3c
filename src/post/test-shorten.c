/* What was shortened is restored, whatever it was; what can't be is refused. */
#include "base/test.h"
#include "post/search-press.h"
#include "post/search-shorten.h"

static void
try_lines(struct slice lines)
{
	SCOPED(buffer_free) struct buffer shortened = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer restored = buffer_with(SIZE_MAX);
	search_lines_shorten(lines, &shortened);
	assert_true(
		search_lines_restore(buffer_slice(&shortened), lines.length, &restored));
	assert_true(slice_equal(buffer_slice(&restored), lines));
	buffer_clear(&restored);
	assert_false(search_lines_restore(
		buffer_slice(&shortened), lines.length + 1, &restored));
}

static void
lines_are_restored(void **state)
{
	static const struct slice some[] = {SLICE_INIT(""), SLICE_INIT("\n"),
		SLICE_INIT("\n\n\n"), SLICE_INIT("tea\nteacup\nteacups\n"),
		SLICE_INIT("tea\ntea\ntea\n"), SLICE_INIT("tea\nte"),
		SLICE_INIT("tea\ntea"), SLICE_INIT("teacup\ntea\n\ntea"),
		SLICE_INIT("z\na\nz")};
	SCOPED(buffer_free) struct buffer longs = buffer_with(SIZE_MAX);
	(void)state;
	for (size_t i = 0; i < sizeof some / sizeof *some; i++)
		try_lines(some[i]);
	for (size_t line = 0; line < 3; line++) {
		for (size_t i = 0; i < 1000; i++)
			buffer_put_byte(&longs, 'a');
		buffer_put_byte(&longs, '\n');
	}
	try_lines(buffer_slice(&longs));
}

static void
lines_that_nobody_shortened_are_refused(void **state)
{
	static const struct slice some[] = {SLICE_INIT(""), SLICE_INIT("\0\0\0\2\0"),
		SLICE_INIT("\0\0\0\1\1a\n"), SLICE_INIT("\0\0\0\1\0aaaaaaaa\n"),
		SLICE_INIT("\0\0\0\1\0a\nb"), SLICE_INIT("\xff\xff\xff\xff\0a\nb")};
	SCOPED(buffer_free) struct buffer restored = buffer_with(SIZE_MAX);
	(void)state;
	for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
		assert_false(search_lines_restore(some[i], 3, &restored));
		assert_int_equal(restored.length, 0);
	}
}

static void
records_are_restored(void **state)
{
	char bytes[101];
	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * i * 7 + i / 3);
	for (unsigned numbers = 1; numbers <= SEARCH_NUMBERS_MOST; numbers++)
		for (size_t length = 0; length <= sizeof bytes; length++) {
			SCOPED(buffer_free) struct buffer shortened = buffer_with(SIZE_MAX);
			SCOPED(buffer_free) struct buffer restored = buffer_with(SIZE_MAX);
			struct search_records records = {numbers, 0x2d};
			struct slice all = slice_of(bytes, length);
			search_records_shorten(all, records, &shortened);
			search_records_restore(
				buffer_slice(&shortened), records, &restored);
			assert_true(slice_equal(buffer_slice(&restored), all));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_restored),
		cmocka_unit_test(lines_that_nobody_shortened_are_refused),
		cmocka_unit_test(records_are_restored),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
