#include "base/test.h"
#include "relay/route.h"

static void
targets_are_understood(void **state)
{
	(void)state;
	static const struct {
		const char *text, *host;
		uint16_t port;
		bool tls;
	} good[] = {{"smtp://127.0.0.1:2626", "127.0.0.1", 2626, false},
		{"SMTP://mail.example.net", "mail.example.net", 25, false},
		{"smtps://mail.example.net", "mail.example.net", 465, true},
		{"smtps://[2001:db8::1]:1465", "2001:db8::1", 1465, true},
		{"smtp://[2001:db8::1]", "2001:db8::1", 25, false},
		{"smtp://mail.example.net:587/", "mail.example.net", 587, false}};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct relay_target target;
		assert_int_equal(
			relay_target_parse(slice_of_text(good[i].text), 25, &target, NULL),
			BASE_OK);
		assert_int_equal(target.way, RELAY_WAY_HOST);
		assert_true(slice_equal(target.host, slice_of_text(good[i].host)));
		assert_int_equal(target.port, good[i].port);
		assert_true(target.implicit_tls == good[i].tls);
	}
	struct relay_target target;
	assert_int_equal(relay_target_parse(SLICE("MX"), 25, &target, NULL), BASE_OK);
	assert_int_equal(target.way, RELAY_WAY_MX);
}

static void
other_targets_are_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = {"", "mail.example.net", "smtp:", "smtp://",
		"smtp://:25", "smtp://a b", "smtp://host:0", "smtp://host:65536",
		"smtp://host:25x", "smtp://[2001:db8::1", "smtp://[]", "http://host",
		"smtp://host/path", "smtp://host\r\n", "lmtp://host", "smtp://[::1]x"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct relay_target target;
		struct base_error error = {0};
		if (relay_target_parse(slice_of_text(wrong[i]), 25, &target, &error) !=
			BASE_INVALID)
			fail_msg("\"%s\" was taken", wrong[i]);
		assert_true(error.text[0]);
	}
}

static void
the_own_route_comes_before_the_star(void **state)
{
	(void)state;
	struct relay_route_table *table = relay_route_table_create();
	assert_true(slice_absent(relay_route_table_find(table, SLICE("example.net"))));
	relay_route_table_set(table, SLICE("*"), SLICE("smtp://smart:25"));
	relay_route_table_set(table, SLICE("example.net"), SLICE("mx"));
	assert_slice_is(relay_route_table_find(table, SLICE("example.net")), "mx");
	assert_slice_is(
		relay_route_table_find(table, SLICE("sub.example.net")), "smtp://smart:25");
	relay_route_table_set(table, SLICE("example.net"), SLICE_NONE);
	assert_slice_is(
		relay_route_table_find(table, SLICE("example.net")), "smtp://smart:25");
	assert_true(slice_absent(relay_route_table_own(table, SLICE("example.net"))));
	relay_route_table_destroy(table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_understood),
		cmocka_unit_test(other_targets_are_refused),
		cmocka_unit_test(the_own_route_comes_before_the_star),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
