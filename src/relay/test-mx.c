#include "base/test.h"
#include "relay/test-office.h"
#include "relay/test-server.h"

/* Servers that the DNS names. The resolver knows only what a test tells it. */

static struct office *office;
static struct server *first, *second; /* at 127.0.0.1 and 127.0.0.2, one port */

/* Nobody listens at any of them. */
#define TEN(start)                                                                   \
	SLICE_INIT(start "1"), SLICE_INIT(start "2"), SLICE_INIT(start "3"),         \
		SLICE_INIT(start "4"), SLICE_INIT(start "5"), SLICE_INIT(start "6"), \
		SLICE_INIT(start "7"), SLICE_INIT(start "8"), SLICE_INIT(start "9"), \
		SLICE_INIT(start "10")

static const struct slice records[] = {
	SLICE_INIT("one.test. 300 IN MX 10 mx1.test."),
	SLICE_INIT("one.test. 300 IN MX 20 mx2.test."),
	SLICE_INIT("mx1.test. 300 IN A 127.0.0.1"),
	SLICE_INIT("mx2.test. 300 IN A 127.0.0.2"),
	SLICE_INIT("dead-first.test. 300 IN MX 1 nobody.test."),
	SLICE_INIT("dead-first.test. 300 IN MX 2 no-address.test."),
	SLICE_INIT("dead-first.test. 300 IN MX 3 mx2.test."),
	SLICE_INIT("nobody.test. 300 IN A 127.0.0.9"),
	SLICE_INIT("nobody.test. 300 IN AAAA ::1"),
	SLICE_INIT("no-address.test. 300 IN TXT \"nothing\""),
	SLICE_INIT("no-mail.test. 300 IN MX 0 ."),
	SLICE_INIT("still-no-mail.test. 300 IN MX 10 ."),
	SLICE_INIT("some-mail.test. 300 IN MX 0 ."),
	SLICE_INIT("some-mail.test. 300 IN MX 10 mx2.test."),
	SLICE_INIT("plain.test. 300 IN A 127.0.0.2"),
	SLICE_INIT("alias.test. 300 IN CNAME plain.test."),
	SLICE_INIT("lost.test. 300 IN MX 10 no-address.test."),
	SLICE_INIT("back.test. 300 IN MX 10 mail.troika.test."),
	SLICE_INIT("back.test. 300 IN MX 20 mx1.test."),
	SLICE_INIT("mirror.test. 300 IN MX 10 mx1.test."),
	SLICE_INIT("wide.test. 300 IN MX 10 many.test."),
	SLICE_INIT("next.test. 300 IN MX 10 dead.test."),
	SLICE_INIT("next.test. 300 IN MX 20 mx2.test."),
	TEN("many.test. 300 IN AAAA ::ffff:127.0.1."),
	SLICE_INIT("many.test. 300 IN A 127.0.0.2"),
	TEN("dead.test. 300 IN AAAA ::ffff:127.0.1."),
	TEN("dead.test. 300 IN A 127.0.1."),
};

static void
begin(void)
{
	office = calloc(1, sizeof *office);
	first = calloc(1, sizeof *first);
	second = calloc(1, sizeof *second);
	first->offers = second->offers = "PIPELINING";
	second->address = "127.0.0.2";
	office->records = records;
	office->record_count = sizeof records / sizeof *records;
}

static void
run(void)
{
	server_start(first);
	second->port = first->port;
	server_start(second);
	office->port = first->port;
	office_open(office);
}

static void
end(void)
{
	office_close(office);
	server_stop(first);
	server_stop(second);
	free(office);
	free(first);
	free(second);
}

static void
the_best_server_is_asked(void **state)
{
	(void)state;
	begin();
	run();
	for (size_t i = 1; i <= 5; i++) {
		office_send_to(office, "boris@one.test");
		server_await(first, i);
	}
	office_expect_clean(office);
	assert_int_equal(second->connections, 0);
	assert_true(office_logged(office, "server=\"mx1.test [127.0.0.1:") == 5);
	end();
}

static void
the_next_is_asked_when_it_does_not_answer(void **state)
{
	(void)state;
	begin();
	run();
	office_send_to(office, "boris@dead-first.test");
	server_await(second, 1);
	office_expect_clean(office);
	end();
}

static void
the_next_is_asked_when_it_refuses_us(void **state)
{
	(void)state;
	begin();
	first->rules[0] = (struct server_rule){.on = "GREETING", .reply = "554 no"};
	run();
	office_send_to(office, "boris@one.test");
	server_await(second, 1);
	office_expect_clean(office);
	end();
}

static void
a_domain_without_mx_is_its_own(void **state)
{
	(void)state;
	begin();
	run();
	office_send_to(office, "boris@plain.test");
	server_await(second, 1);
	office_send_to(office, "boris@alias.test");
	server_await(second, 2);
	office_send_to(office, "boris@[127.0.0.1]");
	server_await(first, 1);
	office_expect_clean(office);
	end();
}

/* As on a machine without IPv6, to which a host says ten addresses of it. */
static void
dead_addresses_leave_tries_for_the_others(void **state)
{
	(void)state;
	begin();
	run();
	office_send_to(office, "boris@wide.test");
	server_await(second, 1);
	office_send_to(office, "boris@next.test");
	server_await(second, 2);
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "relay.deferred"), 0);
	end();
}

/* Each is given up at once, with a status of its own. */
static void
some_domains_take_no_mail(void **state)
{
	(void)state;
	static const struct {
		const char *address, *status;
	} cases[] = {{"boris@no-mail.test", "status=5.1.10"},
		{"boris@still-no-mail.test", "still-no-mail.test takes no mail"},
		{"boris@missing.test", "status=5.1.2"}, {"boris@lost.test", "status=5.4.4"},
		{"boris@back.test", "status=5.4.6"}};
	begin();
	run();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		office_send_to(office, cases[i].address);
		office_await_rows(office, 0);
		assert_int_equal(office_logged(office, cases[i].status), 1);
	}
	assert_int_equal(office_inbox_count(office, "anna@troika.test"), 5);
	assert_int_equal(first->connections + second->connections, 0);
	office_expect_clean(office);
	end();
}

/* RFC 7505 3: a null MX among others is a mistake; the others are asked. */
static void
a_null_mx_among_others_is_passed_over(void **state)
{
	(void)state;
	begin();
	run();
	office_send_to(office, "boris@some-mail.test");
	server_await(second, 1);
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "relay.deferred"), 0);
	end();
}

static void
who_greets_as_we_do_is_ourselves(void **state)
{
	(void)state;
	begin();
	first->rules[0] = (struct server_rule){
		.on = "GREETING", .reply = "220 mail.troika.test ESMTP"};
	run();
	office_send_to(office, "boris@mirror.test");
	office_await_rows(office, 0);
	assert_int_equal(office_logged(office, "status=5.4.6"), 1);
	end();
}

static void
what_the_dns_does_not_say_now_waits(void **state)
{
	(void)state;
	begin();
	run();
	office_send_to(office, "boris@elsewhere.example");
	office_await_attempts(office, 1);
	assert_int_equal(office_logged(office, "relay.deferred"), 1);
	assert_int_equal(office_logged(office, "status=4.4.3"), 1);
	end();
}

static void
a_route_that_leads_nowhere_bounces_nothing(void **state)
{
	(void)state;
	begin();
	run();
	office_route(office, "*", "misspelt.test", 25);
	office_send_to(office, "boris@one.test");
	office_await_attempts(office, 1);
	assert_int_equal(office_logged(office, "misspelt.test has no address"), 1);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_server_is_asked),
		cmocka_unit_test(the_next_is_asked_when_it_does_not_answer),
		cmocka_unit_test(the_next_is_asked_when_it_refuses_us),
		cmocka_unit_test(a_domain_without_mx_is_its_own),
		cmocka_unit_test(dead_addresses_leave_tries_for_the_others),
		cmocka_unit_test(some_domains_take_no_mail),
		cmocka_unit_test(a_null_mx_among_others_is_passed_over),
		cmocka_unit_test(who_greets_as_we_do_is_ourselves),
		cmocka_unit_test(what_the_dns_does_not_say_now_waits),
		cmocka_unit_test(a_route_that_leads_nowhere_bounces_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
