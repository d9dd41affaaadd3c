#include "base/buffer.h"
#include "base/test.h"
#include "wire/dot-source.h"
#include "wire/test-text-source.h"

/* Reads in steps of room bytes; true at a clean end. */
static bool
read_all(struct base_source *source, size_t room, struct buffer *into)
{
	char bytes[64];
	size_t got;
	while ((got = source->pull(source, bytes, room)) != 0) {
		if (got == BASE_SOURCE_FAILED)
			return false;
		assert_true(got <= room);
		assert_true(buffer_put(into, slice_of(bytes, got)));
	}
	return source->pull(source, bytes, room) == 0;
}

struct dot_case {
	struct slice message, sent;
};

static const struct dot_case DOTS[] = {
	{SLICE_INIT(""), SLICE_INIT(".\r\n")},
	{SLICE_INIT("a\r\n"), SLICE_INIT("a\r\n.\r\n")},
	{SLICE_INIT("a"), SLICE_INIT("a\r\n.\r\n")},
	{SLICE_INIT("a\r"), SLICE_INIT("a\r\n.\r\n")},
	{SLICE_INIT("a\n"), SLICE_INIT("a\n\r\n.\r\n")},
	{SLICE_INIT(".\r\n"), SLICE_INIT("..\r\n.\r\n")},
	{SLICE_INIT("."), SLICE_INIT("..\r\n.\r\n")},
	{SLICE_INIT("a\r\n.\r\n..b\r\nc.\r\n"),
		SLICE_INIT("a\r\n..\r\n...b\r\nc.\r\n.\r\n")},
	{SLICE_INIT("a\n.b\r\n"), SLICE_INIT("a\n..b\r\n.\r\n")},
	{SLICE_INIT("\r\n\r\n"), SLICE_INIT("\r\n\r\n.\r\n")},
};

static void
check_dots(const struct dot_case *c, size_t piece, size_t room)
{
	SCOPED(buffer_free) struct buffer sent = buffer_with(1000);
	int closed = 0;
	struct base_source *source =
		wire_dot_source(test_text_source(c->message, piece, false, &closed));
	assert_true(read_all(source, room, &sent));
	source->close(source);
	assert_int_equal(closed, 1);
	assert_true(slice_equal(buffer_slice(&sent), c->sent));
}

static void
dots_are_stuffed_and_the_end_is_put(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof DOTS / sizeof *DOTS; i++)
		for (size_t piece = 1; piece < 8; piece++)
			for (size_t room = 1; room < 8; room++)
				check_dots(&DOTS[i], piece, room);
}

static void
a_failure_inside_is_no_end(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer sent = buffer_with(1000);
	int closed = 0;
	struct base_source *source =
		wire_dot_source(test_text_source(SLICE("a\r\nb"), 2, true, &closed));
	assert_false(read_all(source, 3, &sent));
	assert_slice_is(buffer_slice(&sent), "a\r\nb");
	source->close(source);
	assert_int_equal(closed, 1);
}

struct top_case {
	struct slice message;
	uint64_t lines;
	struct slice top;
};

/* RFC 1939 7. */
static const struct top_case TOPS[] = {
	{SLICE_INIT("A: b\r\n\r\none\r\ntwo\r\n"), 0, SLICE_INIT("A: b\r\n\r\n")},
	{SLICE_INIT("A: b\r\n\r\none\r\ntwo\r\n"), 1, SLICE_INIT("A: b\r\n\r\none\r\n")},
	{SLICE_INIT("A: b\r\n\r\none\r\ntwo\r\n"), 9,
		SLICE_INIT("A: b\r\n\r\none\r\ntwo\r\n")},
	{SLICE_INIT("A: b\r\n"), 3, SLICE_INIT("A: b\r\n")},
	{SLICE_INIT("A: b\n\n\none\ntwo"), 2, SLICE_INIT("A: b\n\n\none\n")},
	{SLICE_INIT("\r\none\r\ntwo\r\n"), 1, SLICE_INIT("\r\none\r\n")},
	{SLICE_INIT(""), 1, SLICE_INIT("")},
};

static void
top_gives_the_header_and_some_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof TOPS / sizeof *TOPS; i++) {
		for (size_t piece = 1; piece < 20; piece++) {
			SCOPED(buffer_free) struct buffer top = buffer_with(1000);
			int closed = 0;
			struct base_source *source = wire_top_source(
				test_text_source(TOPS[i].message, piece, false, &closed),
				TOPS[i].lines);
			assert_true(read_all(source, 32, &top));
			source->close(source);
			assert_int_equal(closed, 1);
			assert_true(slice_equal(buffer_slice(&top), TOPS[i].top));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dots_are_stuffed_and_the_end_is_put),
		cmocka_unit_test(a_failure_inside_is_no_end),
		cmocka_unit_test(top_gives_the_header_and_some_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
