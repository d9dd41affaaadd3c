#include "base/test.h"
#include "wire/mbox.h"

/* What came out, written so that a test can say what it wants: "<from|bytes>…". */
static enum base_failure
on_begin(void *argument, struct slice from)
{
	buffer_put_byte(argument, '<');
	buffer_put(argument, from);
	buffer_put_byte(argument, '|');
	return BASE_OK;
}

static enum base_failure
on_bytes(void *argument, struct slice bytes)
{
	buffer_put(argument, bytes);
	return BASE_OK;
}

static enum base_failure
on_end(void *argument)
{
	buffer_put_byte(argument, '>');
	return BASE_OK;
}

static const struct {
	struct slice input, output;
	bool not_mbox;
} cases[] = {
	{SLICE_INIT(""), SLICE_INIT(""), false},
	{SLICE_INIT("From a b\nx\n"), SLICE_INIT("<a b|x\n>"), false},
	{SLICE_INIT("From a\nx\n\nFrom b\ny"), SLICE_INIT("<a|x\n><b|y>"), false},
	{SLICE_INIT("From a\r\nx\r\n\r\nFrom b\r\n"), SLICE_INIT("<a|x\r\n><b|>"), false},
	{SLICE_INIT("From a\nx\nFrom y\n"), SLICE_INIT("<a|x\nFrom y\n>"), false},
	{SLICE_INIT("From a\n\n\n>From y\n>>From z\n>Fro\n"),
		SLICE_INIT("<a|\n\nFrom y\n>From z\n>Fro\n>"), false},
	{SLICE_INIT("From a\nx\n\n\nFrom b\ny\n\n"), SLICE_INIT("<a|x\n\n><b|y\n>"), false},
	{SLICE_INIT("Subject: x\n\ny\n"), SLICE_INIT(""), true},
	{SLICE_INIT("From"), SLICE_INIT(""), true},
	{SLICE_INIT("From a"), SLICE_INIT("<a|>"), false},
	{SLICE_INIT("\n\r\nFrom a\nx\n"), SLICE_INIT("<a|x\n>"), true},
	{SLICE_INIT("From a Thu Nov 24 18:22:48 2026\nx\n\nFrom here at 18:22\nto there in "
		    "Nov \n\nFrom b Fri Nov 25 8:22 2026\ny"),
		SLICE_INIT(
			"<a Thu Nov 24 18:22:48 2026|x\n\nFrom here at 18:22\nto there in "
			"Nov \n><b Fri Nov 25 8:22 2026|y>"),
		false},
};

static void
whatever_the_pieces_the_same_messages_come_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece <= cases[i].input.length + 1; piece++) {
			SCOPED(buffer_free) struct buffer out = buffer_with(10000);
			SCOPED(wire_mbox_free)
			struct wire_mbox mbox = {.begin = on_begin,
				.bytes = on_bytes,
				.end = on_end,
				.argument = &out};
			wire_mbox_init(&mbox);
			for (size_t at = 0; at < cases[i].input.length; at += piece)
				assert_int_equal(
					wire_mbox_add(&mbox,
						slice_part(cases[i].input, at, piece)),
					BASE_OK);
			assert_int_equal(wire_mbox_end(&mbox), BASE_OK);
			assert_true(slice_equal(buffer_slice(&out), cases[i].output));
			assert_int_equal(mbox.not_mbox, cases[i].not_mbox);
		}
}

static void
quotes_are_needed_where_a_message_would_begin(void **state)
{
	(void)state;
	assert_true(wire_mbox_needs_quote(SLICE("From here\n")));
	assert_true(wire_mbox_needs_quote(SLICE(">From here\n")));
	assert_false(wire_mbox_needs_quote(SLICE("from here\n")));
	assert_false(wire_mbox_needs_quote(SLICE("> From here\n")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_the_pieces_the_same_messages_come_out),
		cmocka_unit_test(quotes_are_needed_where_a_message_would_begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
