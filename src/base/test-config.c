#include "base/config.h"
#include "base/test.h"
#include <unistd.h>

static const char *const LEVELS[] = {"debug", "info", "warn", NULL};

static const struct base_config_key RELAY_KEYS[] = {
	{"relay.retry", BASE_CONFIG_DURATION, "5m", 1000, 86400000, NULL, "First wait."},
	{"relay.name", BASE_CONFIG_TEXT, "mail.test", 0, 0, NULL, "Our name."},
	{"relay.networks", BASE_CONFIG_TEXTS, "127.0.0.1, ::1", 0, 0, NULL, "Trusted."},
	{.name = NULL},
};
static const struct base_config_key OTHER_KEYS[] = {
	{"listener[].port", BASE_CONFIG_NUMBER, NULL, 1, 65535, NULL, "Its port."},
	{"listener[].tls.key", BASE_CONFIG_TEXT, NULL, 0, 0, NULL, "Its key."},
	{"size", BASE_CONFIG_SIZE, "25M", 1024, 1LL << 40, NULL, "Of a message."},
	{"log.level", BASE_CONFIG_CHOICE, "info", 0, 0, LEVELS, "Least level."},
	{"strict", BASE_CONFIG_SWITCH, "true", 0, 0, NULL, "Refuse more."},
	{"offset", BASE_CONFIG_NUMBER, "-5", 0, 0, NULL, "Any number."},
	{.name = NULL},
};
static const struct base_config_key *const KEYS[] = {RELAY_KEYS, OTHER_KEYS, NULL};

static struct base_config *
parsed(const char *text)
{
	struct base_config *config;
	struct base_error error = {.text = ""};
	if (base_config_parse(slice_of_text(text), "t.conf", KEYS, &config, &error))
		fail_msg("%s", error.text);
	return config;
}

static void
values_are_read_by_type(void **state)
{
	(void)state;
	struct base_config *config = parsed(
		"size = \"512K\";\n"
		"strict = false;\n"
		"offset = -4294967321;\n"
		"log = { level = \"warn\"; };\n"
		"relay: { retry = \"90s\"\n name = \"a\" \"\\\"99999999999999999999\";\n"
		" networks = [ \"10.0.0.0/8\" ]; };");
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice *texts;
	assert_int_equal(base_config_number(config, "size", 0), 512 * 1024);
	assert_false(base_config_switch(config, "strict", 0));
	assert_true(base_config_number(config, "offset", 0) == -4294967321);
	assert_slice_is(base_config_text(config, "log.level", 0), "warn");
	assert_int_equal(base_config_number(config, "relay.retry", 0), 90000);
	assert_slice_is(
		base_config_text(config, "relay.name", 0), "a\"99999999999999999999");
	assert_int_equal(base_config_texts(config, "relay.networks", 0, arena, &texts), 1);
	assert_slice_is(texts[0], "10.0.0.0/8");
	assert_true(base_config_has(config, "size", 0));
	base_config_destroy(config);
}

static void
fallbacks_stand_in(void **state)
{
	(void)state;
	struct base_config *config = parsed("// 99999999999999999999 \"\n");
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice *texts;
	assert_int_equal(base_config_number(config, "size", 0), 25 << 20);
	assert_true(base_config_switch(config, "strict", 0));
	assert_int_equal(base_config_number(config, "offset", 0), -5);
	assert_slice_is(base_config_text(config, "log.level", 0), "info");
	assert_int_equal(base_config_texts(config, "relay.networks", 0, arena, &texts), 2);
	assert_slice_is(texts[1], "::1");
	assert_false(base_config_has(config, "size", 0));
	assert_int_equal(base_config_count(config, "listener"), 0);
	assert_true(slice_absent(base_config_text(config, "listener[].tls.key", 4)));
	base_config_destroy(config);
	base_config_destroy(NULL);
}

static void
lists_are_indexed(void **state)
{
	(void)state;
	struct base_config *config = parsed(
		"listener = ( { port = 25; }, { port = 465; tls = { key = \"k\"; }; } );");
	assert_int_equal(base_config_count(config, "listener"), 2);
	assert_int_equal(base_config_number(config, "listener[].port", 0), 25);
	assert_int_equal(base_config_number(config, "listener[].port", 1), 465);
	assert_false(base_config_has(config, "listener[].tls.key", 0));
	assert_slice_is(base_config_text(config, "listener[].tls.key", 1), "k");
	base_config_destroy(config);
}

static void
numbers_with_units(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t value;
	} cases[] = {
		{"relay.retry = 1", -1}, /* a dotted name is no name in the file */
		{"relay = { retry = \"1000ms\"; }", 1000},
		{"relay = { retry = \"2h\"; }", 7200000},
		{"relay = { retry = \"1d\"; }", 86400000},
		{"relay = { retry = \"2d\"; }", -1},
		{"relay = { retry = \"30\"; }", -1},
		{"relay = { retry = 30; }", -1},
		{"relay = { retry = \"s\"; }", -1},
		{"relay = { retry = \"-5s\"; }", -1},
		{"relay = { retry = \"5 s\"; }", -1},
		{"relay = { retry = \"99999999999999999d\"; }", -1},
		{"relay = { retry = \"99999999999999999999s\"; }", -1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct base_config *config;
		enum base_failure failure = base_config_parse(
			slice_of_text(cases[i].text), "t", KEYS, &config, NULL);
		assert_int_equal(failure, cases[i].value < 0 ? BASE_INVALID : BASE_OK);
		if (!failure)
			assert_int_equal(base_config_number(config, "relay.retry", 0),
				cases[i].value);
		base_config_destroy(config);
	}
}

static void
errors_name_line_key_and_remedy(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *complaint;
	} cases[] = {
		{"\n\nrelay = { retri = \"5m\"; };",
			"t.conf:3: relay.retri: no such key; the nearest is relay.retry"},
		{"listner = ();",
			"t.conf:1: listner: no such key; the nearest is listener"},
		{"retri = \"5m\";",
			"t.conf:1: retri: no such key; the nearest is relay.retry"},
		{"retry = \"5m\";",
			"t.conf:1: retry: no such key; the nearest is relay.retry"},
		{"listener = ( { port = 1; },\n { prot = 1; } );",
			"t.conf:2: listener[1].prot: no such key; the nearest is "
			"listener[].port"},
		{"listener = ( { port = 1; },\n { port = 70000; } );",
			"t.conf:2: listener[1].port: 70000 is not between 1 and 65535"},
		{"listener = ( { port = 4294967321; } );",
			"t.conf:1: listener[0].port: 4294967321 is not between 1 and "
			"65535"},
		{"/* 1\n */ offset\n = 99999999999999999999;",
			"t.conf:3: the number 99999999999999999999 is too large"},
		{"listener = ( { port = 0xFFFFFFFF0; } ); # 99999999999999999999",
			"t.conf:1: listener[0].port: 68719476720 is not between 1 and "
			"65535"},
		{"offset = 0x8000000000000000;",
			"t.conf:1: the number 0x8000000000000000 is too large"},
		{"listener = { port = 1; };", "t.conf:1: listener: expects a list of "
					      "groups: ( { ... }, { ... } )"},
		{"listener = ( 5 );", "t.conf:1: listener[0]: expects a group: { ... }"},
		{"relay = 5;", "t.conf:1: relay: expects a group: { ... }"},
		{"strict = \"yes\";", "t.conf:1: strict: expects true or false"},
		{"offset = 1.5;", "t.conf:1: offset: expects a whole number"},
		{"offset = \"1\";", "t.conf:1: offset: expects a whole number"},
		{"relay = { name = 5; };",
			"t.conf:1: relay.name: expects a text in quotes"},
		{"relay = { networks = \"a\"; };", "t.conf:1: relay.networks: expects a "
						   "list of texts: [\"a\", \"b\"]"},
		{"relay = { networks = [ 1 ]; };", "t.conf:1: relay.networks: expects a "
						   "list of texts: [\"a\", \"b\"]"},
		{"log = { level = \"loud\"; };", "t.conf:1: log.level: \"loud\" is none of "
						 "\"debug\", \"info\", \"warn\""},
		{"size = \"1X\";", "t.conf:1: size: \"1X\" is not a size: say \"25M\", "
				   "\"512K\" or a number"},
		{"size = 5;", "t.conf:1: size: 5 is not between 1K and 1T"},
		{"relay = { retry = \"2d\"; };",
			"t.conf:1: relay.retry: 2d is not between 1s and 1d"},
		{"size = 1M;\nsize = ;", "t.conf:1: syntax error"},
		{"size = 2048;\nsize = 2048;", "t.conf:2: duplicate setting name"},
		{"\n  @include \"/etc/passwd\"\n",
			"t.conf:2: @include is not supported; put it all into one file"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct base_config *config;
		struct base_error error = {.text = ""};
		assert_int_equal(base_config_parse(slice_of_text(cases[i].text), "t.conf",
					 KEYS, &config, &error),
			BASE_INVALID);
		assert_null(config);
		assert_string_equal(error.text, cases[i].complaint);
	}
}

static void
later_errors_find_the_line(void **state)
{
	(void)state;
	struct base_error error;
	struct base_config *config =
		parsed("\nlistener = ( { port = 1; },\n{\nport = 2; } );");
	assert_int_equal(
		base_config_fail(config, "listener[].port", 1, &error, "%s is in use", "2"),
		BASE_INVALID);
	assert_string_equal(error.text, "t.conf:4: listener[1].port: 2 is in use");
	base_config_fail(config, "listener[].tls.key", 0, &error, "is missing");
	assert_string_equal(error.text, "t.conf:2: listener[0].tls.key: is missing");
	base_config_fail(config, "relay.name", 0, &error, "is missing");
	assert_string_equal(error.text, "t.conf: relay.name: is missing");
	base_config_destroy(config);
}

static void
files_are_read_and_bounded(void **state)
{
	(void)state;
	char path[] = "/tmp/troika-test-config-XXXXXX";
	SCOPED(scoped_close) int file = mkstemp(path);
	assert_true(file >= 0);
	assert_int_equal(write(file, "size = 4096;\n", 13), 13);
	struct base_config *config;
	struct base_error error;
	assert_int_equal(base_config_read(path, KEYS, &config, &error), BASE_OK);
	assert_int_equal(base_config_number(config, "size", 0), 4096);
	base_config_destroy(config);
	assert_int_equal(ftruncate(file, BASE_CONFIG_MOST + 1), 0);
	assert_int_equal(base_config_read(path, KEYS, &config, &error), BASE_TOO_LARGE);
	assert_int_equal(ftruncate(file, 100), 0);
	assert_int_equal(base_config_read(path, KEYS, &config, &error), BASE_INVALID);
	unlink(path);
	assert_int_equal(base_config_read(path, KEYS, &config, &error), BASE_NOT_FOUND);
	assert_int_equal(base_config_read("/tmp", KEYS, &config, &error), BASE_INVALID);
	assert_string_equal(error.text, "/tmp: is no file");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_by_type),
		cmocka_unit_test(fallbacks_stand_in),
		cmocka_unit_test(lists_are_indexed),
		cmocka_unit_test(numbers_with_units),
		cmocka_unit_test(errors_name_line_key_and_remedy),
		cmocka_unit_test(later_errors_find_the_line),
		cmocka_unit_test(files_are_read_and_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
