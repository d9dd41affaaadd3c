#include "base/test.h"
#include "wire/takers.h"

#define PLENTY 1000000

struct data_case {
	struct slice input;
	struct slice data;
	unsigned flaws;
	size_t left; /* bytes behind the end, which belong to the next command */
};

/* RFC 5321 4.5.2. */
static const struct data_case CLEAN[] = {
	{SLICE_INIT(".\r\n"), SLICE_INIT(""), 0, 0},
	{SLICE_INIT("\r\n.\r\nQUIT\r\n"), SLICE_INIT("\r\n"), 0, 6},
	{SLICE_INIT("a\r\n.\r\n"), SLICE_INIT("a\r\n"), 0, 0},
	{SLICE_INIT("a\r\nbc\r\n\r\nd\r\n.\r\n"), SLICE_INIT("a\r\nbc\r\n\r\nd\r\n"), 0, 0},
	{SLICE_INIT("..\r\n.\r\n"), SLICE_INIT(".\r\n"), 0, 0},
	{SLICE_INIT("...a\r\n.b\r\n.\r\n.\r\n"), SLICE_INIT("..a\r\nb\r\n"), 0, 3},
	{SLICE_INIT("a.\r\n.\r\n"), SLICE_INIT("a.\r\n"), 0, 0},
};

/* The fake ends of SMTP smuggling. None ends the data; the real end is behind them. */
static const struct data_case SMUGGLED[] = {
	{SLICE_INIT("a\n.\nMAIL\r\n.\r\n"), SLICE_INIT(""), WIRE_FLAW_BARE_LF, 0},
	{SLICE_INIT("a\n.\r\nMAIL\r\n.\r\n"), SLICE_INIT(""), WIRE_FLAW_BARE_LF, 0},
	{SLICE_INIT("a\n.\rMAIL\r\n.\r\n"), SLICE_INIT(""),
		WIRE_FLAW_BARE_LF | WIRE_FLAW_BARE_CR, 0},
	{SLICE_INIT("a\r.\nMAIL\r\n.\r\n"), SLICE_INIT(""),
		WIRE_FLAW_BARE_LF | WIRE_FLAW_BARE_CR, 0},
	{SLICE_INIT("a\r.\rMAIL\r\n.\r\n"), SLICE_INIT(""), WIRE_FLAW_BARE_CR, 0},
	{SLICE_INIT("a\r.\r\nMAIL\r\n.\r\n"), SLICE_INIT(""), WIRE_FLAW_BARE_CR, 0},
	{SLICE_INIT("a\r\n.\nMAIL\r\n.\r\n"), SLICE_INIT(""), WIRE_FLAW_BARE_LF, 0},
	{SLICE_INIT("a\r\n.\rMAIL\r\n.\r\n"), SLICE_INIT(""), WIRE_FLAW_BARE_CR, 0},
	{SLICE_INIT("a\r\n.\r\r\nMAIL\r\n.\r\n"), SLICE_INIT(""), WIRE_FLAW_BARE_CR, 0},
	{SLICE_INIT("a\r\r\n.\r\r\nMAIL\r\n.\r\n"), SLICE_INIT(""), WIRE_FLAW_BARE_CR, 0},
	{SLICE_INIT("a\r\n\0.\r\nMAIL\r\n.\r\n"), SLICE_INIT(""), WIRE_FLAW_NUL, 0},
	{SLICE_INIT("a\r\n.\0\r\nMAIL\r\n.\r\n"), SLICE_INIT(""), WIRE_FLAW_NUL, 0},
	{SLICE_INIT("a\r\n.\n\r\n.\r\n"), SLICE_INIT(""), WIRE_FLAW_BARE_LF, 0},
	{SLICE_INIT("\n.\r\n.\r\n"), SLICE_INIT(""), WIRE_FLAW_BARE_LF, 0},
};

static enum base_taken
feed(struct wire_dot_taker *taker, struct slice input, size_t piece, size_t *total)
{
	enum base_taken taken = BASE_TAKE_MORE;
	*total = 0;
	while (*total < input.length && taken == BASE_TAKE_MORE) {
		size_t consumed;
		taken = taker->taker.take(
			&taker->taker, slice_part(input, *total, piece), &consumed);
		*total += consumed;
	}
	return taken;
}

static void
check_data(const struct data_case *c, size_t piece)
{
	SCOPED(buffer_free) struct buffer data = buffer_with(PLENTY);
	struct wire_dot_taker taker;
	size_t total;
	wire_dot_taker_init(&taker, PLENTY, wire_sink_buffer(&data));
	assert_int_equal(feed(&taker, c->input, piece, &total), BASE_TAKE_DONE);
	assert_int_equal(c->input.length - total, c->left);
	assert_int_equal(taker.flaws, c->flaws);
	if (c->flaws)
		return;
	assert_true(slice_equal(buffer_slice(&data), c->data));
	assert_int_equal(taker.size, data.length);
}

static void
data_is_the_same_however_it_arrives(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof CLEAN / sizeof *CLEAN; i++)
		for (size_t piece = 1; piece <= CLEAN[i].input.length; piece++)
			check_data(&CLEAN[i], piece);
}

static void
no_smuggled_end_ends_the_data(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof SMUGGLED / sizeof *SMUGGLED; i++)
		for (size_t piece = 1; piece <= SMUGGLED[i].input.length; piece++)
			check_data(&SMUGGLED[i], piece);
}

static void
too_much_is_swallowed_to_the_end(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer data = buffer_with(PLENTY);
	struct wire_dot_taker taker;
	size_t total;
	wire_dot_taker_init(&taker, 20, wire_sink_buffer(&data));
	for (int i = 0; i < 1000; i++)
		assert_int_equal(
			feed(&taker, SLICE("0123456789\r\n"), 12, &total), BASE_TAKE_MORE);
	assert_int_equal(feed(&taker, SLICE(".\r\n"), 3, &total), BASE_TAKE_DONE);
	assert_int_equal(taker.flaws, WIRE_FLAW_TOO_LARGE);
	assert_int_equal(taker.size, 12000);
	assert_true(data.length <= 20);
}

static void
a_ceiling_that_is_just_met_is_fine(void **state)
{
	(void)state;
	struct wire_dot_taker taker;
	size_t total;
	wire_dot_taker_init(&taker, 4, wire_sink_nowhere());
	assert_int_equal(feed(&taker, SLICE("..\r\n.\r\n"), 7, &total), BASE_TAKE_DONE);
	assert_int_equal(taker.flaws, 0);
	wire_dot_taker_init(&taker, 2, wire_sink_nowhere());
	assert_int_equal(feed(&taker, SLICE("..\r\n.\r\n"), 7, &total), BASE_TAKE_DONE);
	assert_int_equal(taker.flaws, WIRE_FLAW_TOO_LARGE);
}

static void
a_sink_that_fails_is_asked_no_more(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer little = buffer_with(3);
	struct wire_dot_taker taker;
	size_t total;
	wire_dot_taker_init(&taker, PLENTY, wire_sink_buffer(&little));
	struct slice input = SLICE("abcdef\r\n.g\r\n.\r\nQUIT");
	assert_int_equal(feed(&taker, input, 1, &total), BASE_TAKE_DONE);
	assert_int_equal(taker.failure, BASE_TOO_LARGE);
	assert_slice_is(buffer_slice(&little), "abc");
	assert_int_equal(input.length - total, 4);
}

static enum base_failure
count_runs(void *argument, struct slice bytes)
{
	(void)bytes;
	++*(int *)argument;
	return BASE_OK;
}

static void
a_message_without_dots_is_one_run(void **state)
{
	(void)state;
	int runs = 0;
	struct wire_dot_taker taker;
	size_t total;
	wire_dot_taker_init(&taker, PLENTY, (struct wire_sink){count_runs, &runs});
	struct slice input = SLICE("a\r\nb.\r\n\r\nc\r\n.\r\n");
	assert_int_equal(feed(&taker, input, input.length, &total), BASE_TAKE_DONE);
	assert_int_equal(runs, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_is_the_same_however_it_arrives),
		cmocka_unit_test(no_smuggled_end_ends_the_data),
		cmocka_unit_test(too_much_is_swallowed_to_the_end),
		cmocka_unit_test(a_ceiling_that_is_just_met_is_fine),
		cmocka_unit_test(a_sink_that_fails_is_asked_no_more),
		cmocka_unit_test(a_message_without_dots_is_one_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
