#include "base/test.h"
#include "net/certificate.h"
#include "relay/test-office.h"
#include "relay/test-server.h"

/* TLS on the way to other servers: where it can be, and where it must. */

static struct arena *arena;
static struct office *office;
static struct server *server;
static char tlsa[256];
static struct slice records[8];

static void
make_certificate(void)
{
	struct slice name = SLICE("mx1.test"), chain, key;
	const struct net_certificate_times times = {
		.from_s = 1700000000, .to_s = 4000000000};
	assert_int_equal(
		net_certificate_self_signed(&name, 1, times, arena, &chain, &key, NULL),
		BASE_OK);
	server->chain_pem = arena_text(arena, chain);
	server->key_pem = arena_text(arena, key);
}

static void
begin(void)
{
	arena = arena_create(ARENA_NO_CEILING);
	office = calloc(1, sizeof *office);
	server = calloc(1, sizeof *server);
	server->offers = "PIPELINING\nSTARTTLS";
	records[0] = SLICE("one.test. 300 IN MX 10 mx1.test.");
	records[1] = SLICE("mx1.test. 300 IN A 127.0.0.1");
	office->records = records;
	office->record_count = 2;
}

static void
run(void)
{
	server_start(server);
	office->port = server->port;
	office_open(office);
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

static void
what_can_be_secured_is(void **state)
{
	(void)state;
	begin();
	make_certificate();
	run();
	office_send_to(office, "boris@one.test");
	server_await(server, 1);
	assert_true(server->messages[0].secured);
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "tls=\"TLSv1.3 "), 1);
	assert_int_equal(server_heard(server, "EHLO"), 2);
	end();
}

static void
a_failed_handshake_is_followed_by_the_clear(void **state)
{
	(void)state;
	begin();
	run();
	office_send_to(office, "boris@one.test");
	server_await(server, 1);
	assert_false(server->messages[0].secured);
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "relay.tls-failed"), 1);
	end();
}

static void
a_refused_starttls_is_followed_by_the_clear(void **state)
{
	(void)state;
	begin();
	server->rules[0] =
		(struct server_rule){.on = "STARTTLS", .reply = "454 4.7.0 not now"};
	run();
	office_send_to(office, "boris@one.test");
	server_await(server, 1);
	assert_int_equal(server->connections, 1);
	office_expect_clean(office);
	end();
}

/* Answers put in before the handshake are an attack: no mail for this server now. */
static void
injected_answers_stop_it(void **state)
{
	(void)state;
	begin();
	make_certificate();
	server->rules[0] = (struct server_rule){.on = "STARTTLS",
		.reply = "220 2.0.0 go on\r\n250 server.test\r\n250 2.1.0 injected",
		.times = 1};
	run();
	office_send_to(office, "boris@one.test");
	office_await_attempts(office, 1);
	assert_int_equal(server->message_count, 0);
	assert_int_equal(server_heard(server, "MAIL"), 0);
	assert_int_equal(server->connections, 1);
	office_advance(office, 3600 * 1000);
	server_await(server, 1);
	assert_true(server->messages[0].secured);
	office_expect_clean(office);
	end();
}

/* --- DANE: what stands in the resolver's own zone counts as proven --------------- */

static void
publish_key(bool right)
{
	uint8_t digest[BASE_SHA256_SIZE];
	assert_int_equal(
		net_certificate_key_digest(slice_of_text(server->chain_pem), digest),
		BASE_OK);
	digest[0] ^= right ? 0 : 1;
	server_start(server);
	office->port = server->port;
	struct slice hex = hex_encode(arena, slice_of(digest, sizeof digest));
	snprintf(tlsa, sizeof tlsa, "_%u._tcp.mx1.test. 300 IN TLSA 3 1 1 %.*s",
		server->port, SLICE_ARG(hex));
	records[2] = slice_of_text(tlsa);
	office->record_count = 3;
	office_open(office);
}

static void
a_key_that_the_dns_proves_is_taken(void **state)
{
	(void)state;
	begin();
	make_certificate();
	publish_key(true);
	office_send_to(office, "boris@one.test");
	server_await(server, 1);
	assert_true(server->messages[0].secured);
	office_expect_clean(office);
	assert_int_equal(office_logged(office, "verified"), 1);
	end();
}

static void
another_key_is_not_taken(void **state)
{
	(void)state;
	begin();
	make_certificate();
	publish_key(false);
	office_send_to(office, "boris@one.test");
	office_await_attempts(office, 1);
	assert_int_equal(server->message_count, 0);
	assert_int_equal(office_logged(office, "status=4.7.5"), 1);
	end();
}

static void
where_the_dns_wants_tls_there_is_no_clear(void **state)
{
	(void)state;
	begin();
	make_certificate();
	server->offers = "PIPELINING";
	publish_key(true);
	office_send_to(office, "boris@one.test");
	office_await_attempts(office, 1);
	assert_int_equal(server_heard(server, "MAIL"), 0);
	assert_int_equal(office_logged(office, "status=4.7.4"), 1);
	end();
}

/* --- TLS from the first byte ----------------------------------------------------- */

static void
a_route_may_want_tls_from_the_start(void **state)
{
	(void)state;
	begin();
	make_certificate();
	server->offers = "PIPELINING";
	server->implicit_tls = true;
	run();
	char target[64];
	snprintf(target, sizeof target, "smtps://127.0.0.1:%u", server->port);
	office_done(
		relay_route_add(office->relay, SLICE("*"), slice_of_text(target), NULL));
	office_send_to(office, "boris@one.test");
	server_await(server, 1);
	assert_true(server->messages[0].secured);
	office_expect_clean(office);
	/* By name, the certificate must be one that is trusted. */
	snprintf(target, sizeof target, "smtps://mx1.test:%u", server->port);
	office_done(
		relay_route_add(office->relay, SLICE("*"), slice_of_text(target), NULL));
	office_send_to(office, "boris@one.test");
	office_await_attempts(office, 1);
	assert_int_equal(server->message_count, 1);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_secured_is),
		cmocka_unit_test(a_failed_handshake_is_followed_by_the_clear),
		cmocka_unit_test(a_refused_starttls_is_followed_by_the_clear),
		cmocka_unit_test(injected_answers_stop_it),
		cmocka_unit_test(a_key_that_the_dns_proves_is_taken),
		cmocka_unit_test(another_key_is_not_taken),
		cmocka_unit_test(where_the_dns_wants_tls_there_is_no_clear),
		cmocka_unit_test(a_route_may_want_tls_from_the_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
