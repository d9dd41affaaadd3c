#include "base/test.h"
#include "net/certificate.h"
#include "net/stream.h"
#include "net/test-tls-peer.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

struct fixture {
	struct base_clock *clock;
	struct arena *arena;
	struct tls_peer server;
	struct net_tls_client *client;
	struct net_stream *stream;
};

static const uint64_t plenty = 60000;
static const struct net_certificate_times this_century = {946684800, 4102444800};
static const struct net_certificate_times last_century = {0, 946684800};

/* --- the fixture -------------------------------------------------------------------- */

static void
start(struct fixture *f, enum tls_peer_script script, struct net_certificate_times times)
{
	assert_true(tls_peer_start(
		&f->server, script, SLICE("mail.example.test"), times, f->arena));
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	signal(SIGPIPE, SIG_IGN);
	*state = f;
	f->clock = base_clock_create();
	f->arena = arena_create(256 * 1024);
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	net_stream_close(f->stream);
	tls_peer_destroy(&f->server);
	net_tls_client_destroy(f->client);
	arena_destroy(f->arena);
	base_clock_destroy(f->clock);
	free(f);
	return 0;
}

/* trusted: the server's certificate is one of the roots. */
static void
make_client(struct fixture *f, bool trusted)
{
	struct base_error error;
	struct net_tls_client_settings settings = {
		.sessions = 8, .clock = f->clock, .roots_folder = "/nonexistent"};

	if (trusted)
		settings.roots = f->server.chain;
	if (net_tls_client_create(&settings, &f->client, &error) != BASE_OK)
		fail_msg("%s", error.text);
}

static void
dial(struct fixture *f)
{
	struct net_stream_settings settings = {.clock = f->clock};

	net_stream_release(&f->stream);
	assert_int_equal(
		net_stream_dial(&settings, &f->server.at, NULL, plenty, &f->stream, NULL),
		BASE_OK);
}

static enum base_failure
secure(struct fixture *f, struct net_tls_wish wish)
{
	dial(f);
	return net_stream_start_tls(f->stream, f->client, &wish, plenty);
}

static void
assert_echoes(struct fixture *f)
{
	struct slice line;

	assert_int_equal(net_stream_put(f->stream, SLICE("hello\r\n"), plenty), BASE_OK);
	assert_int_equal(net_stream_read_line(f->stream, plenty, &line), BASE_OK);
	assert_slice_is(line, "hello");
}

static const struct net_tls_facts *
facts_of(struct fixture *f)
{
	return net_stream_tls(f->stream);
}

static struct net_tls_wish
wish_for(const char *name, enum net_tls_check check)
{
	return (struct net_tls_wish){.server_name = slice_of_text(name), .check = check};
}

/* --- names and roots ---------------------------------------------------------------- */

static void
any_certificate_will_do_when_nothing_is_required(void **state)
{
	struct fixture *f = *state;

	start(f, TLS_PEER_ECHO, this_century);
	make_client(f, false);
	assert_int_equal(secure(f, wish_for("mail.example.test", NET_TLS_ANY)), BASE_OK);
	assert_echoes(f);
	assert_int_equal(facts_of(f)->verdict, NET_TLS_NOT_TRUSTED);
	assert_slice_is(facts_of(f)->version, "TLSv1.3");
	assert_true(facts_of(f)->cipher.length > 0);
	assert_slice_is(facts_of(f)->subject, "/CN=mail.example.test");
	assert_int_equal(facts_of(f)->digest.length, 64);
	assert_false(facts_of(f)->resumed);
	/* Without any name, too. */
	assert_int_equal(secure(f, wish_for("", NET_TLS_ANY)), BASE_OK);
	assert_echoes(f);
}

static void
the_right_name_from_a_root_is_verified(void **state)
{
	struct fixture *f = *state;

	start(f, TLS_PEER_ECHO, this_century);
	make_client(f, true);
	assert_int_equal(secure(f, wish_for("mail.example.test", NET_TLS_NAMES)), BASE_OK);
	assert_int_equal(facts_of(f)->verdict, NET_TLS_VERIFIED);
	assert_echoes(f);
	/* One of several names is enough. */
	struct slice names[] = {SLICE_INIT("other.test"), SLICE_INIT("mail.example.test")};
	struct net_tls_wish wish = wish_for("other.test", NET_TLS_NAMES);
	wish.names = names;
	wish.name_count = 2;
	assert_int_equal(secure(f, wish), BASE_OK);
	assert_int_equal(facts_of(f)->verdict, NET_TLS_VERIFIED);
}

struct refusal {
	const char *name;
	bool trusted;
	bool expired;
	enum net_tls_verdict verdict;
};

static const struct refusal refusals[] = {
	{"other.test", true, false, NET_TLS_HOST_MISMATCH},
	{"127.0.0.1", true, false, NET_TLS_HOST_MISMATCH},
	{"mail.example.test", false, false, NET_TLS_NOT_TRUSTED},
	{"mail.example.test", true, true, NET_TLS_EXPIRED},
};

static void
refuse(void **state, const struct refusal *refusal)
{
	struct fixture *f;

	assert_int_equal(set_up(state), 0);
	f = *state;
	start(f, TLS_PEER_ECHO, refusal->expired ? last_century : this_century);
	make_client(f, refusal->trusted);
	assert_int_equal(secure(f, wish_for(refusal->name, NET_TLS_NAMES)), BASE_DENIED);
	assert_int_equal(facts_of(f)->verdict, refusal->verdict);
	assert_non_null(strstr(net_stream_error(f->stream)->text, "mail.example.test"));
	assert_int_equal(net_stream_put(f->stream, SLICE("secret"), plenty), BASE_DENIED);
	/* Where nothing is required, it is seen all the same. */
	assert_int_equal(secure(f, wish_for(refusal->name, NET_TLS_ANY)), BASE_OK);
	assert_int_equal(facts_of(f)->verdict, refusal->verdict);
	tear_down(state);
}

static void
whoever_is_somebody_else_is_refused(void **state)
{
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		refuse(state, &refusals[i]);
}

/* --- DANE --------------------------------------------------------------------------- */

static struct net_tlsa
key_record(struct fixture *f, uint8_t *digest)
{
	assert_int_equal(net_certificate_key_digest(f->server.chain, digest), BASE_OK);
	return (struct net_tlsa){3, 1, 1, slice_of(digest, BASE_SHA256_SIZE)};
}

static struct net_tls_wish
dane_wish(const char *name, const struct net_tlsa *records, size_t count)
{
	return (struct net_tls_wish){.server_name = slice_of_text(name),
		.check = NET_TLS_DANE,
		.records = records,
		.record_count = count};
}

static void
a_matching_key_is_enough_for_dane(void **state)
{
	struct fixture *f = *state;
	uint8_t digest[BASE_SHA256_SIZE], other[BASE_SHA256_SIZE] = {1};

	start(f, TLS_PEER_ECHO, last_century); /* expired: RFC 7672 3.1.1 doesn't mind */
	make_client(f, false);
	struct net_tlsa records[] = {
		{3, 1, 1, slice_of(other, sizeof other)}, key_record(f, digest)};
	assert_int_equal(secure(f, dane_wish("another.name.test", records, 2)), BASE_OK);
	assert_int_equal(facts_of(f)->verdict, NET_TLS_VERIFIED);
	assert_false(facts_of(f)->dane_unusable);
	assert_echoes(f);
}

static void
another_key_is_refused_by_dane(void **state)
{
	struct fixture *f = *state;
	uint8_t digest[BASE_SHA256_SIZE];

	start(f, TLS_PEER_ECHO, this_century);
	make_client(f, true); /* a root's word doesn't help */
	struct net_tlsa record = key_record(f, digest);
	digest[31] ^= 1;
	assert_int_equal(
		secure(f, dane_wish("mail.example.test", &record, 1)), BASE_DENIED);
	assert_int_equal(facts_of(f)->verdict, NET_TLS_TLSA_INVALID);
	assert_string_equal(net_tls_verdict_name(facts_of(f)->verdict), "tlsa-invalid");
}

/* The server's own certificate becomes an authority, and another signed by it its own. */
static void
insert_authority(struct fixture *f)
{
	SSL_CTX *context = f->server.context;
	X509 *authority = SSL_CTX_get0_certificate(context);
	EVP_PKEY *authority_key = SSL_CTX_get0_privatekey(context);
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *leaf = X509_dup(authority);
	X509_NAME *subject = X509_get_subject_name(leaf);

	/* The copy keeps issuer, names and dates; it is no authority. */
	assert_int_equal(X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC,
				 (const unsigned char *)"leaf", -1, -1, 0),
		1);
	int constraints = X509_get_ext_by_NID(leaf, NID_basic_constraints, -1);
	X509_EXTENSION_free(X509_delete_ext(leaf, constraints));
	X509_set_pubkey(leaf, key);
	assert_true(X509_sign(leaf, authority_key, EVP_sha256()) > 0);
	X509_up_ref(authority);
	assert_int_equal(SSL_CTX_use_certificate(context, leaf), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
	assert_int_equal(SSL_CTX_add0_chain_cert(context, authority), 1);
	X509_free(leaf);
	EVP_PKEY_free(key);
}

static void
a_trust_anchor_needs_the_name_too(void **state)
{
	struct fixture *f = *state;
	uint8_t digest[BASE_SHA256_SIZE];

	start(f, TLS_PEER_ECHO, this_century);
	insert_authority(f);
	make_client(f, false);
	struct net_tlsa record = key_record(f, digest);
	record.usage = 2;
	assert_int_equal(secure(f, dane_wish("mail.example.test", &record, 1)), BASE_OK);
	assert_int_equal(facts_of(f)->verdict, NET_TLS_VERIFIED);
	assert_int_equal(secure(f, dane_wish("other.test", &record, 1)), BASE_DENIED);
	assert_int_equal(facts_of(f)->verdict, NET_TLS_HOST_MISMATCH);
	digest[0] ^= 1;
	assert_int_equal(
		secure(f, dane_wish("mail.example.test", &record, 1)), BASE_DENIED);
}

static void
unusable_records_encrypt_without_a_promise(void **state)
{
	struct fixture *f = *state;
	uint8_t digest[BASE_SHA256_SIZE];

	start(f, TLS_PEER_ECHO, this_century);
	make_client(f, false);
	struct net_tlsa record = key_record(f, digest);
	struct net_tlsa unusable[] = {record, record, record, record};
	unusable[0].usage = 0;
	unusable[1].usage = 1;
	unusable[2].matching = 9;
	unusable[3].data.length = 5;
	assert_int_equal(secure(f, dane_wish("mail.example.test", unusable, 4)), BASE_OK);
	assert_true(facts_of(f)->dane_unusable);
	assert_int_not_equal(facts_of(f)->verdict, NET_TLS_VERIFIED);
	assert_echoes(f);
}

/* --- handshakes that go wrong ------------------------------------------------------- */

static void
answers_put_in_before_the_handshake(void **state)
{
	struct fixture *f = *state;
	struct slice line;

	start(f, TLS_PEER_INJECT, this_century);
	make_client(f, false);
	dial(f);
	assert_int_equal(net_stream_read_line(f->stream, plenty, &line), BASE_OK);
	assert_slice_is(line, "220 ready");
	struct net_tls_wish wish = wish_for("mail.example.test", NET_TLS_ANY);
	assert_int_equal(
		net_stream_start_tls(f->stream, f->client, &wish, plenty), BASE_INVALID);
	assert_int_equal(net_stream_read_line(f->stream, plenty, &line), BASE_INVALID);
	net_stream_release(&f->stream);
	tls_peer_stop(&f->server);
	assert_int_equal(f->server.heard, 0);
}

static void
answers_put_in_later_but_in_time(void **state)
{
	struct fixture *f = *state;
	struct slice line;

	start(f, TLS_PEER_INJECT_LATER, this_century);
	make_client(f, false);
	dial(f);
	assert_int_equal(net_stream_read_line(f->stream, plenty, &line), BASE_OK);
	assert_int_equal(write(f->server.go[1], "g", 1), 1);
	while (!net_stream_readable(f->stream))
		usleep(1000);
	struct net_tls_wish wish = wish_for("mail.example.test", NET_TLS_ANY);
	assert_int_equal(
		net_stream_start_tls(f->stream, f->client, &wish, plenty), BASE_INVALID);
}

static void
a_silent_handshake_meets_the_deadline(void **state)
{
	struct fixture *f = *state;
	struct net_tls_wish wish = wish_for("mail.example.test", NET_TLS_ANY);

	start(f, TLS_PEER_SILENCE, this_century);
	make_client(f, false);
	dial(f);
	assert_int_equal(
		net_stream_start_tls(f->stream, f->client, &wish, 50), BASE_UNAVAILABLE);
	assert_int_equal(facts_of(f)->verdict, NET_TLS_FAILED);
}

static void
a_peer_without_tls_or_with_an_old_one(void **state)
{
	struct fixture *f = *state;

	start(f, TLS_PEER_GARBAGE, this_century);
	make_client(f, false);
	assert_int_equal(
		secure(f, wish_for("mail.example.test", NET_TLS_ANY)), BASE_UNAVAILABLE);
	assert_int_equal(facts_of(f)->verdict, NET_TLS_FAILED);
	net_stream_release(&f->stream);

	f->server.script = TLS_PEER_ECHO;
	SSL_CTX_set_security_level(f->server.context, 0);
	SSL_CTX_set_min_proto_version(f->server.context, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(f->server.context, TLS1_1_VERSION);
	assert_int_equal(
		secure(f, wish_for("mail.example.test", NET_TLS_ANY)), BASE_UNAVAILABLE);
	assert_int_equal(facts_of(f)->verdict, NET_TLS_FAILED);
}

static void
a_cut_connection_is_no_end(void **state)
{
	struct fixture *f = *state;
	char bytes[64];
	size_t got;

	start(f, TLS_PEER_NO_GOODBYE, this_century);
	make_client(f, false);
	assert_int_equal(secure(f, wish_for("mail.example.test", NET_TLS_ANY)), BASE_OK);
	assert_int_equal(net_stream_read_all(f->stream, bytes, 7, plenty), BASE_OK);
	assert_int_equal(net_stream_read(f->stream, bytes, sizeof bytes, plenty, &got),
		BASE_UNAVAILABLE);
}

/* --- sessions ----------------------------------------------------------------------- */

static void
sessions_are_resumed(void **state, int version)
{
	struct fixture *f = *state;
	uint8_t digest[BASE_SHA256_SIZE];

	start(f, TLS_PEER_ECHO, this_century);
	SSL_CTX_set_max_proto_version(f->server.context, version);
	make_client(f, true);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(
			secure(f, wish_for("mail.example.test", NET_TLS_NAMES)), BASE_OK);
		assert_int_equal(facts_of(f)->resumed, i > 0);
		assert_int_equal(facts_of(f)->verdict, NET_TLS_VERIFIED);
		assert_slice_is(facts_of(f)->subject, "/CN=mail.example.test");
		assert_echoes(f);
	}
	/* What was verified for one wish is not taken for another. */
	struct net_tlsa record = key_record(f, digest);
	assert_int_equal(secure(f, dane_wish("mail.example.test", &record, 1)), BASE_OK);
	assert_false(facts_of(f)->resumed);
	assert_int_equal(secure(f, wish_for("other.test", NET_TLS_NAMES)), BASE_DENIED);
	/* And not for ever. */
	base_clock_advance(f->clock, NET_TLS_SESSION_LIFE_MS + 1);
	assert_int_equal(secure(f, wish_for("mail.example.test", NET_TLS_NAMES)), BASE_OK);
	assert_false(facts_of(f)->resumed);
}

static void
sessions_of_tls_1_3_are_resumed(void **state)
{
	sessions_are_resumed(state, TLS1_3_VERSION);
}

static void
sessions_of_tls_1_2_are_resumed(void **state)
{
	sessions_are_resumed(state, TLS1_2_VERSION);
}

/* --- much, and on a small stack ----------------------------------------------------- */

#define MUCH  (300 * 1000)
#define STACK (128 * 1024)

struct zeros {
	struct base_source source;
	size_t left;
};

static size_t
pull_zeros(struct base_source *source, char *into, size_t room)
{
	struct zeros *zeros = (struct zeros *)source;
	size_t part = zeros->left < room ? zeros->left : room;

	memset(into, 0, part);
	zeros->left -= part;
	return part;
}

static void
keep_open(struct base_source *source)
{
	(void)source;
}

static void *
read_echo(void *argument)
{
	struct fixture *f = argument;
	struct zeros zeros = {{pull_zeros, keep_open}, MUCH};
	char bytes[4096];
	size_t total = 0, got;

	if (secure(f, wish_for("mail.example.test", NET_TLS_NAMES)) != BASE_OK)
		return NULL;
	/* The echo fits into the sockets' buffers while nobody reads it. */
	if (net_stream_send(f->stream, &zeros.source, plenty) != BASE_OK)
		return NULL;
	while (total < MUCH &&
		net_stream_read(f->stream, bytes, sizeof bytes, plenty, &got) == BASE_OK)
		total += got;
	return (void *)total;
}

static void
much_goes_through_a_small_stack(void **state)
{
	struct fixture *f = *state;
	pthread_attr_t attributes;
	pthread_t thread;
	void *total;

	start(f, TLS_PEER_ECHO, this_century);
	make_client(f, true);
	pthread_attr_init(&attributes);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	pthread_attr_setstacksize(&attributes, 8 * STACK);
#else
	pthread_attr_setstacksize(&attributes, STACK);
#endif
	assert_int_equal(pthread_create(&thread, &attributes, read_echo, f), 0);
	pthread_join(thread, &total);
	assert_int_equal((size_t)total, MUCH);
	pthread_attr_destroy(&attributes);
}

static void
roots_that_are_none_are_refused(void **state)
{
	(void)state;
	struct net_tls_client *client;
	struct base_error error;

	assert_int_equal(net_tls_client_create(
				 &(struct net_tls_client_settings){.roots = SLICE("hello")},
				 &client, &error),
		BASE_INVALID);
	assert_null(client);
}

#define TLS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TLS(any_certificate_will_do_when_nothing_is_required),
		TLS(the_right_name_from_a_root_is_verified),
		cmocka_unit_test(whoever_is_somebody_else_is_refused),
		TLS(a_matching_key_is_enough_for_dane),
		TLS(another_key_is_refused_by_dane),
		TLS(a_trust_anchor_needs_the_name_too),
		TLS(unusable_records_encrypt_without_a_promise),
		TLS(answers_put_in_before_the_handshake),
		TLS(answers_put_in_later_but_in_time),
		TLS(a_silent_handshake_meets_the_deadline),
		TLS(a_peer_without_tls_or_with_an_old_one),
		TLS(a_cut_connection_is_no_end),
		TLS(sessions_of_tls_1_3_are_resumed),
		TLS(sessions_of_tls_1_2_are_resumed),
		TLS(much_goes_through_a_small_stack),
		cmocka_unit_test(roots_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
