#include "base/test.h"
#include "relay/queue.h"
#include "relay/test-office.h"
#include "relay/test-server.h"
#include <unistd.h>

/* From the queue to another server, over the wire. */

#define ALL_OFFERS "PIPELINING\nSIZE 10000000\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES"

static struct office *office;
static struct server *server;

static void
begin(void)
{
	office = calloc(1, sizeof *office);
	server = calloc(1, sizeof *server);
	server->offers = ALL_OFFERS;
}

/* Mail to example.test goes to the server. */
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
}

static void
a_letter_arrives_as_it_was(void **state)
{
	(void)state;
	begin();
	run();
	office_send_to(office, "boris@example.test");
	server_await(server, 1);
	const struct server_message *message = &server->messages[0];
	assert_string_equal(message->from, "<anna@troika.test> SIZE=163");
	assert_string_equal(message->to[0], "<boris@example.test>");
	assert_slice_is(slice_of(message->data, message->data_length),
		"Received: from client by mail.troika.test\r\n"
		"From: anna@troika.test\r\n"
		"Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\n"
		"Message-ID: <1@troika.test>\r\n"
		"\r\n"
		"Hello.\r\n.dot\r\n..two\r\nBye.\r\n");
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "relay.delivered"), 1);
	end();
}

static void
rule(const char *on, const char *reply, enum server_deed then, int times)
{
	size_t at = 0;
	while (server->rules[at].on)
		at++;
	server->rules[at] = (struct server_rule){on, reply, then, times};
}

static const char *const two[] = {"boris@example.test", "clara@example.test"};

static void
send_to_two(void)
{
	office_send(office, &(struct office_letter){.to = two, .to_count = 2});
}

static void
recipients_at_one_place_share_a_transaction(void **state)
{
	(void)state;
	begin();
	run();
	send_to_two();
	server_await(server, 1);
	assert_int_equal(server->messages[0].to_count, 2);
	assert_string_equal(server->messages[0].to[1], "<clara@example.test>");
	office_expect_clean(office);
	assert_int_equal(server_heard(server, "DATA"), 1);
	end();
}

static void
one_is_refused_and_the_other_gets_it(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	begin();
	rule("RCPT TO:<boris", "550-5.1.1 no\r\n550 5.1.1 such user", SERVER_GOES_ON, 0);
	run();
	send_to_two();
	server_await(server, 1);
	assert_int_equal(server->messages[0].to_count, 1);
	assert_string_equal(server->messages[0].to[0], "<clara@example.test>");
	struct slice report = office_inbox(office, "anna@troika.test", 1, 0, arena);
	assert_true(slice_find(report, SLICE("550 5.1.1 no such user")) < report.length);
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "relay.bounced"), 1);
	end();
}

/* Under PIPELINING the server says 354 though it took nobody (RFC 2920 3.1). */
static void
when_all_are_refused_nothing_is_sent(void **state)
{
	(void)state;
	begin();
	rule("RCPT", "550 5.7.1 no", SERVER_GOES_ON, 2);
	rule("END", "554 5.5.1 nobody", SERVER_GOES_ON, 1);
	run();
	send_to_two();
	office_await_rows(office, 0);
	assert_int_equal(server->message_count, 0);
	office_send_to(office, "boris@example.test");
	server_await(server, 1);
	office_expect_clean(office);
	end();
}

static void
after_a_refused_mail_the_session_goes_on(void **state)
{
	(void)state;
	begin();
	rule("MAIL", "550 5.7.1 not you", SERVER_GOES_ON, 1);
	run();
	office_send_to(office, "boris@example.test");
	office_await_rows(office, 0);
	office_send_to(office, "clara@example.test");
	server_await(server, 1);
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "reply=\"550 5.7.1 not you\""), 1);
	end();
}

static void
what_is_postponed_is_tried_again(void **state)
{
	(void)state;
	begin();
	server->offers = "8BITMIME";
	rule("RCPT", "450 4.2.0 later", SERVER_GOES_ON, 1);
	rule("DATA", "451 4.3.0 not now", SERVER_GOES_ON, 1);
	rule("END", "452 4.3.1 full", SERVER_GOES_ON, 1);
	run();
	office_send_to(office, "boris@example.test");
	for (uint32_t attempts = 1; attempts <= 3; attempts++) {
		office_await_attempts(office, attempts);
		assert_int_equal(server->message_count, 0);
		office_advance(office, 3600 * 1000);
	}
	server_await(server, 1);
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "relay.deferred"), 3);
	assert_int_equal(office_logged(office, "450 4.2.0 later"), 1);
	assert_int_equal(office_logged(office, "452 4.3.1 full"), 1);
	end();
}

static void
a_break_in_the_data_is_no_delivery(void **state)
{
	(void)state;
	begin();
	rule("DATA", NULL, SERVER_BREAKS_DATA, 1);
	rule("END", "", SERVER_HANGS_UP, 1);
	run();
	office_send_to(office, "boris@example.test");
	office_await_attempts(office, 1);
	office_advance(office, 3600 * 1000);
	office_await_attempts(office, 2);
	office_advance(office, 3600 * 1000);
	server_await(server, 1);
	office_expect_clean(office);
	end();
}

static void
old_servers_are_spoken_to_step_by_step(void **state)
{
	(void)state;
	begin();
	server->offers = NULL;
	rule("RCPT TO:<boris", "550 no", SERVER_GOES_ON, 0);
	run();
	send_to_two();
	server_await(server, 1);
	assert_string_equal(server->messages[0].from, "<anna@troika.test>");
	assert_string_equal(server->messages[0].to[0], "<clara@example.test>");
	office_await_rows(office, 0);
	office_send_to(office, "boris@example.test");
	office_await_rows(office, 0);
	assert_int_equal(server_heard(server, "HELO mail.troika.test"), 1);
	assert_int_equal(server_heard(server, "DATA"), 1);
	office_send_to(office, "clara@example.test");
	server_await(server, 2);
	office_expect_clean(office);
	assert_int_equal(server_heard(server, "RSET"), 1);
	end();
}

static void
one_connection_takes_many_letters(void **state)
{
	(void)state;
	begin();
	office->connections_per_destination = 1;
	run();
	for (int i = 0; i < 50; i++)
		office_send_to(office, "boris@example.test");
	server_await(server, 50);
	office_await_rows(office, 0);
	assert_int_equal(server->connections, 1);
	assert_int_equal(server_heard(server, "EHLO"), 1);
	assert_int_equal(server_heard(server, "RSET"), 0);
	office_expect_clean(office);
	end();
}

/* The server grew tired of waiting between two letters: no attempt is counted. */
static void
a_connection_that_went_away_is_made_anew(void **state)
{
	(void)state;
	begin();
	rule("MAIL FROM:<anna", NULL, SERVER_GOES_ON, 1);
	rule("MAIL FROM:<anna", "421 4.4.2 idle for too long", SERVER_HANGS_UP, 1);
	rule("MAIL FROM:<anna", NULL, SERVER_GOES_ON, 1);
	rule("MAIL FROM:<anna", "", SERVER_HANGS_UP, 1);
	run();
	for (size_t i = 1; i <= 3; i++) {
		office_send_to(office, "boris@example.test");
		server_await(server, i);
		office_await_rows(office, 0);
	}
	assert_int_equal(office_logged(office, "relay.deferred"), 0);
	office_expect_clean(office);
	end();
}

static void
a_letter_that_is_too_large_is_not_sent(void **state)
{
	(void)state;
	begin();
	server->offers = "SIZE 100\nPIPELINING";
	run();
	office_send_to(office, "boris@example.test");
	office_await_rows(office, 0);
	assert_int_equal(server_heard(server, "MAIL"), 0);
	assert_int_equal(office_logged(office, "status=5.3.4"), 1);
	end();
}

static void
too_many_recipients_go_in_two_transactions(void **state)
{
	(void)state;
	begin();
	rule("RCPT TO:<clara", "452 4.5.3 too many", SERVER_GOES_ON, 1);
	run();
	send_to_two();
	server_await(server, 2);
	assert_int_equal(server->messages[0].to_count, 1);
	assert_string_equal(server->messages[1].to[0], "<clara@example.test>");
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "relay.deferred"), 0);
	end();
}

/* --- what a letter needs --------------------------------------------------------- */

static const char *const international[] = {"b\xc3\xb6ris@example.test"};
static const char *const plain[] = {"boris@example.test"};

static void
international_addresses_need_a_server_for_them(void **state)
{
	(void)state;
	begin();
	server->offers = "PIPELINING\n8BITMIME";
	run();
	office_send(office, &(struct office_letter){
				    .to = international, .to_count = 1, .smtputf8 = true});
	office_await_rows(office, 0);
	assert_int_equal(office_logged(office, "status=5.6.7"), 1);
	/* The letter came with SMTPUTF8, but needs none of it. */
	office_send(office,
		&(struct office_letter){.to = plain, .to_count = 1, .smtputf8 = true});
	server_await(server, 1);
	assert_string_equal(server->messages[0].from, "<anna@troika.test>");
	end();
}

static void
international_addresses_are_sent_as_such(void **state)
{
	(void)state;
	begin();
	run();
	office_send(office, &(struct office_letter){.to = international,
				    .to_count = 1,
				    .smtputf8 = true,
				    .eight_bit = true});
	server_await(server, 1);
	assert_string_equal(server->messages[0].from,
		"<anna@troika.test> SIZE=163 BODY=8BITMIME SMTPUTF8");
	assert_string_equal(server->messages[0].to[0], "<b\xc3\xb6ris@example.test>");
	office_expect_clean(office);
	end();
}

static void
binary_content_goes_in_chunks_or_not_at_all(void **state)
{
	(void)state;
	static const char binary[] = "Subject: x\r\n\r\n.\r\n\0lone\rcr\n.\r\n";
	const struct office_letter letter = {.to = plain,
		.to_count = 1,
		.binary = true,
		.text = binary,
		.text_length = sizeof binary - 1};
	begin();
	run();
	office_send(office, &letter);
	office_await_rows(office, 0);
	assert_int_equal(office_logged(office, "status=5.6.1"), 1);
	end();
	begin();
	server->offers = "PIPELINING\nCHUNKING\nBINARYMIME";
	run();
	office_send(office, &letter);
	server_await(server, 1);
	assert_string_equal(server->messages[0].from, "<anna@troika.test> BODY=BINARYMIME");
	struct slice data =
		slice_of(server->messages[0].data, server->messages[0].data_length);
	assert_true(slice_ends(data, slice_of(binary, sizeof binary - 1)));
	office_expect_clean(office);
	end();
}

static void
a_large_letter_arrives_whole(void **state)
{
	(void)state;
	const size_t size = 3 * 1024 * 1024;
	char *text = malloc(size + 1);
	size_t length = (size_t)snprintf(text, size, "Subject: large\r\n\r\n");
	while (length < size - 80)
		length += (size_t)snprintf(text + length, size - length, "%s%060zu\r\n",
			length % 3 ? "." : "", length);
	begin();
	run();
	office_send(office,
		&(struct office_letter){
			.to = plain, .to_count = 1, .text = text, .text_length = length});
	server_await(server, 1);
	struct slice data =
		slice_of(server->messages[0].data, server->messages[0].data_length);
	assert_true(slice_ends(data, slice_of(text, length)));
	office_expect_clean(office);
	free(text);
	end();
}

/* --- servers that are no good ---------------------------------------------------- */

/* Each line comes in time, but not the last one (RFC 5321 4.5.3.2: of the command). */
static void
an_answer_without_end_is_left_in_time(void **state)
{
	(void)state;
	begin();
	rule("MAIL", "250-one", SERVER_NEVER_ENDS, 0);
	run();
	office_send_to(office, "boris@example.test");
	while (server_heard(server, "MAIL") == 0)
		usleep(10 * 1000);
	for (int i = 0; i < 3000 && office_logged(office, "relay.deferred") == 0; i++) {
		usleep(20 * 1000);
		office_advance(office, 10 * 1000);
	}
	assert_true(office_logged(office, "its answer has no end") > 0);
	end();
}

static void
a_silent_server_is_left_in_time(void **state)
{
	(void)state;
	begin();
	rule("GREETING", NULL, SERVER_SAYS_NOTHING, 1);
	run();
	office_send_to(office, "boris@example.test");
	server_await_connections(server, 1);
	/* The client may not have begun to wait yet. */
	while (office_logged(office, "nothing within ") == 0) {
		usleep(300 * 1000);
		office_advance(office, 6 * 60 * 1000);
	}
	/* Nor may it have given up when the clock goes on, and try again only later. */
	while (server_heard(server, "DATA") == 0) {
		usleep(300 * 1000);
		office_advance(office, 6 * 60 * 1000);
	}
	server_await(server, 1);
	office_expect_clean(office);
	end();
}

static void
garbage_is_no_reply(void **state)
{
	(void)state;
	begin();
	rule("GREETING", "HTTP/1.1 400 Bad Request", SERVER_GOES_ON, 1);
	rule("GREETING", "554 5.7.1 not for you", SERVER_HANGS_UP, 1);
	rule("EHLO", "421 4.3.2 closing", SERVER_HANGS_UP, 1);
	run();
	office_send_to(office, "boris@example.test");
	for (uint32_t attempts = 1; attempts <= 3; attempts++) {
		office_await_attempts(office, attempts);
		office_advance(office, 3600 * 1000);
	}
	server_await(server, 1);
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "does not speak SMTP"), 1);
	assert_int_equal(office_logged(office, "554 5.7.1 not for you"), 1);
	end();
}

/* Whoever is ready at a dead place shares the fate of the first, without a try each. */
static void
a_dead_place_is_asked_once(void **state)
{
	(void)state;
	begin();
	rule("GREETING", "421 4.3.2 overloaded", SERVER_HANGS_UP, 1);
	office->idle = true;
	office->connections_per_destination = 1;
	run();
	for (int i = 0; i < 20; i++)
		office_send_to(office, "boris@example.test");
	office_run(office);
	while (office_logged(office, "relay.deferred") < 20)
		;
	assert_int_equal(server->connections, 1);
	office_advance(office, 3600 * 1000);
	server_await(server, 20);
	office_expect_clean(office);
	end();
}

static void
a_new_letter_waits_while_the_place_rests(void **state)
{
	(void)state;
	begin();
	rule("GREETING", "421 4.3.2 overloaded", SERVER_HANGS_UP, 1);
	run();
	office_send_to(office, "boris@example.test");
	office_await_attempts(office, 1);
	office_send_to(office, "clara@example.test");
	office_await_rows(office, 2);
	assert_int_equal(server->connections, 1);
	office_advance(office, 2 * 60 * 1000);
	server_await(server, 1);
	assert_string_equal(server->messages[0].to[0], "<clara@example.test>");
	end();
}

/* A server that puts off one letter after the other gets a rest from us. */
static void
a_server_that_only_postpones_is_let_alone(void **state)
{
	(void)state;
	begin();
	rule("MAIL", "450 4.7.1 slow down", SERVER_GOES_ON, 0);
	office->idle = true;
	office->connections_per_destination = 1;
	run();
	for (int i = 0; i < 50; i++)
		office_send_to(office, "boris@example.test");
	office_run(office);
	while (office_logged(office, "relay.deferred") < 20)
		;
	usleep(300 * 1000);
	assert_int_equal(server_heard(server, "MAIL"), 20);
	office_advance(office, 3 * 60 * 1000);
	while (office_logged(office, "relay.deferred") < 40)
		;
	end();
}

static void
stopping_is_quick_and_loses_nothing(void **state)
{
	(void)state;
	begin();
	rule("DATA", NULL, SERVER_SAYS_NOTHING, 1);
	run();
	office_send_to(office, "boris@example.test");
	server_await_connections(server, 1);
	while (server_heard(server, "DATA") == 0)
		;
	office_reopen(office);
	server_await(server, 1);
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "relay.deferred"), 0);
	end();
}

/* RFC 6533 3: each "+" takes six characters on the wire. */
static void
the_longest_envelope_is_sent_whole(void **state)
{
	(void)state;
	char original[WIRE_SMTP_ORCPT_MOST];
	const char *to[RELAY_PARCEL_MOST];
	memset(original, '+', sizeof original);
	for (size_t i = 0; i < RELAY_PARCEL_MOST; i++)
		to[i] = "boris@example.test";
	begin();
	server->offers = ALL_OFFERS "\nDSN";
	run();
	office_send(office, &(struct office_letter){.to = to,
				    .to_count = RELAY_PARCEL_MOST,
				    .notify = WIRE_SMTP_NOTIFY_FAILURE,
				    .original_type = SLICE("utf-8"),
				    .original = slice_of(original, sizeof original)});
	server_await(server, 1);
	assert_int_equal(server->messages[0].to_count, RELAY_PARCEL_MOST);
	assert_int_equal(strlen(server->messages[0].to[RELAY_PARCEL_MOST - 1]),
		strlen("<boris@example.test> NOTIFY=FAILURE ORCPT=utf-8;") +
			strlen("\\x{2B}") * sizeof original);
	office_expect_clean(office);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_arrives_as_it_was),
		cmocka_unit_test(recipients_at_one_place_share_a_transaction),
		cmocka_unit_test(one_is_refused_and_the_other_gets_it),
		cmocka_unit_test(when_all_are_refused_nothing_is_sent),
		cmocka_unit_test(after_a_refused_mail_the_session_goes_on),
		cmocka_unit_test(what_is_postponed_is_tried_again),
		cmocka_unit_test(a_break_in_the_data_is_no_delivery),
		cmocka_unit_test(old_servers_are_spoken_to_step_by_step),
		cmocka_unit_test(one_connection_takes_many_letters),
		cmocka_unit_test(a_connection_that_went_away_is_made_anew),
		cmocka_unit_test(a_letter_that_is_too_large_is_not_sent),
		cmocka_unit_test(too_many_recipients_go_in_two_transactions),
		cmocka_unit_test(international_addresses_need_a_server_for_them),
		cmocka_unit_test(international_addresses_are_sent_as_such),
		cmocka_unit_test(the_longest_envelope_is_sent_whole),
		cmocka_unit_test(binary_content_goes_in_chunks_or_not_at_all),
		cmocka_unit_test(a_large_letter_arrives_whole),
		cmocka_unit_test(an_answer_without_end_is_left_in_time),
		cmocka_unit_test(a_silent_server_is_left_in_time),
		cmocka_unit_test(garbage_is_no_reply),
		cmocka_unit_test(a_dead_place_is_asked_once),
		cmocka_unit_test(a_new_letter_waits_while_the_place_rests),
		cmocka_unit_test(a_server_that_only_postpones_is_let_alone),
		cmocka_unit_test(stopping_is_quick_and_loses_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
