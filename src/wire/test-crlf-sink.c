#include "base/base.h"
#include "wire/crlf-sink.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct {
	struct slice input, output;
} cases[] = {
	{SLICE_INIT(""), SLICE_INIT("")},
	{SLICE_INIT("a\n"), SLICE_INIT("a\r\n")},
	{SLICE_INIT("a\r\n"), SLICE_INIT("a\r\n")},
	{SLICE_INIT("\n\n"), SLICE_INIT("\r\n\r\n")},
	{SLICE_INIT("a\r\nb\nc\r\n\nd"), SLICE_INIT("a\r\nb\r\nc\r\n\r\nd")},
	{SLICE_INIT("a\rb\n\r\n"), SLICE_INIT("a\rb\r\n\r\n")},
	{SLICE_INIT("\r\r\n"), SLICE_INIT("\r\r\n")},
};

/* Whatever the pieces, the same comes out. */
static void
lines_end_in_crlf(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece <= cases[i].input.length + 1; piece++) {
			SCOPED(buffer_free) struct buffer out = buffer_with(1000);
			struct wire_crlf_sink converter = {.inner = wire_sink_buffer(&out)};
			struct wire_sink sink = wire_crlf_sink(&converter);
			for (size_t at = 0; at < cases[i].input.length; at += piece)
				assert_int_equal(
					sink.write(sink.argument,
						slice_part(cases[i].input, at, piece)),
					BASE_OK);
			assert_true(slice_equal(buffer_slice(&out), cases[i].output));
		}
}

static void
the_inner_sinks_failure_is_told(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer out = buffer_with(4);
	struct wire_crlf_sink converter = {.inner = wire_sink_buffer(&out)};
	struct wire_sink sink = wire_crlf_sink(&converter);
	assert_int_equal(sink.write(sink.argument, SLICE("abc\ndef\n")), BASE_TOO_LARGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_in_crlf),
		cmocka_unit_test(the_inner_sinks_failure_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
