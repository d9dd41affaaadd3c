#include "base/test.h"
#include "relay/report.h"
#include "relay/test-office.h"
#include "relay/test-server.h"
#include "wire/dsn.h"

/* What senders are told, read back from their mailboxes. */

static struct arena *arena;
static struct office *office;
static struct server *server;

static void
begin(void)
{
	arena = arena_create(ARENA_NO_CEILING);
	office = calloc(1, sizeof *office);
	server = calloc(1, sizeof *server);
	server->offers = "PIPELINING";
}

static void
run(void)
{
	server_start(server);
	office_open(office);
	office_route(office, "example.test", "127.0.0.1", server->port);
}

static void
end(void)
{
	office_close(office);
	server_stop(server);
	free(office);
	free(server);
	arena_destroy(arena);
}

static const char *const boris[] = {"boris@example.test"};
static const char *const two[] = {"boris@example.test", "clara@example.test"};

static struct slice
report_in_inbox(size_t count, struct wire_dsn *report)
{
	struct slice text =
		office_inbox(office, "anna@troika.test", count, count - 1, arena);
	assert_int_equal(wire_dsn_parse(text, arena, report), BASE_OK);
	return text;
}

static bool
holds(struct slice text, const char *part)
{
	return slice_find(text, slice_of_text(part)) < text.length;
}

static void
a_failure_comes_back_with_all_that_is_known(void **state)
{
	(void)state;
	struct wire_dsn report;
	begin();
	server->rules[0] =
		(struct server_rule){.on = "RCPT", .reply = "550 5.1.1 no such user"};
	run();
	office_send(office, &(struct office_letter){
				    .to = two, .to_count = 2, .envelope_id = "envelope-7"});
	struct slice text = report_in_inbox(1, &report);
	assert_slice_is(report.reporting, "mail.troika.test");
	assert_slice_is(report.envelope_id, "envelope-7");
	assert_true(report.has_arrival);
	assert_int_equal(report.count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct wire_dsn_recipient *to = &report.recipients[i];
		assert_true(slice_equal(to->final, slice_of_text(two[i])));
		assert_int_equal(to->action, WIRE_DSN_FAILED);
		assert_slice_is(to->status, "5.1.1");
		assert_slice_is(to->remote, "127.0.0.1");
		assert_slice_is(to->diagnostic, "550 5.1.1 no such user");
		assert_true(to->has_last_attempt);
	}
	assert_true(holds(text, "Return-Path: <>\r\n"));
	assert_true(holds(text, "In-Reply-To: <1@troika.test>\r\n"));
	assert_true(holds(text, "Content-Type: message/rfc822"));
	assert_true(holds(text, "Received: from client by mail.troika.test\r\n"
				"From: anna@troika.test"));
	assert_true(holds(text, "\r\n..two\r\nBye.\r\n"));
	office_expect_clean(office);
	end();
}

/* One report for all that failed at once, also where we ourselves say so. */
static void
addresses_of_ours_that_are_gone_share_a_report(void **state)
{
	static const char *const gone[] = {
		"gone@troika.test", "away@troika.test", "none@troika.test"};
	(void)state;
	struct wire_dsn report;
	begin();
	run();
	office_send(office, &(struct office_letter){.to = gone, .to_count = 3});
	report_in_inbox(1, &report);
	assert_int_equal(report.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_slice_is(report.recipients[i].status, "5.1.1");
	office_expect_clean(office);
	assert_int_equal(office_inbox_count(office, "anna@troika.test"), 1);
	end();
}

static void
the_headers_alone_if_the_sender_wants(void **state)
{
	(void)state;
	struct wire_dsn report;
	begin();
	server->rules[0] = (struct server_rule){.on = "RCPT", .reply = "550 no"};
	run();
	office_send(office,
		&(struct office_letter){.to = boris, .to_count = 1, .headers_only = true});
	struct slice text = report_in_inbox(1, &report);
	assert_slice_is(report.recipients[0].status, "5.0.0");
	assert_true(holds(text, "Content-Type: text/rfc822-headers"));
	assert_true(holds(text, "Message-ID: <1@troika.test>"));
	assert_false(holds(text, "Bye."));
	end();
}

/* "Subject: large", and that many bytes of body, the last of them "Bye.". */
static char *
large_text(size_t size)
{
	static const char head[] = "Subject: large\r\n\r\n", end[] = "Bye.\r\n";
	char *text = malloc(size + 1);
	assert_non_null(text);
	for (size_t i = 0; i < size; i++)
		text[i] = "0123456789 quick brown foxes jump over\r\n"[i % 40];
	memcpy(text, head, sizeof head - 1);
	memcpy(text + size - sizeof end + 1, end, sizeof end);
	return text;
}

static struct slice
report_on_large(size_t size, bool whole)
{
	struct wire_dsn report;
	SCOPED(scoped_free) char *text = large_text(size);
	begin();
	server->rules[0] = (struct server_rule){.on = "RCPT", .reply = "550 no"};
	run();
	office_send(
		office, &(struct office_letter){
				.to = boris, .to_count = 1, .text = text, .whole = whole});
	return report_in_inbox(1, &report);
}

static void
a_large_letter_comes_back_whole_if_the_sender_wants(void **state)
{
	(void)state;
	struct slice text = report_on_large(3000000, true);
	assert_true(text.length > 3000000);
	assert_true(holds(text, "Content-Type: message/rfc822"));
	assert_true(holds(text, "Bye.\r\n\r\n--=_report"));
	end();
	text = report_on_large(100000, false);
	assert_true(text.length < 10000);
	assert_true(holds(text, "Content-Type: text/rfc822-headers"));
	end();
	text = report_on_large(RELAY_REPORT_ASKED_MOST + 1000, true);
	assert_true(text.length < 10000);
	assert_true(holds(text, "Subject: large"));
	end();
}

static void
who_wants_no_report_gets_none(void **state)
{
	(void)state;
	begin();
	server->rules[0] = (struct server_rule){.on = "RCPT", .reply = "550 no"};
	run();
	office_send(office,
		&(struct office_letter){
			.to = boris, .to_count = 1, .notify = WIRE_SMTP_NOTIFY_NEVER});
	office_send(office,
		&(struct office_letter){
			.to = boris, .to_count = 1, .notify = WIRE_SMTP_NOTIFY_SUCCESS});
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "relay.bounced"), 2);
	assert_int_equal(office_inbox_count(office, "anna@troika.test"), 0);
	end();
}

static void
success_is_told_where_the_next_server_does_not(void **state)
{
	(void)state;
	struct wire_dsn report;
	begin();
	run();
	office_send(office,
		&(struct office_letter){.to = boris,
			.to_count = 1,
			.notify = WIRE_SMTP_NOTIFY_SUCCESS | WIRE_SMTP_NOTIFY_FAILURE});
	report_in_inbox(1, &report);
	assert_int_equal(report.recipients[0].action, WIRE_DSN_RELAYED);
	assert_slice_is(report.recipients[0].status, "2.0.0");
	server_await(server, 1);
	assert_string_equal(server->messages[0].to[0], "<boris@example.test>");
	office_expect_clean(office);
	end();
}

static const char *const anna[] = {"anna@troika.test"};

static void
success_is_told_of_our_own_mailboxes(void **state)
{
	(void)state;
	struct wire_dsn report;
	begin();
	run();
	office_send(office, &(struct office_letter){.to = anna,
				    .to_count = 1,
				    .sender = "stranger@example.test",
				    .envelope_id = "envelope-8",
				    .notify = WIRE_SMTP_NOTIFY_SUCCESS});
	server_await(server, 1);
	assert_string_equal(server->messages[0].from, "<>");
	assert_string_equal(server->messages[0].to[0], "<stranger@example.test>");
	struct slice text =
		slice_of(server->messages[0].data, server->messages[0].data_length);
	assert_int_equal(wire_dsn_parse(text, arena, &report), BASE_OK);
	assert_slice_is(report.envelope_id, "envelope-8");
	assert_int_equal(report.recipients[0].action, WIRE_DSN_DELIVERED);
	assert_slice_is(report.recipients[0].status, "2.0.0");
	assert_slice_is(report.recipients[0].final, "anna@troika.test");
	assert_false(holds(text, "Bye."));
	assert_int_equal(office_inbox_count(office, "anna@troika.test"), 1);
	office_expect_clean(office);
	end();
}

/* Letter and report come into the same mailbox, in the same commit. */
static void
who_writes_to_oneself_gets_both(void **state)
{
	(void)state;
	struct wire_dsn report;
	begin();
	run();
	office_send(office,
		&(struct office_letter){
			.to = anna, .to_count = 1, .notify = WIRE_SMTP_NOTIFY_SUCCESS});
	report_in_inbox(2, &report);
	assert_int_equal(report.recipients[0].action, WIRE_DSN_DELIVERED);
	office_expect_clean(office);
	end();
}

/* RFC 3461 5.2.7.3: of a list one report, and none of its members. */
static void
of_a_list_its_expansion_is_told(void **state)
{
	static const char *const list[] = {"list@troika.test"};
	struct slice members[] = {SLICE("anna@troika.test"), SLICE("boris@example.test")};
	(void)state;
	struct wire_dsn report;
	begin();
	server->offers = "PIPELINING\nDSN";
	run();
	office_done(
		post_alias_add(office->post, SLICE("list@troika.test"), members, 2, NULL));
	office_send(office,
		&(struct office_letter){
			.to = list, .to_count = 1, .notify = WIRE_SMTP_NOTIFY_SUCCESS});
	report_in_inbox(2, &report);
	assert_int_equal(report.count, 1);
	assert_int_equal(report.recipients[0].action, WIRE_DSN_EXPANDED);
	assert_slice_is(report.recipients[0].final, "list@troika.test");
	server_await(server, 1);
	assert_string_equal(server->messages[0].to[0], "<boris@example.test> NOTIFY=NEVER");
	office_expect_clean(office);
	end();
}

static void
another_address_of_one_inherits_its_wishes(void **state)
{
	static const char *const old[] = {"old@troika.test"};
	struct slice target[] = {SLICE("boris@example.test")};
	(void)state;
	begin();
	server->offers = "PIPELINING\nDSN";
	run();
	office_done(
		post_alias_add(office->post, SLICE("old@troika.test"), target, 1, NULL));
	office_send(office,
		&(struct office_letter){.to = old,
			.to_count = 1,
			.whole = true,
			.envelope_id = "envelope-9",
			.notify = WIRE_SMTP_NOTIFY_SUCCESS | WIRE_SMTP_NOTIFY_DELAY});
	server_await(server, 1);
	assert_string_equal(
		server->messages[0].from, "<anna@troika.test> RET=FULL ENVID=envelope-9");
	assert_string_equal(
		server->messages[0].to[0], "<boris@example.test> NOTIFY=SUCCESS,DELAY");
	office_expect_clean(office);
	assert_int_equal(office_inbox_count(office, "anna@troika.test"), 0);
	end();
}

static void
a_server_that_reports_is_asked_to(void **state)
{
	(void)state;
	begin();
	server->offers = "PIPELINING\nDSN";
	run();
	office_send(office, &(struct office_letter){.to = boris,
				    .to_count = 1,
				    .headers_only = true,
				    .envelope_id = "a+b",
				    .notify = WIRE_SMTP_NOTIFY_SUCCESS});
	server_await(server, 1);
	assert_string_equal(
		server->messages[0].from, "<anna@troika.test> RET=HDRS ENVID=a+2Bb");
	assert_string_equal(
		server->messages[0].to[0], "<boris@example.test> NOTIFY=SUCCESS");
	office_expect_clean(office);
	assert_int_equal(office_inbox_count(office, "anna@troika.test"), 0);
	end();
}

/* A warning after four hours, the end after five days; one report each. */
static void
a_long_delay_is_told_and_then_the_end(void **state)
{
	(void)state;
	struct wire_dsn report;
	begin();
	server->rules[0] =
		(struct server_rule){.on = "MAIL", .reply = "450 4.7.1 greylisted"};
	run();
	office_send_to(office, boris[0]);
	office_await_attempts(office, 1);
	office_advance(office, (int64_t)5 * 3600 * 1000);
	struct slice text = report_in_inbox(1, &report);
	assert_int_equal(report.recipients[0].action, WIRE_DSN_DELAYED);
	assert_slice_is(report.recipients[0].status, "4.7.1");
	assert_true(report.recipients[0].has_retry_until);
	assert_true(holds(text, "text/rfc822-headers"));
	office_await_attempts(office, 2);
	office_advance(office, (int64_t)6 * 24 * 3600 * 1000);
	report_in_inbox(2, &report);
	assert_int_equal(report.recipients[0].action, WIRE_DSN_FAILED);
	assert_slice_is(report.recipients[0].diagnostic, "450 4.7.1 greylisted");
	office_expect_clean(office);
	assert_int_equal(office_inbox_count(office, "anna@troika.test"), 2);
	end();
}

static void
a_report_is_never_reported_on(void **state)
{
	(void)state;
	begin();
	server->rules[0] = (struct server_rule){.on = "RCPT", .reply = "550 no"};
	run();
	office_send(
		office, &(struct office_letter){.to = boris, .to_count = 1, .sender = ""});
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "relay.report-undeliverable"), 1);
	end();
}

static void
strangers_get_theirs_by_the_queue(void **state)
{
	(void)state;
	struct wire_dsn report;
	begin();
	server->rules[0] = (struct server_rule){.on = "RCPT TO:<boris", .reply = "550 no"};
	run();
	office_send(office,
		&(struct office_letter){
			.to = boris, .to_count = 1, .sender = "stranger@example.test"});
	server_await(server, 1);
	assert_string_equal(server->messages[0].from, "<>");
	assert_string_equal(server->messages[0].to[0], "<stranger@example.test>");
	struct slice text =
		slice_of(server->messages[0].data, server->messages[0].data_length);
	assert_int_equal(wire_dsn_parse(text, arena, &report), BASE_OK);
	office_expect_clean(office);
	end();
}

static void
a_sender_of_ours_who_is_gone_is_told_nothing(void **state)
{
	(void)state;
	begin();
	server->rules[0] = (struct server_rule){.on = "RCPT", .reply = "550 no"};
	run();
	office_send(office,
		&(struct office_letter){
			.to = boris, .to_count = 1, .sender = "nobody@troika.test"});
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "relay.report-dropped"), 1);
	end();
}

/* The mailbox that can't take the report at once gets it later. */
static void
a_report_to_a_full_mailbox_waits(void **state)
{
	(void)state;
	struct wire_dsn report;
	begin();
	server->rules[0] = (struct server_rule){.on = "RCPT", .reply = "550 no"};
	run();
	office_done(post_account_set_limits(office->post, SLICE("anna@troika.test"),
		&(struct post_quota){.bytes = 10}, 0, NULL));
	office_send_to(office, boris[0]);
	office_await_attempts(office, 1);
	assert_int_equal(office_logged(office, "status=4.2.2"), 1);
	office_done(post_account_set_limits(
		office->post, SLICE("anna@troika.test"), &(struct post_quota){0}, 0, NULL));
	office_advance(office, 3600 * 1000);
	report_in_inbox(1, &report);
	assert_slice_is(report.recipients[0].final, "boris@example.test");
	office_expect_clean(office);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_comes_back_with_all_that_is_known),
		cmocka_unit_test(addresses_of_ours_that_are_gone_share_a_report),
		cmocka_unit_test(the_headers_alone_if_the_sender_wants),
		cmocka_unit_test(a_large_letter_comes_back_whole_if_the_sender_wants),
		cmocka_unit_test(who_wants_no_report_gets_none),
		cmocka_unit_test(success_is_told_where_the_next_server_does_not),
		cmocka_unit_test(success_is_told_of_our_own_mailboxes),
		cmocka_unit_test(who_writes_to_oneself_gets_both),
		cmocka_unit_test(of_a_list_its_expansion_is_told),
		cmocka_unit_test(another_address_of_one_inherits_its_wishes),
		cmocka_unit_test(a_server_that_reports_is_asked_to),
		cmocka_unit_test(a_long_delay_is_told_and_then_the_end),
		cmocka_unit_test(a_report_is_never_reported_on),
		cmocka_unit_test(strangers_get_theirs_by_the_queue),
		cmocka_unit_test(a_sender_of_ours_who_is_gone_is_told_nothing),
		cmocka_unit_test(a_report_to_a_full_mailbox_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
