#include "net/stream-internal.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <pthread.h>

struct kept_session {
	uint8_t key[BASE_SHA256_SIZE];
	unsigned char *bytes; /* i2d_SSL_SESSION; NULL: an empty place */
	int length;
	uint64_t born; /* steady ms */
};

/* A ring: the newest overwrites the oldest. */
struct net_tls_client {
	SSL_CTX *context;
	struct base_clock *clock;
	pthread_mutex_t lock;
	struct kept_session *kept;
	size_t most, next;
};

SSL_CTX *
tls_client_context(const struct net_tls_client *client)
{
	return client->context;
}

/* --- sessions ----------------------------------------------------------------------- */

static void
forget(struct kept_session *kept)
{
	OPENSSL_clear_free(kept->bytes, (size_t)kept->length);
	*kept = (struct kept_session){0};
}

static struct kept_session *
find(struct net_tls_client *client, const uint8_t *key)
{
	for (size_t i = 0; i < client->most; i++)
		if (client->kept[i].bytes != NULL &&
			memcmp(client->kept[i].key, key, BASE_SHA256_SIZE) == 0)
			return &client->kept[i];
	return NULL;
}

static void
put(struct net_tls_client *client, const uint8_t *key, unsigned char *bytes, int length)
{
	pthread_mutex_lock(&client->lock);
	struct kept_session *place = find(client, key);
	if (place == NULL) {
		place = &client->kept[client->next];
		client->next = (client->next + 1) % client->most;
	}
	forget(place);
	memcpy(place->key, key, sizeof place->key);
	place->bytes = bytes;
	place->length = length;
	place->born = base_clock_steady_ms(client->clock);
	pthread_mutex_unlock(&client->lock);
}

/* OpenSSL calls it when a session is to be had: with TLS 1.3 while reading. */
static int
on_session(SSL *tls, SSL_SESSION *session)
{
	struct net_stream *stream = SSL_get_app_data(tls);
	unsigned char *bytes = NULL;

	if (stream->tls_client->most == 0 || !SSL_SESSION_is_resumable(session))
		return 0;
	int length = i2d_SSL_SESSION(session, &bytes);
	if (length > 0 && length <= NET_TLS_SESSION_BYTES)
		put(stream->tls_client, stream->session_key, bytes, length);
	else
		OPENSSL_free(bytes);
	return 0; /* the reference stays OpenSSL's */
}

SSL_SESSION *
tls_client_session(struct net_tls_client *client, const uint8_t key[BASE_SHA256_SIZE])
{
	SSL_SESSION *session = NULL;

	pthread_mutex_lock(&client->lock);
	struct kept_session *kept = find(client, key);
	if (kept != NULL) {
		const unsigned char *from = kept->bytes;
		uint64_t age = base_clock_steady_ms(client->clock) - kept->born;
		if (age <= NET_TLS_SESSION_LIFE_MS)
			session = d2i_SSL_SESSION(NULL, &from, kept->length);
		if (session == NULL ||
			SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION)
			forget(kept);
	}
	pthread_mutex_unlock(&client->lock);
	return session;
}

/* --- making one --------------------------------------------------------------------- */

static enum base_failure
tls_failed(struct base_error *error, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_get_error());

	ERR_clear_error();
	return base_fail(error, BASE_INVALID, "TLS, %s: %s", what,
		reason != NULL ? reason : "no reason given");
}

static enum base_failure
add_roots(SSL_CTX *context, struct slice pem, struct base_error *error)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);
	bool added = true;

	if (slice_empty(pem))
		return BASE_OK;
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.length);
	unsigned count = 0;
	while (bio != NULL && added) {
		X509 *root = PEM_read_bio_X509(bio, NULL, NULL, NULL);
		if (root == NULL)
			break;
		added = X509_STORE_add_cert(store, root) == 1;
		X509_free(root);
		count++;
	}
	BIO_free(bio);
	ERR_clear_error(); /* the end of the list is an error to OpenSSL */
	if (!added || count == 0)
		return base_fail(
			error, BASE_INVALID, "TLS roots: no certificate in the text");
	return BASE_OK;
}

static enum base_failure
configure(SSL_CTX *context, const struct net_tls_client_settings *settings,
	struct base_error *error)
{
	const char *folder = settings->roots_folder != NULL ? settings->roots_folder
							    : NET_TLS_ROOTS_DEFAULT;

	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					  SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_session_cache_mode(
		context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, on_session);
	if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
		SSL_CTX_dane_enable(context) <= 0)
		return tls_failed(error, "setting up");
	if (SSL_CTX_load_verify_dir(context, folder) != 1)
		return tls_failed(error, folder);
	return add_roots(context, settings->roots, error);
}

enum base_failure
net_tls_client_create(const struct net_tls_client_settings *settings,
	struct net_tls_client **client, struct base_error *error)
{
	struct net_tls_client *fresh = calloc(1, sizeof *fresh);
	size_t most = settings->sessions < NET_TLS_SESSIONS_MOST ? settings->sessions
								 : NET_TLS_SESSIONS_MOST;

	*client = NULL;
	if (fresh == NULL)
		return base_fail(error, BASE_UNAVAILABLE, "no memory for TLS");
	pthread_mutex_init(&fresh->lock, NULL);
	fresh->clock = settings->clock;
	fresh->most = most;
	fresh->kept = calloc(most > 0 ? most : 1, sizeof *fresh->kept);
	fresh->context = SSL_CTX_new(TLS_client_method());
	enum base_failure failure = fresh->kept == NULL || fresh->context == NULL
					    ? tls_failed(error, "setting up")
					    : configure(fresh->context, settings, error);
	if (failure == BASE_OK)
		*client = fresh;
	else
		net_tls_client_destroy(fresh);
	return failure;
}

void
net_tls_client_destroy(struct net_tls_client *client)
{
	if (client == NULL)
		return;
	SSL_CTX_free(client->context);
	for (size_t i = 0; client->kept != NULL && i < client->most; i++)
		forget(&client->kept[i]);
	free(client->kept);
	pthread_mutex_destroy(&client->lock);
	free(client);
}
