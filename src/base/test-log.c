#include "base/log.h"
#include "base/test.h"
#include <unistd.h>

/* A log whose lines can be read back. */
struct listening {
	int ends[2];
	struct base_log *log;
	char line[8192];
};

static struct listening
listen_to(enum base_log_form form)
{
	struct listening heard = {.line = ""};
	assert_int_equal(pipe(heard.ends), 0);
	heard.log = base_log_create(heard.ends[1], form, BASE_LOG_INFO);
	return heard;
}

static const char *
last_line(struct listening *heard)
{
	ssize_t got = read(heard->ends[0], heard->line, sizeof heard->line - 1);
	assert_true(got > 0);
	heard->line[got] = 0;
	return heard->line;
}

static void
stop(struct listening *heard)
{
	base_log_destroy(heard->log);
	close(heard->ends[0]);
	close(heard->ends[1]);
}

/* Checks the shape of "2026-11-24T22:39:33.123Z" and gives what follows it. */
static const char *
after_time(const char *line)
{
	static const char shape[] = "0000-00-00T00:00:00.000Z";
	for (size_t i = 0; i < sizeof shape - 1; i++)
		if (shape[i] == '0')
			assert_true(byte_is_digit(line[i]));
		else
			assert_int_equal(line[i], shape[i]);
	return line + sizeof shape - 1;
}

static void
one_event_is_one_line(void **state)
{
	(void)state;
	struct listening heard = listen_to(BASE_LOG_KEY_VALUE);
	LOG(heard.log, BASE_LOG_INFO, "smtp.accepted", LOG_STRING("id", "4fz"),
		LOG_NUMBER("size", -12), LOG_FAILURE(BASE_QUOTA));
	assert_string_equal(after_time(last_line(&heard)),
		" info smtp.accepted id=4fz size=-12 failure=quota\n");
	LOG(heard.log, BASE_LOG_ERROR, "store.stopped");
	assert_string_equal(after_time(last_line(&heard)), " error store.stopped\n");
	stop(&heard);
}

static void
foreign_bytes_are_escaped(void **state)
{
	(void)state;
	static const struct {
		struct slice value;
		const char *written;
	} cases[] = {
		{SLICE_INIT(""), "\"\""},
		{SLICE_INIT("a b"), "\"a b\""},
		{SLICE_INIT("a=b"), "\"a=b\""},
		{SLICE_INIT("say \"x\""), "\"say \\x22x\\x22\""},
		{SLICE_INIT("\""), "\"\\x22\""},
		{SLICE_INIT("a\\x0a"), "a\\x5cx0a"},
		{SLICE_INIT("a\r\nb"), "a\\x0d\\x0ab"},
		{SLICE_INIT("\x1B[31m\x7F\0"), "\\x1b[31m\\x7f\\x00"},
		{SLICE_INIT("\xD0\xB9"), "\xD0\xB9"},
		{SLICE_INIT("\xD0\xB9\xD0"), "\xD0\xB9\\xd0"},
		{SLICE_INIT("\xC2\x85"), "\\xc2\\x85"},
		{SLICE_INIT("\xE2\x80\xA8"), "\\xe2\\x80\\xa8"},
		{SLICE_INIT("\xE2\x80\xA6"), "\xE2\x80\xA6"},
		{SLICE_INIT("\xC0\x80"), "\\xc0\\x80"},
	};
	struct listening heard = listen_to(BASE_LOG_KEY_VALUE);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char wanted[128];
		snprintf(wanted, sizeof wanted, " info t v=%s\n", cases[i].written);
		LOG(heard.log, BASE_LOG_INFO, "t", LOG_TEXT("v", cases[i].value));
		assert_string_equal(after_time(last_line(&heard)), wanted);
	}
	stop(&heard);
}

static void
json_says_the_same(void **state)
{
	(void)state;
	struct listening heard = listen_to(BASE_LOG_JSON);
	LOG(heard.log, BASE_LOG_WARN, "t", LOG_TEXT("v", SLICE("a \"\n\xFF")),
		LOG_NUMBER("n", 5));
	const char *line = last_line(&heard);
	assert_memory_equal(line, "{\"time\":\"", 9);
	assert_string_equal(after_time(line + 9),
		"\",\"level\":\"warn\",\"event\":\"t\",\"v\":\"a "
		"\\\\x22\\\\x0a\\\\xff\",\"n\":5}\n");
	stop(&heard);
}

static void
long_values_are_cut(void **state)
{
	(void)state;
	static char longest[3000];
	memset(longest, 'x', sizeof longest);
	struct slice value = slice_of(longest, sizeof longest);
	struct listening heard = listen_to(BASE_LOG_JSON);
	for (int controls = 0; controls < 2; controls++) {
		LOG(heard.log, BASE_LOG_INFO, "t", LOG_TEXT("a", value),
			LOG_TEXT("b", value), LOG_TEXT("c", value), LOG_TEXT("d", value),
			LOG_TEXT("e", value));
		struct slice line = slice_of_text(last_line(&heard));
		assert_true(line.length <= BASE_LOG_LINE_MOST);
		assert_true(line.length > BASE_LOG_LINE_MOST - 64);
		assert_true(slice_ends(line, SLICE("\",\"cut\":true}\n")));
		memset(longest, '\n', sizeof longest);
	}
	LOG(heard.log, BASE_LOG_INFO, "t", LOG_TEXT("a", slice_first(value, 2)));
	assert_true(
		slice_ends(slice_of_text(last_line(&heard)), SLICE("\\\\x0a\\\\x0a\"}\n")));
	stop(&heard);
}

static void
count_tap(void *argument, int64_t wall_ms, const char *event,
	const struct base_log_field *fields)
{
	assert_true(wall_ms > 0);
	assert_string_equal(event, "t");
	assert_string_equal(fields[0].key, "v");
	(*(int *)argument)++;
}

static void
the_tap_sees_what_the_level_hides(void **state)
{
	(void)state;
	int seen = 0;
	struct listening heard = listen_to(BASE_LOG_KEY_VALUE);
	base_log_set_tap(heard.log, count_tap, &seen);
	LOG(heard.log, BASE_LOG_DEBUG, "t", LOG_NUMBER("v", 1));
	LOG(heard.log, BASE_LOG_INFO, "t", LOG_NUMBER("v", 2));
	assert_int_equal(seen, 2);
	assert_string_equal(after_time(last_line(&heard)), " info t v=2\n");
	LOG(NULL, BASE_LOG_ERROR, "t", LOG_NUMBER("v", 3));
	stop(&heard);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_event_is_one_line),
		cmocka_unit_test(foreign_bytes_are_escaped),
		cmocka_unit_test(json_says_the_same),
		cmocka_unit_test(long_values_are_cut),
		cmocka_unit_test(the_tap_sees_what_the_level_hides),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
