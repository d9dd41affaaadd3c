#include "net/certificate.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static void
release_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void
release_certificate(X509 **certificate)
{
	X509_free(*certificate);
}

static void
release_bio(BIO **bio)
{
	BIO_free(*bio);
}

static bool
is_address(const char *name)
{
	uint8_t bytes[16];

	return inet_pton(AF_INET, name, bytes) == 1 ||
	       inet_pton(AF_INET6, name, bytes) == 1;
}

/* No name may break out of the list that OpenSSL parses. */
static bool
is_plain(struct slice name)
{
	for (size_t i = 0; i < name.length; i++) {
		char c = name.data[i];
		if (!byte_is_alpha(c) && !byte_is_digit(c) && strchr("-._:*", c) == NULL)
			return false;
	}
	return name.length > 0 && name.length <= 253;
}

static struct slice
alternative_names(const struct slice *names, size_t count, struct arena *arena)
{
	struct slice list = SLICE("");

	for (size_t i = 0; i < count; i++)
		list = arena_printf(arena, "%.*s%s%s:%.*s", SLICE_ARG(list),
			i > 0 ? "," : "",
			is_address(arena_text(arena, names[i])) ? "IP" : "DNS",
			SLICE_ARG(names[i]));
	return list;
}

static bool
add_extension(X509 *certificate, int identifier, const char *value)
{
	X509V3_CTX context;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, identifier, value);
	bool added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return added;
}

static bool
name_it(X509 *certificate, struct slice name)
{
	/* A common name has at most 64 characters; the real names are in the extension. */
	struct slice shown = name.length <= 64 ? name : SLICE("mail server");
	X509_NAME *subject = X509_get_subject_name(certificate);

	return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
		       (const unsigned char *)shown.data, (int)shown.length, -1, 0) == 1 &&
	       X509_set_issuer_name(certificate, subject) == 1;
}

static bool
number_it(X509 *certificate)
{
	/* Positive and unguessable, RFC 5280 4.1.2.2. */
	uint64_t serial = base_random_u64() >> 1;

	return X509_set_version(certificate, X509_VERSION_3) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial | 1) == 1;
}

static bool
fill(X509 *certificate, EVP_PKEY *key, struct slice name, const char *alternatives,
	struct net_certificate_times times)
{
	return number_it(certificate) && name_it(certificate, name) &&
	       ASN1_TIME_set(X509_getm_notBefore(certificate), times.from_s) != NULL &&
	       ASN1_TIME_set(X509_getm_notAfter(certificate), times.to_s) != NULL &&
	       X509_set_pubkey(certificate, key) == 1 &&
	       add_extension(certificate, NID_subject_alt_name, alternatives) &&
	       add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
	       add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
	       X509_sign(certificate, key, EVP_sha256()) > 0;
}

static bool
to_pem(X509 *certificate, EVP_PKEY *key, struct arena *arena, struct slice *pem)
{
	SCOPED(release_bio) BIO *bio = BIO_new(BIO_s_mem());
	char *bytes = NULL;

	if (bio == NULL)
		return false;
	int wrote = certificate != NULL
			    ? PEM_write_bio_X509(bio, certificate)
			    : PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	long length = BIO_get_mem_data(bio, &bytes);
	if (wrote != 1 || length <= 0)
		return false;
	*pem = arena_copy(arena, slice_of(bytes, (size_t)length));
	return true;
}

static enum base_failure
crypto_failed(struct base_error *error)
{
	char text[160];

	ERR_error_string_n(ERR_get_error(), text, sizeof text);
	ERR_clear_error();
	return base_fail(error, BASE_UNAVAILABLE, "can't make a certificate: %s", text);
}

enum base_failure
net_certificate_self_signed(const struct slice *names, size_t name_count,
	struct net_certificate_times times, struct arena *arena, struct slice *chain_pem,
	struct slice *key_pem, struct base_error *error)
{
	if (name_count == 0 || name_count > NET_CERTIFICATE_NAMES_MOST)
		return base_fail(error, BASE_INVALID, "a certificate has 1 to %d names",
			NET_CERTIFICATE_NAMES_MOST);
	for (size_t i = 0; i < name_count; i++)
		if (!is_plain(names[i]))
			return base_fail(error, BASE_INVALID,
				"\"%.*s\" is no host name or address", SLICE_ARG(names[i]));

	struct slice alternatives = alternative_names(names, name_count, arena);
	SCOPED(release_key) EVP_PKEY *key = EVP_EC_gen("P-256");
	SCOPED(release_certificate) X509 *certificate = X509_new();
	if (key == NULL || certificate == NULL ||
		!fill(certificate, key, names[0], alternatives.data, times) ||
		!to_pem(certificate, NULL, arena, chain_pem) ||
		!to_pem(NULL, key, arena, key_pem))
		return crypto_failed(error);
	return BASE_OK;
}

enum base_failure
net_certificate_key_digest(struct slice chain_pem, uint8_t digest[BASE_SHA256_SIZE])
{
	SCOPED(release_bio)
	BIO *bio = BIO_new_mem_buf(chain_pem.data, (int)chain_pem.length);
	SCOPED(release_certificate)
	X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
	unsigned char *encoded = NULL;

	if (certificate == NULL)
		return BASE_INVALID;
	int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
	if (length <= 0)
		return BASE_INVALID;
	base_sha256_of(slice_of(encoded, (size_t)length), digest);
	OPENSSL_free(encoded);
	return BASE_OK;
}
