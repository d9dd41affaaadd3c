#include "base/test.h"
#include "wire/mime-encode.h"

struct header_case {
	const char *given, *wanted;
};

#define SAID "Content-Transfer-Encoding: base64\r\n"

static const struct header_case HEADERS[] = {
	{"A: 1\r\ncontent-transfer-encoding: binary\r\nB: 2\r\n 3\r\n\r\n",
		"A: 1\r\n" SAID "B: 2\r\n 3\r\n\r\n"},
	{"A: 1\r\n\r\n", "A: 1\r\n" SAID "\r\n"},
	{"A: 1", "A: 1\r\n" SAID "\r\n"},
	{"", SAID "\r\n"},
	{"\r\n", SAID "\r\n"},
	{"Content-Transfer-Encoding: binary\r\nA: 1\r\nContent-Transfer-Encoding: "
	 "8bit\r\n\r\n",
		SAID "A: 1\r\n\r\n"},
};

static void
headers_say_base64(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof HEADERS / sizeof *HEADERS; i++) {
		SCOPED(buffer_free) struct buffer into = buffer_with(1000);
		assert_true(wire_header_say_base64(slice_of_text(HEADERS[i].given), &into));
		assert_slice_equals(buffer_slice(&into), slice_of_text(HEADERS[i].wanted),
			__FILE__, __LINE__);
	}
}

static enum base_failure
take(struct wire_base64_lines *lines, struct slice bytes)
{
	struct wire_sink sink = wire_base64_sink(lines);
	return sink.write(sink.argument, bytes);
}

static void
bytes_become_lines(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer into = buffer_with(1000);
	struct wire_base64_lines lines = {.inner = wire_sink_buffer(&into)};
	char bytes[60] = {0};
	for (size_t i = 0; i < sizeof bytes; i += 20)
		assert_int_equal(take(&lines, slice_of(bytes + i, 20)), BASE_OK);
	assert_int_equal(wire_base64_lines_end(&lines), BASE_OK);
	assert_int_equal(into.length, 76 + 2 + 4);
	assert_slice_is(slice_from(buffer_slice(&into), 72), "AAAA\r\nAAAA");
}

static void
nothing_is_no_line(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer into = buffer_with(1000);
	struct wire_base64_lines lines = {.inner = wire_sink_buffer(&into)};
	assert_int_equal(wire_base64_lines_end(&lines), BASE_OK);
	assert_int_equal(into.length, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_say_base64),
		cmocka_unit_test(bytes_become_lines),
		cmocka_unit_test(nothing_is_no_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
