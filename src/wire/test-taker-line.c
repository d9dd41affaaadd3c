#include "base/test.h"
#include "wire/takers.h"

#define CEILING 16

struct line_case {
	struct slice input;
	struct slice line;
	unsigned flaws;
	size_t consumed; /* 0: the line does not end */
};

static const struct line_case CASES[] = {
	{SLICE_INIT("NOOP\r\nQUIT\r\n"), SLICE_INIT("NOOP"), 0, 6},
	{SLICE_INIT("\r\n"), SLICE_INIT(""), 0, 2},
	{SLICE_INIT("NOOP"), SLICE_INIT("NOOP"), 0, 0},
	{SLICE_INIT("NOOP\nQUIT"), SLICE_INIT("NOOP"), WIRE_FLAW_BARE_LF, 5},
	{SLICE_INIT("\n"), SLICE_INIT(""), WIRE_FLAW_BARE_LF, 1},
	{SLICE_INIT("NO\rOP\r\n"), SLICE_INIT("NO\rOP"), WIRE_FLAW_BARE_CR, 7},
	{SLICE_INIT("NOOP\r\r\n"), SLICE_INIT("NOOP\r"), WIRE_FLAW_BARE_CR, 7},
	{SLICE_INIT("NO\0OP\r\n"), SLICE_INIT("NO\0OP"), WIRE_FLAW_NUL, 7},
	{SLICE_INIT("0123456789abcdef\r\n"), SLICE_INIT("0123456789abcdef"), 0, 18},
	{SLICE_INIT("0123456789abcdefg\r\n"), SLICE_INIT("0123456789abcdef"),
		WIRE_FLAW_TOO_LARGE, 19},
	{SLICE_INIT("0123456789abcdef0123456789abcdef\0\r0\n"),
		SLICE_INIT("0123456789abcdef"),
		WIRE_FLAW_TOO_LARGE | WIRE_FLAW_NUL | WIRE_FLAW_BARE_CR | WIRE_FLAW_BARE_LF,
		36},
};

/* Feeds pieces; returns how much was consumed when the line was done, or 0. */
static size_t
feed(struct wire_line_taker *taker, struct slice input, size_t piece)
{
	size_t total = 0;
	while (total < input.length) {
		size_t consumed;
		enum base_taken taken = taker->taker.take(
			&taker->taker, slice_part(input, total, piece), &consumed);
		total += consumed;
		if (taken == BASE_TAKE_DONE)
			return total;
		assert_int_equal(taken, BASE_TAKE_MORE);
	}
	return 0;
}

static void
check_line(struct wire_line_taker *taker, const struct line_case *c, size_t piece)
{
	wire_line_taker_reset(taker);
	assert_int_equal(feed(taker, c->input, piece), c->consumed);
	assert_int_equal(taker->flaws, c->flaws);
	assert_true(slice_equal(wire_line_taken(taker), c->line));
}

static void
lines_are_the_same_however_they_arrive(void **state)
{
	(void)state;
	struct wire_line_taker taker;
	wire_line_taker_init(&taker, CEILING);
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
		for (size_t piece = 1; piece <= CASES[i].input.length; piece++)
			check_line(&taker, &CASES[i], piece);
	wire_line_taker_free(&taker);
}

static void
an_overlong_line_costs_no_memory_and_keeps_its_tail(void **state)
{
	(void)state;
	struct wire_line_taker taker;
	wire_line_taker_init(&taker, CEILING);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(feed(&taker, SLICE("0123456789"), 10), 0);
	assert_true(taker.line.capacity <= CEILING);
	assert_true(feed(&taker, SLICE(" {12+}\r\n"), 3) > 0);
	assert_int_equal(taker.flaws, WIRE_FLAW_TOO_LARGE);
	assert_true(slice_ends(slice_of(taker.tail, WIRE_LINE_TAIL), SLICE("789 {12+}")));
	wire_line_taker_free(&taker);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_the_same_however_they_arrive),
		cmocka_unit_test(an_overlong_line_costs_no_memory_and_keeps_its_tail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
