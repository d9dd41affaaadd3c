#include "base/buffer.h"
#include "base/test.h"
#include "wire/header-end-source.h"
#include "wire/test-text-source.h"

static void
check(struct slice text, struct slice expected, size_t piece, size_t room)
{
	SCOPED(buffer_free) struct buffer all = buffer_with(1024);
	int closed = 0;
	struct base_source *source =
		wire_header_end_source(test_text_source(text, piece, false, &closed));
	char bytes[64];
	size_t got;
	while ((got = source->pull(source, bytes, room)) != 0)
		assert_true(buffer_put(&all, slice_of(bytes, got)));
	assert_true(slice_equal(buffer_slice(&all), expected));
	source->close(source);
	assert_int_equal(closed, 1);
}

static void
a_header_without_an_end_gets_one(void **state)
{
	static const struct {
		struct slice text, expected;
	} cases[] = {
		{SLICE_INIT("a: b\r\n"), SLICE_INIT("a: b\r\n\r\n")},
		{SLICE_INIT("a: b"), SLICE_INIT("a: b\r\n\r\n")},
		{SLICE_INIT("a: b\r\n\r\n"), SLICE_INIT("a: b\r\n\r\n")},
		{SLICE_INIT("a: b\n\nc"), SLICE_INIT("a: b\n\nc")},
		{SLICE_INIT("a: b\r\nc: d\r\n\r\ne"), SLICE_INIT("a: b\r\nc: d\r\n\r\ne")},
		{SLICE_INIT("\r\nbody"), SLICE_INIT("\r\nbody")},
		{SLICE_INIT(""), SLICE_INIT("\r\n")},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece <= 7; piece++)
			for (size_t room = 1; room <= 7; room++)
				check(cases[i].text, cases[i].expected, piece, room);
}

static void
a_failure_is_one(void **state)
{
	char bytes[64];
	int closed = 0;
	struct base_source *source = wire_header_end_source(
		test_text_source(SLICE("a: b\r\n"), 64, true, &closed));
	(void)state;
	assert_int_equal(source->pull(source, bytes, sizeof bytes), 6);
	assert_true(source->pull(source, bytes, sizeof bytes) == BASE_SOURCE_FAILED);
	source->close(source);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_without_an_end_gets_one),
		cmocka_unit_test(a_failure_is_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
