#include "base/test.h"
#include "net/certificate.h"
#include "net/test-group.h"
#include <openssl/x509v3.h>

/* STARTTLS and implicit TLS: versions, injection, SNI, reload, resumption, bulk. */

static void
speaks_under_tls(void **state)
{
	(void)state;
	struct peer peer = secured_peer();
	assert_string_equal(SSL_get_version(peer.ssl), "TLSv1.3");
	peer_say(&peer, "one");
	peer_expect(&peer, "one");
	peer_say(&peer, "STARTTLS");
	peer_expect(&peer, "no");
	peer_say(&peer, "QUIT");
	peer_expect(&peer, "QUIT");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
}

static void
starts_tls_and_drops_what_was_injected(void **state)
{
	(void)state;
	struct peer peer;
	peer_dial(&peer, server.port);
	peer_expect(&peer, "hello");
	peer_send(&peer, SLICE("STARTTLS\r\ninjected\r\nBIG 10\r\n"));
	peer_expect(&peer, "go");
	assert_true(peer_secure(&peer, "name.example"));
	peer_expect(&peer, "secured name.example");
	peer_say(&peer, "real");
	peer_expect(&peer, "real");
	peer_say(&peer, "STARTTLS");
	peer_expect(&peer, "no");
	peer_hang_up(&peer);
}

static void
sends_all_before_the_handshake(void **state)
{
	(void)state;
	struct peer peer;
	peer_dial(&peer, server.port);
	peer_expect(&peer, "hello");
	peer_send(&peer, SLICE("BIG 5000000\r\nSTARTTLS\r\n"));
	peer_swallow(&peer, 5000000);
	peer_expect(&peer, "ok");
	peer_expect(&peer, "go");
	assert_true(peer_secure(&peer, NULL));
	peer_expect(&peer, "secured ");
	peer_hang_up(&peer);
}

static void
answers_a_pipeline(void **state)
{
	(void)state;
	struct peer peer = secured_peer();
	for (int i = 0; i < 500; i++) {
		char line[32];
		snprintf(line, sizeof line, i % 50 ? "line %d" : "DONE %d", i);
		peer_say(&peer, line);
	}
	for (int i = 0; i < 500; i++) {
		char line[32];
		snprintf(line, sizeof line, i % 50 ? "line %d" : "quota", i);
		peer_expect(&peer, line);
	}
	peer_hang_up(&peer);
}

static void
moves_bulk_both_ways(void **state)
{
	(void)state;
	static char block[1024 * 1024];
	memset(block, 1, sizeof block);
	struct peer peer = secured_peer();
	peer_say(&peer, "DATA 8388608");
	for (int i = 0; i < 8; i++)
		peer_send(&peer, slice_of(block, sizeof block));
	peer_expect(&peer, "sum 8388608");
	peer_say(&peer, "BIG 20000000");
	echo_sleep_ms(50);
	peer_swallow(&peer, 20000000);
	peer_expect(&peer, "ok");
	peer_say(&peer, "MANY 3000");
	peer_expect(&peer, "many");
	echo_sleep_ms(50);
	peer_swallow(&peer, 3000 * 1024);
	peer_expect(&peer, "");
	peer_hang_up(&peer);
}

static void
answers_a_peer_that_closed_its_half(void **state)
{
	(void)state;
	struct peer peer = secured_peer();
	peer_send(&peer, SLICE("BIG 3000000\r\nhalf"));
	peer_half_close(&peer);
	peer_swallow(&peer, 3000000);
	peer_expect(&peer, "ok");
	peer_expect(&peer, "ended");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
}

static void
refuses_old_versions_and_renegotiation(void **state)
{
	(void)state;
	struct peer peer;
	peer_dial(&peer, server.tls_port);
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
	SSL *ssl = SSL_new(context);
	SSL_set_fd(ssl, peer.descriptor);
	assert_int_not_equal(SSL_connect(ssl), 1);
	SSL_free(ssl);
	peer_hang_up(&peer);

	peer_dial(&peer, server.tls_port);
	SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
	ssl = SSL_new(context);
	SSL_set_fd(ssl, peer.descriptor);
	assert_int_equal(SSL_connect(ssl), 1);
	assert_string_equal(SSL_get_version(ssl), "TLSv1.2");
	if (SSL_renegotiate(ssl) == 1)
		assert_int_not_equal(SSL_do_handshake(ssl), 1);
	SSL_free(ssl);
	SSL_CTX_free(context);
	peer_hang_up(&peer);
}

static void
counts_handshakes_that_fail(void **state)
{
	(void)state;
	struct base_metric *failures = base_metrics_counter(server.metrics,
		"troika_net_handshake_failures_total", "listener=\"echos\"", "");
	int64_t before = base_metric_value(failures);
	struct peer peer;
	peer_dial(&peer, server.tls_port);
	peer_say(&peer, "GET / HTTP/1.0");
	char byte;
	while (recv(peer.descriptor, &byte, 1, 0) > 0)
		;
	peer_hang_up(&peer);
	ECHO_UNTIL(base_metric_value(failures) == before + 1);
}

/* --- certificates -----------------------------------------------------------------------
 */

struct made {
	struct arena *arena;
	struct net_certificate certificate;
};

static struct made
make(const char *name)
{
	struct made made = {.arena = arena_create(ARENA_NO_CEILING)};
	struct slice names = slice_of_text(name);
	int64_t now = base_clock_wall_ms(server.clock) / 1000;
	made.certificate.name = names;
	assert_int_equal(
		net_certificate_self_signed(&names, 1,
			(struct net_certificate_times){now - 60, now + 86400}, made.arena,
			&made.certificate.chain, &made.certificate.key, NULL),
		BASE_OK);
	return made;
}

/* Which certificate does a peer get that asks for this name? */
static void
expect_certificate(const char *asked, const char *shown)
{
	struct peer peer;
	peer_dial(&peer, server.tls_port);
	assert_true(peer_secure(&peer, asked));
	X509 *leaf = SSL_get1_peer_certificate(peer.ssl);
	assert_int_equal(X509_check_host(leaf, shown, 0, 0, NULL), 1);
	X509_free(leaf);
	peer_hang_up(&peer);
}

static void
chooses_by_name_and_reloads(void **state)
{
	(void)state;
	struct peer old = secured_peer();
	struct made made[] = {make("first.test"), make("second.test"), make("*.wild.test")};
	struct net_certificate certificates[] = {
		made[0].certificate, made[1].certificate, made[2].certificate};
	assert_int_equal(net_set_certificates(server.net, certificates, 3, NULL), BASE_OK);
	expect_certificate("first.test", "first.test");
	expect_certificate("SECOND.test", "second.test");
	expect_certificate("imap.wild.test", "any.wild.test");
	expect_certificate("a.b.wild.test", "first.test");
	expect_certificate("unknown.test", "first.test");
	expect_certificate(NULL, "first.test");
	peer_say(&old, "still here");
	peer_expect(&old, "still here");
	peer_hang_up(&old);

	struct base_error error = {0};
	struct net_certificate wrong = certificates[0];
	wrong.key = certificates[1].key;
	assert_int_equal(net_set_certificates(server.net, &wrong, 1, &error), BASE_INVALID);
	assert_non_null(strstr(error.text, "first.test: the key does not belong"));
	wrong.key = SLICE("nothing");
	assert_int_equal(net_set_certificates(server.net, &wrong, 1, &error), BASE_INVALID);
	wrong.chain = SLICE_NONE;
	assert_int_equal(net_set_certificates(server.net, &wrong, 1, &error), BASE_INVALID);
	expect_certificate("second.test", "second.test");
	for (size_t i = 0; i < 3; i++)
		arena_destroy(made[i].arena);
}

static SSL_SESSION *
session_of(SSL_CTX *context, SSL_SESSION *resumed, bool *was_resumed)
{
	struct peer peer;
	peer_dial(&peer, server.tls_port);
	SSL *ssl = SSL_new(context);
	SSL_set_fd(ssl, peer.descriptor);
	if (resumed)
		SSL_set_session(ssl, resumed);
	assert_int_equal(SSL_connect(ssl), 1);
	char greeting[7];
	assert_int_equal(SSL_read(ssl, greeting, sizeof greeting), sizeof greeting);
	*was_resumed = SSL_session_reused(ssl);
	SSL_SESSION *session = SSL_get1_session(ssl);
	SSL_shutdown(ssl);
	SSL_free(ssl);
	peer_hang_up(&peer);
	return session;
}

static void
resumes_across_a_reload(void **state)
{
	(void)state;
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	bool resumed;
	SSL_SESSION *session = session_of(context, NULL, &resumed);
	assert_false(resumed);
	struct made made = make("third.test");
	assert_int_equal(
		net_set_certificates(server.net, &made.certificate, 1, NULL), BASE_OK);
	SSL_SESSION *again = session_of(context, session, &resumed);
	assert_true(resumed);
	SSL_SESSION_free(session);
	SSL_SESSION_free(again);
	SSL_CTX_free(context);
	arena_destroy(made.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speaks_under_tls),
		cmocka_unit_test(starts_tls_and_drops_what_was_injected),
		cmocka_unit_test(sends_all_before_the_handshake),
		cmocka_unit_test(answers_a_pipeline),
		cmocka_unit_test(moves_bulk_both_ways),
		cmocka_unit_test(answers_a_peer_that_closed_its_half),
		cmocka_unit_test(refuses_old_versions_and_renegotiation),
		cmocka_unit_test(counts_handshakes_that_fail),
		cmocka_unit_test(chooses_by_name_and_reloads),
		cmocka_unit_test(resumes_across_a_reload),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
