#include "base/test.h"
#include "wire/imap-arguments.h"
#include "wire/imap-gather.h"

struct scene {
	struct wire_imap_gather gather;
	struct wire_line_taker line;
};

static int
begin(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	wire_imap_gather_init(&scene->gather, 200);
	wire_line_taker_init(&scene->line, 60);
	*state = scene;
	return 0;
}

static int
end(void **state)
{
	struct scene *scene = *state;
	wire_imap_gather_free(&scene->gather);
	wire_line_taker_free(&scene->line);
	free(scene);
	return 0;
}

static enum wire_imap_gathered
line(struct scene *scene, struct slice bytes)
{
	size_t consumed;
	wire_line_taker_reset(&scene->line);
	assert_int_equal(scene->line.taker.take(&scene->line.taker, bytes, &consumed),
		BASE_TAKE_DONE);
	assert_int_equal(consumed, bytes.length);
	return wire_imap_gather_line(&scene->gather, &scene->line);
}

static void
keep(struct scene *scene, struct slice bytes)
{
	assert_true(wire_imap_gather_fits(&scene->gather));
	assert_int_equal(scene->gather.literal.size, bytes.length);
	struct wire_sink sink = wire_imap_gather_sink(&scene->gather);
	assert_int_equal(sink.write(sink.argument, bytes), BASE_OK);
}

static void
a_line_is_a_command(void **state)
{
	struct scene *scene = *state;
	assert_int_equal(line(scene, SLICE("a1 NOOP\r\n")), WIRE_IMAP_COMPLETE);
	assert_slice_is(wire_imap_gather_text(&scene->gather), "a1 NOOP");
	assert_slice_is(wire_imap_gather_tag(&scene->gather), "a1");
}

static void
literals_are_kept_in_place(void **state)
{
	struct scene *scene = *state;
	assert_int_equal(line(scene, SLICE("a1 LOGIN {4}\r\n")), WIRE_IMAP_LITERAL);
	assert_true(scene->gather.literal.waits);
	keep(scene, SLICE("an\"a"));
	assert_int_equal(line(scene, SLICE(" {2+}\r\n")), WIRE_IMAP_LITERAL);
	assert_false(scene->gather.literal.waits);
	keep(scene, SLICE("{}"));
	assert_int_equal(line(scene, SLICE("\r\n")), WIRE_IMAP_COMPLETE);
	assert_slice_is(
		wire_imap_gather_text(&scene->gather), "a1 LOGIN {4}\r\nan\"a {2+}\r\n{}");
}

static void
what_is_no_announcement_is_none(void **state)
{
	static const struct slice LINES[] = {SLICE_INIT("a {}\r\n"),
		SLICE_INIT("a {x}\r\n"), SLICE_INIT("a {5} \r\n"), SLICE_INIT("a {+}\r\n"),
		SLICE_INIT("a 5}\r\n"), SLICE_INIT("a {-5}\r\n"), SLICE_INIT("}\r\n"),
		SLICE_INIT("+}\r\n")};
	for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++) {
		struct scene *scene = *state;
		wire_imap_gather_reset(&scene->gather, 200);
		assert_int_equal(line(scene, LINES[i]), WIRE_IMAP_COMPLETE);
	}
}

static void
a_message_is_taken_apart(void **state)
{
	struct scene *scene = *state;
	SCOPED(arena_release) struct arena *arena = arena_create(100000);
	assert_int_equal(line(scene, SLICE("a1 append {5}\r\n")), WIRE_IMAP_LITERAL);
	struct wire_imap_append append;
	assert_false(wire_imap_append_reached(
		wire_imap_gather_text(&scene->gather), false, arena, &append));
	keep(scene, SLICE("INBOX"));
	assert_int_equal(
		line(scene, SLICE(" (\\Seen) ~{3000000+}\r\n")), WIRE_IMAP_LITERAL);
	assert_true(scene->gather.literal.binary);
	assert_true(wire_imap_append_reached(
		wire_imap_gather_text(&scene->gather), false, arena, &append));
	wire_imap_gather_apart(&scene->gather);
	assert_int_equal(line(scene, SLICE("\r\n")), WIRE_IMAP_COMPLETE);

	struct wire_imap_cursor cursor =
		wire_imap_cursor_over(wire_imap_gather_text(&scene->gather), arena);
	struct slice word;
	assert_true(wire_imap_tag(&cursor, &word));
	assert_true(wire_imap_word(&cursor, &word));
	assert_true(wire_imap_append_parse(&cursor, &append));
	assert_slice_is(append.name, "INBOX");
	assert_int_equal(append.messages[0].flags.system, WIRE_IMAP_SEEN);
	assert_int_equal(append.messages[0].parts[0].size, 3000000);
}

static void
literals_that_do_not_fit_are_dropped(void **state)
{
	struct scene *scene = *state;
	assert_int_equal(
		line(scene, SLICE("a1 LOGIN {4294967296}\r\n")), WIRE_IMAP_LITERAL);
	assert_false(wire_imap_gather_fits(&scene->gather));
	assert_int_equal(
		wire_imap_gather_drop(&scene->gather, "Too large"), WIRE_IMAP_DROP_ANSWER);

	wire_imap_gather_reset(&scene->gather, 200);
	assert_int_equal(line(scene, SLICE("a1 LOGIN {99999999999999999999+}\r\n")),
		WIRE_IMAP_LITERAL);
	assert_int_equal(
		wire_imap_gather_drop(&scene->gather, "Too large"), WIRE_IMAP_DROP_BYE);

	wire_imap_gather_reset(&scene->gather, 200);
	assert_int_equal(line(scene, SLICE("a1 LOGIN {187+}\r\n")), WIRE_IMAP_LITERAL);
	assert_false(wire_imap_gather_fits(&scene->gather));
	assert_int_equal(
		wire_imap_gather_drop(&scene->gather, "Too large"), WIRE_IMAP_DROP_SWALLOW);
	assert_int_equal(line(scene, SLICE(" pw\r\n")), WIRE_IMAP_REFUSED);
	assert_string_equal(scene->gather.error, "Too large");
	assert_slice_is(wire_imap_gather_tag(&scene->gather), "a1");
}

static void
swallowing_adds_up(void **state)
{
	struct scene *scene = *state;
	assert_int_equal(line(scene, SLICE("a1 X {600000+}\r\n")), WIRE_IMAP_LITERAL);
	assert_int_equal(
		wire_imap_gather_drop(&scene->gather, "No"), WIRE_IMAP_DROP_SWALLOW);
	assert_int_equal(line(scene, SLICE(" {600000+}\r\n")), WIRE_IMAP_LITERAL);
	assert_int_equal(wire_imap_gather_drop(&scene->gather, "No"), WIRE_IMAP_DROP_BYE);
}

static void
the_ceiling_counts_all_lines(void **state)
{
	struct scene *scene = *state;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(
			line(scene, SLICE("0123456789012345678901234567890 {5+}\r\n")),
			WIRE_IMAP_LITERAL);
		keep(scene, SLICE("12345"));
	}
	assert_int_equal(line(scene, SLICE("0123456789012345678901234567890 {5+}\r\n")),
		WIRE_IMAP_LITERAL);
	assert_false(wire_imap_gather_fits(&scene->gather));
	assert_true(scene->gather.text.length <= 200);
}

struct flaw_case {
	struct slice line;
	enum wire_imap_gathered gathered;
	const char *error;
};

/* A flawed line is refused, but its literal is still one: its octets are no commands. */
static const struct flaw_case FLAWS[] = {
	{SLICE_INIT("a1 NOOP\n"), WIRE_IMAP_REFUSED, "Lines must end in CRLF"},
	{SLICE_INIT("a1 NO\rOP\r\n"), WIRE_IMAP_REFUSED, "CR is not allowed inside a line"},
	{SLICE_INIT("a1 NO\0OP\r\n"), WIRE_IMAP_REFUSED, "NUL is not allowed in a command"},
	{SLICE_INIT("a1 LOGIN {9+}\n"), WIRE_IMAP_LITERAL, "Lines must end in CRLF"},
	{SLICE_INIT("a1 LOGIN \"............................................."
		    "............................................\" {9+}\r\n"),
		WIRE_IMAP_LITERAL, "The line is too long"},
};

static void
flawed_lines_are_refused_with_their_literals(void **state)
{
	struct scene *scene = *state;
	for (size_t i = 0; i < sizeof FLAWS / sizeof *FLAWS; i++) {
		wire_imap_gather_reset(&scene->gather, 200);
		assert_int_equal(line(scene, FLAWS[i].line), FLAWS[i].gathered);
		assert_string_equal(scene->gather.error, FLAWS[i].error);
		assert_slice_is(wire_imap_gather_tag(&scene->gather), "a1");
		if (FLAWS[i].gathered == WIRE_IMAP_LITERAL)
			assert_false(wire_imap_gather_fits(&scene->gather));
	}
}

static void
a_line_without_a_tag_is_answered_with_a_star(void **state)
{
	static const struct slice LINES[] = {SLICE_INIT("\r\n"), SLICE_INIT(" NOOP\r\n"),
		SLICE_INIT("+ NOOP\r\n"), SLICE_INIT("(\r\n"), SLICE_INIT("a{ NOOP\r\n")};
	struct scene *scene = *state;
	for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++) {
		wire_imap_gather_reset(&scene->gather, 200);
		line(scene, LINES[i]);
		assert_slice_is(wire_imap_gather_tag(&scene->gather), "*");
	}
	wire_imap_gather_reset(&scene->gather, 200);
	line(scene, SLICE("a1\r\n"));
	assert_slice_is(wire_imap_gather_tag(&scene->gather), "a1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_is_a_command, begin, end),
		cmocka_unit_test_setup_teardown(literals_are_kept_in_place, begin, end),
		cmocka_unit_test_setup_teardown(
			what_is_no_announcement_is_none, begin, end),
		cmocka_unit_test_setup_teardown(a_message_is_taken_apart, begin, end),
		cmocka_unit_test_setup_teardown(
			literals_that_do_not_fit_are_dropped, begin, end),
		cmocka_unit_test_setup_teardown(swallowing_adds_up, begin, end),
		cmocka_unit_test_setup_teardown(the_ceiling_counts_all_lines, begin, end),
		cmocka_unit_test_setup_teardown(
			flawed_lines_are_refused_with_their_literals, begin, end),
		cmocka_unit_test_setup_teardown(
			a_line_without_a_tag_is_answered_with_a_star, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
