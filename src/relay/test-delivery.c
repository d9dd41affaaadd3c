#include "base/test.h"
#include "relay/test-office.h"
#include "relay/test-server.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_arrives_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
