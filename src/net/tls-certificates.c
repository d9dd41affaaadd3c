#include "net/net.h"
#include "net/runtime.h"
#include "net/tls-server.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* TLS 1.2 and newer, forward secrecy; old mail servers still need CBC. */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:ECDHE+AES:!aNULL:!PSK"

struct net_certificates {
	atomic_int references;
	size_t count;
	SSL_CTX **contexts;
	struct map *by_name; /* lower-case subject names, "*.example.org" too */
};

void
net_certificates_drop(struct net_certificates *certificates)
{
	if (!certificates || atomic_fetch_sub(&certificates->references, 1) > 1)
		return;
	for (size_t i = 0; i < certificates->count; i++)
		SSL_CTX_free(certificates->contexts[i]);
	free(certificates->contexts);
	map_destroy(certificates->by_name);
	free(certificates);
}

static void
drop_certificates(struct net_certificates **certificates)
{
	net_certificates_drop(*certificates);
}

SSL_CTX *
net_certificates_default(const struct net_certificates *certificates)
{
	return certificates->contexts[0];
}

/* --- choosing by name (RFC 6066 3) ------------------------------------------------------
 */

#define NAME_MOST 255

/* The certificate of that name, or of the wildcard that covers it. */
static SSL_CTX *
context_of(const struct net_certificates *certificates, struct slice name)
{
	char lower[NAME_MOST + 1];
	if (name.length > NAME_MOST)
		return NULL;
	for (size_t i = 0; i < name.length; i++)
		lower[i] = byte_lower(name.data[i]);
	SSL_CTX *exact = map_get(certificates->by_name, slice_of(lower, name.length));
	size_t dot = slice_find_byte(name, '.');
	if (exact || dot == 0 || dot == name.length)
		return exact;
	lower[dot - 1] = '*';
	return map_get(
		certificates->by_name, slice_of(lower + dot - 1, name.length - dot + 1));
}

static int
choose_by_name(SSL *ssl, int *alert, void *argument)
{
	(void)alert;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	SSL_CTX *context = context_of(argument, slice_of_text(name));
	if (context)
		SSL_set_SSL_CTX(ssl, context);
	return SSL_TLSEXT_ERR_OK;
}

/* The first certificate with a name keeps it. */
static void
add_name(struct net_certificates *certificates, const ASN1_STRING *name, SSL_CTX *context)
{
	char lower[NAME_MOST];
	struct slice given =
		slice_of(ASN1_STRING_get0_data(name), (size_t)ASN1_STRING_length(name));
	if (given.length == 0 || given.length > sizeof lower)
		return;
	for (size_t i = 0; i < given.length; i++)
		lower[i] = byte_lower(given.data[i]);
	struct slice key = slice_of(lower, given.length);
	if (!map_get(certificates->by_name, key))
		map_put(certificates->by_name, key, context);
}

static void
free_names(GENERAL_NAMES **names)
{
	GENERAL_NAMES_free(*names);
}

static void
add_names(struct net_certificates *certificates, X509 *leaf, SSL_CTX *context)
{
	SCOPED(free_names)
	GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type == GEN_DNS)
			add_name(certificates, name->d.dNSName, context);
	}
	X509_NAME *subject = X509_get_subject_name(leaf);
	int common = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	if (!names && common >= 0)
		add_name(certificates,
			X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, common)),
			context);
}

/* --- one certificate --------------------------------------------------------------------
 */

static void
free_bio(BIO **bio)
{
	BIO_free(*bio);
}

static void
free_x509(X509 **certificate)
{
	X509_free(*certificate);
}

static void
free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

/* No terminal is ever asked for a passphrase. */
static int
no_passphrase(char *into, int room, int writing, void *argument)
{
	(void)into, (void)room, (void)writing, (void)argument;
	return -1;
}

static BIO *
memory(struct slice pem)
{
	return BIO_new_mem_buf(pem.data ? pem.data : "", (int)pem.length);
}

static enum base_failure
use_chain(SSL_CTX *context, const struct net_certificate *given, struct base_error *error)
{
	SCOPED(free_bio) BIO *bio = memory(given->chain);
	SCOPED(free_x509) X509 *leaf = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
	if (!leaf)
		return base_fail(error, BASE_INVALID, "%.*s: no certificate in it (PEM)",
			SLICE_ARG(given->name));
	char reason[256];
	if (SSL_CTX_use_certificate(context, leaf) != 1)
		return base_fail(error, BASE_INVALID, "%.*s: the certificate: %.*s",
			SLICE_ARG(given->name), SLICE_ARG(net_tls_reason(reason)));
	X509 *above;
	while ((above = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)))
		ASSERT(SSL_CTX_add0_chain_cert(context, above) == 1);
	ERR_clear_error();
	return BASE_OK;
}

static enum base_failure
use_key(SSL_CTX *context, const struct net_certificate *given, struct base_error *error)
{
	SCOPED(free_bio) BIO *bio = memory(given->key);
	SCOPED(free_key)
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	if (!key)
		return base_fail(error, BASE_INVALID,
			"%.*s: no private key in it (PEM, without a passphrase)",
			SLICE_ARG(given->name));
	if (SSL_CTX_use_PrivateKey(context, key) != 1 ||
		SSL_CTX_check_private_key(context) != 1)
		return base_fail(error, BASE_INVALID,
			"%.*s: the key does not belong to the certificate",
			SLICE_ARG(given->name));
	return BASE_OK;
}

static SSL_CTX *
new_context(struct net *net, struct net_certificates *certificates)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	ASSERT(context);
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					     SSL_OP_CIPHER_SERVER_PREFERENCE |
					     SSL_OP_PRIORITIZE_CHACHA |
					     SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(context, 1);
	ASSERT(SSL_CTX_set_cipher_list(context, CIPHERS) == 1);
	SSL_CTX_set_dh_auto(context, 1);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_session_id_context(context, (const unsigned char *)"troika", 6);
	SSL_CTX_set_num_tickets(context, 1);
	long keys = SSL_CTX_set_tlsext_ticket_keys(context, NULL, 0);
	ASSERT(keys > 0 && keys <= NET_TICKET_KEYS_MOST);
	SSL_CTX_set_tlsext_ticket_keys(context, net->tls.ticket_keys, keys);
	SSL_CTX_set_tlsext_servername_callback(context, choose_by_name);
	SSL_CTX_set_tlsext_servername_arg(context, certificates);
	return context;
}

static void
warn_of_dates(struct net *net, const struct net_certificate *given, X509 *leaf)
{
	time_t now = (time_t)(base_clock_wall_ms(net->settings.clock) / 1000);
	const char *what = NULL;
	if (X509_cmp_time(X509_get0_notAfter(leaf), &now) < 0)
		what = "expired";
	else if (X509_cmp_time(X509_get0_notBefore(leaf), &now) > 0)
		what = "not valid yet";
	if (what)
		LOG(net_log(net), BASE_LOG_WARN, "net.certificate",
			LOG_TEXT("file", given->name), LOG_STRING("problem", what));
}

static enum base_failure
add_certificate(struct net *net, struct net_certificates *certificates,
	const struct net_certificate *given, struct base_error *error)
{
	SSL_CTX *context = new_context(net, certificates);
	certificates->contexts[certificates->count++] = context;
	enum base_failure failure = use_chain(context, given, error);
	if (!failure)
		failure = use_key(context, given, error);
	if (failure)
		return failure;
	X509 *leaf = SSL_CTX_get0_certificate(context);
	warn_of_dates(net, given, leaf);
	add_names(certificates, leaf, context);
	return BASE_OK;
}

enum base_failure
net_set_certificates(struct net *net, const struct net_certificate *certificates,
	size_t count, struct base_error *error)
{
	SCOPED(drop_certificates)
	struct net_certificates *made = calloc(1, sizeof *made);
	ASSERT(made && count > 0);
	atomic_init(&made->references, 1);
	made->contexts = calloc(count, sizeof *made->contexts);
	made->by_name = map_create();
	ASSERT(made->contexts);
	for (size_t i = 0; i < count; i++) {
		enum base_failure failure =
			add_certificate(net, made, &certificates[i], error);
		if (failure)
			return failure;
	}
	pthread_mutex_lock(&net->tls.lock);
	struct net_certificates *before = net->tls.current;
	net->tls.current = made;
	pthread_mutex_unlock(&net->tls.lock);
	made = before; /* dropped at the end of the scope */
	return BASE_OK;
}

/* --- the current set --------------------------------------------------------------------
 */

void
net_tls_start(struct net_tls *tls)
{
	ASSERT(pthread_mutex_init(&tls->lock, NULL) == 0);
	base_random(tls->ticket_keys, sizeof tls->ticket_keys);
}

void
net_tls_stop(struct net_tls *tls)
{
	net_certificates_drop(tls->current);
	pthread_mutex_destroy(&tls->lock);
}

struct net_certificates *
net_tls_hold(struct net_tls *tls)
{
	pthread_mutex_lock(&tls->lock);
	struct net_certificates *current = tls->current;
	if (current)
		atomic_fetch_add(&current->references, 1);
	pthread_mutex_unlock(&tls->lock);
	return current;
}

bool
net_tls_ready(struct net_tls *tls)
{
	pthread_mutex_lock(&tls->lock);
	bool ready = tls->current != NULL;
	pthread_mutex_unlock(&tls->lock);
	return ready;
}
