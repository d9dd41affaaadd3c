#include "net/stream-internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>

#define FACTS_ARENA_MOST (64 * 1024)
#define NAME_SHOWN_MOST  512
#define NAME_MOST        253

/* RFC 7672 3.1.3: the usages that mail uses. */
enum { DANE_TA = 2, DANE_EE = 3 };

/* --- bytes -------------------------------------------------------------------------- */

static enum stream_try
tls_error(struct net_stream *stream, int error, const char *what)
{
	unsigned long code = ERR_get_error();
	const char *reason = ERR_reason_error_string(code);

	ERR_clear_error();
	if (error == SSL_ERROR_SYSCALL && reason == NULL)
		reason = errno != 0 ? strerrordesc_np(errno)
				    : "the peer closed the connection";
	if (reason == NULL)
		reason = "the peer closed the connection";
	(void)stream_fail(stream, BASE_UNAVAILABLE, "TLS, %s: %s", what, reason);
	return STREAM_FAILED;
}

static enum stream_try
tls_tried(struct net_stream *stream, int result, short *events, const char *what)
{
	if (result == 1)
		return STREAM_DONE;
	int error = SSL_get_error(stream->tls, result);
	switch (error) {
	case SSL_ERROR_WANT_READ:
		*events = POLLIN;
		return STREAM_WANT;
	case SSL_ERROR_WANT_WRITE:
		*events = POLLOUT;
		return STREAM_WANT;
	case SSL_ERROR_ZERO_RETURN:
		return STREAM_END;
	default:
		return tls_error(stream, error, what);
	}
}

enum stream_try
stream_tls_read(
	struct net_stream *stream, char *into, size_t room, size_t *got, short *events)
{
	ERR_clear_error();
	errno = 0;
	return tls_tried(
		stream, SSL_read_ex(stream->tls, into, room, got), events, "reading");
}

enum stream_try
stream_tls_write(struct net_stream *stream, struct slice s, size_t *wrote, short *events)
{
	ERR_clear_error();
	errno = 0;
	enum stream_try result = tls_tried(stream,
		SSL_write_ex(stream->tls, s.data, s.length, wrote), events, "writing");
	if (result == STREAM_END) {
		(void)stream_fail(
			stream, BASE_UNAVAILABLE, "TLS, writing: the peer said goodbye");
		return STREAM_FAILED;
	}
	return result;
}

void
stream_tls_close(struct net_stream *stream)
{
	if (stream->tls == NULL)
		return;
	ERR_clear_error();
	if (!stream->broken && SSL_is_init_finished(stream->tls))
		(void)SSL_shutdown(stream->tls);
	ERR_clear_error();
	SSL_free(stream->tls);
	stream->tls = NULL;
}

/* --- who the peer says it is --------------------------------------------------------- */

static struct slice
name_text(struct arena *arena, X509_NAME *name)
{
	char text[NAME_SHOWN_MOST];

	if (name == NULL || X509_NAME_oneline(name, text, sizeof text) == NULL)
		return SLICE_NONE;
	return arena_copy(arena, slice_of_text(text));
}

static void
learn_certificate(struct net_stream *stream, X509 *certificate)
{
	struct net_tls_facts *facts = &stream->facts;
	uint8_t digest[BASE_SHA256_SIZE];
	unsigned size = sizeof digest;

	if (certificate == NULL || !slice_absent(facts->subject))
		return;
	facts->subject = name_text(stream->facts_arena, X509_get_subject_name(certificate));
	facts->issuer = name_text(stream->facts_arena, X509_get_issuer_name(certificate));
	if (X509_digest(certificate, EVP_sha256(), digest, &size) == 1)
		facts->digest = hex_encode(stream->facts_arena, slice_of(digest, size));
}

/* --- what is wished ----------------------------------------------------------------- */

static bool
is_address(const char *name)
{
	uint8_t bytes[16];

	return inet_pton(AF_INET, name, bytes) == 1 ||
	       inet_pton(AF_INET6, name, bytes) == 1;
}

/* All names of the wish, or the server's alone. */
static bool
set_names(struct net_stream *stream, const struct net_tls_wish *wish)
{
	const struct slice *names = wish->name_count > 0 ? wish->names : &wish->server_name;
	size_t count = wish->name_count > 0 ? wish->name_count : 1;

	SSL_set_hostflags(stream->tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	for (size_t i = 0; i < count; i++) {
		if (slice_empty(names[i]))
			continue;
		if (names[i].length > NAME_MOST ||
			SSL_add1_host(stream->tls,
				arena_text(stream->facts_arena, names[i])) != 1)
			return false;
	}
	return true;
}

static size_t
add_records(SSL *tls, const struct net_tls_wish *wish)
{
	size_t usable = 0;

	for (size_t i = 0; i < wish->record_count && i < NET_TLS_RECORDS_MOST; i++) {
		const struct net_tlsa *record = &wish->records[i];
		if (record->usage != DANE_TA && record->usage != DANE_EE)
			continue;
		if (SSL_dane_tlsa_add(tls, record->usage, record->selector,
			    record->matching, (const unsigned char *)record->data.data,
			    record->data.length) > 0)
			usable++;
	}
	ERR_clear_error();
	return usable;
}

/* Before the other names: it empties their list. */
static bool
set_dane(struct net_stream *stream, const struct net_tls_wish *wish, const char *base)
{
	if (SSL_dane_enable(stream->tls, base) <= 0)
		return false;
	/* DANE-EE binds the key to the name by DNSSEC; RFC 7672 3.1.1. */
	SSL_dane_set_flags(stream->tls, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	stream->facts.dane_unusable = add_records(stream->tls, wish) == 0;
	return true;
}

/* Notes who the peer says it is, also when the handshake then fails; decides nothing. */
static int
on_certificate(int verified, X509_STORE_CTX *chain)
{
	SSL *tls = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct net_stream *stream = SSL_get_app_data(tls);

	learn_certificate(stream, X509_STORE_CTX_get0_cert(chain));
	return verified;
}

static bool
set_checks(struct net_stream *stream, const struct net_tls_wish *wish)
{
	char *server =
		arena_text(stream->facts_arena, slice_first(wish->server_name, NAME_MOST));
	bool required = wish->check == NET_TLS_NAMES;

	if (wish->server_name.length > NAME_MOST)
		return false;
	if (server[0] != '\0' && !is_address(server) &&
		SSL_set_tlsext_host_name(stream->tls, server) != 1)
		return false;
	if (wish->check == NET_TLS_DANE) {
		if (!set_dane(stream, wish, server))
			return false;
		required = !stream->facts.dane_unusable;
	}
	/* Weak keys are better than none, where the other choice is in the clear. */
	if (!required)
		SSL_set_security_level(stream->tls, 1);
	SSL_set_verify(
		stream->tls, required ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, on_certificate);
	return set_names(stream, wish);
}

/* --- sessions ----------------------------------------------------------------------- */

/* All that a resumed session must agree on, as nothing is verified again. */
static void
make_session_key(struct net_stream *stream, const struct net_tls_wish *wish)
{
	SCOPED(buffer_free) struct buffer all = buffer_with(1024 * 1024);
	char text[NET_ADDRESS_TEXT_MOST];

	buffer_put_sized(&all, wish->server_name);
	if (stream->peer.length > 0)
		buffer_put_sized(&all, net_address_text_port(&stream->peer, text));
	buffer_put_byte(&all, (char)wish->check);
	buffer_put_varint(&all, wish->name_count);
	for (size_t i = 0; i < wish->name_count; i++)
		buffer_put_sized(&all, wish->names[i]);
	for (size_t i = 0; i < wish->record_count && i < NET_TLS_RECORDS_MOST; i++) {
		const struct net_tlsa *record = &wish->records[i];
		buffer_put_byte(&all, (char)record->usage);
		buffer_put_byte(&all, (char)record->selector);
		buffer_put_byte(&all, (char)record->matching);
		buffer_put_sized(&all, record->data);
	}
	/* What is too much to be told apart is kept under a key that nobody finds again. */
	if (buffer_failed(&all))
		base_random(stream->session_key, sizeof stream->session_key);
	else
		base_sha256_of(buffer_slice(&all), stream->session_key);
}

static void
offer_session(struct net_stream *stream)
{
	SSL_SESSION *session = tls_client_session(stream->tls_client, stream->session_key);

	if (session == NULL)
		return;
	(void)SSL_set_session(stream->tls, session);
	SSL_SESSION_free(session);
}

/* --- what came of it ---------------------------------------------------------------- */

static enum net_tls_verdict
verdict_of(long result)
{
	switch (result) {
	case X509_V_OK:
		return NET_TLS_VERIFIED;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return NET_TLS_HOST_MISMATCH;
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return NET_TLS_EXPIRED;
	case X509_V_ERR_DANE_NO_MATCH:
		return NET_TLS_TLSA_INVALID;
	default:
		return NET_TLS_NOT_TRUSTED;
	}
}

const char *
net_tls_verdict_name(enum net_tls_verdict verdict)
{
	switch (verdict) {
	case NET_TLS_UNCHECKED:
		return "unchecked";
	case NET_TLS_VERIFIED:
		return "verified";
	case NET_TLS_HOST_MISMATCH:
		return "certificate-host-mismatch";
	case NET_TLS_EXPIRED:
		return "certificate-expired";
	case NET_TLS_NOT_TRUSTED:
		return "certificate-not-trusted";
	case NET_TLS_TLSA_INVALID:
		return "tlsa-invalid";
	case NET_TLS_FAILED:
		return "validation-failure";
	}
	return "?";
}

static void
learn_facts(struct net_stream *stream, bool shook)
{
	struct net_tls_facts *facts = &stream->facts;
	X509 *certificate = SSL_get0_peer_certificate(stream->tls);
	long result = SSL_get_verify_result(stream->tls);

	learn_certificate(stream, certificate);
	facts->verdict = verdict_of(result);
	if (!shook && result == X509_V_OK)
		facts->verdict = NET_TLS_FAILED;
	else if (shook && certificate == NULL)
		facts->verdict = NET_TLS_NOT_TRUSTED;
	if (!shook)
		return;
	facts->resumed = SSL_session_reused(stream->tls) == 1;
	facts->version = slice_of_text(SSL_get_version(stream->tls));
	facts->cipher = slice_of_text(SSL_get_cipher_name(stream->tls));
}

static enum base_failure
refuse(struct net_stream *stream)
{
	long result = SSL_get_verify_result(stream->tls);

	if (result == X509_V_OK || SSL_get_verify_mode(stream->tls) == SSL_VERIFY_NONE)
		return stream->error.failure;
	return stream_fail(stream, BASE_DENIED, "the certificate \"%.*s\" is refused: %s",
		SLICE_ARG(stream->facts.subject), X509_verify_cert_error_string(result));
}

/* --- the handshake ------------------------------------------------------------------ */

static enum base_failure
shake_hands(struct net_stream *stream, uint64_t within_ms)
{
	struct stream_patience patience = stream_patience(stream, within_ms);

	for (;;) {
		short events = POLLIN;
		ERR_clear_error();
		errno = 0;
		switch (tls_tried(stream, SSL_connect(stream->tls), &events, "handshake")) {
		case STREAM_DONE:
			return BASE_OK;
		case STREAM_WANT:
			if (stream_wait(stream, &patience, events) != BASE_OK)
				return stream->error.failure;
			break;
		case STREAM_END:
			return stream_fail(stream, BASE_UNAVAILABLE,
				"TLS, handshake: the peer closed the connection");
		case STREAM_FAILED:
			return stream->error.failure;
		}
	}
}

/* Answers behind "220 go ahead" were written by somebody else. */
static bool
has_plain_input(struct net_stream *stream)
{
	char byte;

	return stream->input_end > stream->input_start ||
	       recv(stream->descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static enum base_failure
prepare(struct net_stream *stream, struct net_tls_client *client,
	const struct net_tls_wish *wish)
{
	stream->tls_client = client;
	stream->facts_arena = arena_create(FACTS_ARENA_MOST);
	stream->record = malloc(NET_STREAM_BLOCK);
	stream->tls = SSL_new(tls_client_context(client));
	if (stream->record == NULL || stream->tls == NULL ||
		SSL_set_fd(stream->tls, stream->descriptor) != 1)
		return stream_fail(stream, BASE_UNAVAILABLE, "TLS: no memory");
	(void)SSL_set_app_data(stream->tls, stream);
	if (!set_checks(stream, wish))
		return stream_fail(stream, BASE_INVALID, "TLS: \"%.*s\" can't be asked for",
			SLICE_ARG(wish->server_name));
	make_session_key(stream, wish);
	offer_session(stream);
	return BASE_OK;
}

enum base_failure
net_stream_start_tls(struct net_stream *stream, struct net_tls_client *client,
	const struct net_tls_wish *wish, uint64_t within_ms)
{
	ASSERT(stream->tls == NULL);
	ASSERT(wish->name_count <= NET_TLS_NAMES_MOST);
	ASSERT(wish->check == NET_TLS_ANY || !slice_empty(wish->server_name) ||
		wish->name_count > 0);
	if (stream->broken)
		return stream->error.failure;
	if (has_plain_input(stream))
		return stream_fail(stream, BASE_INVALID,
			"answers were put in before the TLS handshake");
	if (prepare(stream, client, wish) != BASE_OK)
		return stream->error.failure;
	bool shook = shake_hands(stream, within_ms) == BASE_OK;
	learn_facts(stream, shook);
	return shook ? BASE_OK : refuse(stream);
}

const struct net_tls_facts *
net_stream_tls(const struct net_stream *stream)
{
	return &stream->facts;
}
