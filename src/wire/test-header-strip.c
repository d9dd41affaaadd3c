#include "base/test.h"
#include "wire/header-strip.h"

static const struct slice names[] = {SLICE_INIT("bcc"), SLICE_INIT("resent-bcc")};

/* In pieces of that size. */
static void
assert_strips(struct slice message, size_t piece, struct slice wanted)
{
	SCOPED(buffer_free) struct buffer got = buffer_with(64 * 1024);
	struct wire_header_strip strip;
	wire_header_strip_begin(&strip, names, 2, wire_sink_buffer(&got));
	while (message.length) {
		assert_int_equal(wire_header_strip_add(&strip, slice_first(message, piece)),
			BASE_OK);
		message = slice_from(
			message, piece < message.length ? piece : message.length);
	}
	assert_int_equal(wire_header_strip_end(&strip), BASE_OK);
	if (!slice_equal(buffer_slice(&got), wanted))
		fail_msg(
			"in pieces of %zu: \"%.*s\"", piece, SLICE_ARG(buffer_slice(&got)));
}

static void
assert_becomes(const char *message, const char *wanted)
{
	for (size_t piece = 1; piece < 20; piece++)
		assert_strips(slice_of_text(message), piece, slice_of_text(wanted));
	assert_strips(slice_of_text(message), SIZE_MAX, slice_of_text(wanted));
}

static void
takes_all_of_a_name_with_their_folds(void **state)
{
	(void)state;
	assert_becomes("From: a@b\r\n"
		       "Bcc: c@d,\r\n e@f\r\n\t(g)\r\n"
		       "To: h@i\r\n"
		       "bCC :j@k\r\n"
		       "Resent-Bcc: l@m\r\n"
		       "BCC:\r\n"
		       "Subject: n\r\n"
		       "\r\n"
		       "Bcc: in the body\r\n",
		"From: a@b\r\nTo: h@i\r\nSubject: n\r\n\r\nBcc: in the body\r\n");
}

static void
leaves_everything_else(void **state)
{
	static const char *const messages[] = {"", "\r\n", "\r\nBcc: x\r\n", "B", "bc",
		"Bcc", "Resent-Bc", "Bccs: x\r\n\r\n", "X-Bcc: a\r\nTo: b\r\n Bcc: c\r\n",
		"\n\nBcc: x\r\n", "\r", "Re: Bcc: x\r\nBc\r\n\r\n"};
	(void)state;
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
		assert_becomes(messages[i], messages[i]);
}

static void
goes_on_behind_what_is_no_field(void **state)
{
	(void)state;
	assert_becomes("Bcc: first\r\nno field here\r\nBcc: c@d\r\n \r\n more\r\nTo: x",
		"no field here\r\nTo: x");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_all_of_a_name_with_their_folds),
		cmocka_unit_test(leaves_everything_else),
		cmocka_unit_test(goes_on_behind_what_is_no_field),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
