#include "base/test.h"
#include "wire/takers.h"

static void
exactly_as_many_are_taken(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer into = buffer_with(100);
	struct wire_octets_taker taker;
	size_t consumed;
	wire_octets_taker_init(&taker, 5, wire_sink_buffer(&into));
	assert_int_equal(
		taker.taker.take(&taker.taker, SLICE("a\0"), &consumed), BASE_TAKE_MORE);
	assert_int_equal(consumed, 2);
	assert_int_equal(taker.taker.take(&taker.taker, SLICE("\r\n.more"), &consumed),
		BASE_TAKE_DONE);
	assert_int_equal(consumed, 3);
	assert_true(slice_equal(buffer_slice(&into), SLICE("a\0\r\n.")));
	assert_int_equal(taker.failure, BASE_OK);
}

static void
none_is_done_at_once(void **state)
{
	(void)state;
	struct wire_octets_taker taker;
	size_t consumed = 7;
	wire_octets_taker_init(&taker, 0, wire_sink_nowhere());
	assert_int_equal(
		taker.taker.take(&taker.taker, SLICE_NONE, &consumed), BASE_TAKE_DONE);
	assert_int_equal(consumed, 0);
}

static void
a_full_sink_does_not_stop_the_taking(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer into = buffer_with(2);
	struct wire_octets_taker taker;
	size_t consumed;
	wire_octets_taker_init(&taker, 6, wire_sink_buffer(&into));
	assert_int_equal(
		taker.taker.take(&taker.taker, SLICE("abc"), &consumed), BASE_TAKE_MORE);
	assert_int_equal(taker.failure, BASE_TOO_LARGE);
	assert_int_equal(
		taker.taker.take(&taker.taker, SLICE("defg"), &consumed), BASE_TAKE_DONE);
	assert_int_equal(consumed, 3);
	assert_int_equal(taker.failure, BASE_TOO_LARGE);
}

struct check_case {
	struct slice data;
	unsigned flaws;
};

static const struct check_case CHECKS[] = {
	{SLICE_INIT(""), 0},
	{SLICE_INIT("a\r\nb\r\n"), 0},
	{SLICE_INIT("no line end"), 0},
	{SLICE_INIT("a\nb\r\n"), WIRE_FLAW_BARE_LF},
	{SLICE_INIT("\n"), WIRE_FLAW_BARE_LF},
	{SLICE_INIT("\r\n\n"), WIRE_FLAW_BARE_LF},
	{SLICE_INIT("a\rb\r\n"), WIRE_FLAW_BARE_CR},
	{SLICE_INIT("a\r\r\n"), WIRE_FLAW_BARE_CR},
	{SLICE_INIT("a\r"), WIRE_FLAW_BARE_CR},
	{SLICE_INIT("\0\r\n"), WIRE_FLAW_NUL},
	{SLICE_INIT("\r\n.\r\r\n\n\0"),
		WIRE_FLAW_BARE_CR | WIRE_FLAW_BARE_LF | WIRE_FLAW_NUL},
};

static void
flaws_are_found_however_the_data_is_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof CHECKS / sizeof *CHECKS; i++) {
		struct slice data = CHECKS[i].data;
		for (size_t piece = 1; piece <= data.length + 1; piece++) {
			struct wire_line_check check = {0};
			for (size_t at = 0; at < data.length; at += piece)
				wire_line_check_add(&check, slice_part(data, at, piece));
			assert_int_equal(wire_line_check_end(&check), CHECKS[i].flaws);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exactly_as_many_are_taken),
		cmocka_unit_test(none_is_done_at_once),
		cmocka_unit_test(a_full_sink_does_not_stop_the_taking),
		cmocka_unit_test(flaws_are_found_however_the_data_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
