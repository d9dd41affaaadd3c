#include "base/test.h"
#include "net/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

static const struct net_certificate_times this_century = {946684800, 4102444800};

static X509 *
certificate_of(struct slice pem)
{
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.length);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(certificate);
	return certificate;
}

static EVP_PKEY *
key_of(struct slice pem)
{
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.length);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(key);
	return key;
}

static void
it_names_all_and_fits_its_key(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
	struct slice names[] = {SLICE_INIT("troika.test"), SLICE_INIT("mail.troika.test"),
		SLICE_INIT("127.0.0.1"), SLICE_INIT("::1")};
	struct slice chain, key_pem;

	assert_int_equal(net_certificate_self_signed(
				 names, 4, this_century, arena, &chain, &key_pem, NULL),
		BASE_OK);
	X509 *certificate = certificate_of(chain);
	EVP_PKEY *key = key_of(key_pem);
	assert_int_equal(X509_check_private_key(certificate, key), 1);
	assert_int_equal(X509_check_host(certificate, "troika.test", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(certificate, "mail.troika.test", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(certificate, "other.test", 0, 0, NULL), 0);
	assert_int_equal(X509_check_ip_asc(certificate, "127.0.0.1", 0), 1);
	assert_int_equal(X509_check_ip_asc(certificate, "::1", 0), 1);
	assert_int_equal(X509_verify(certificate, key), 1);
	assert_int_equal(X509_cmp_current_time(X509_get0_notAfter(certificate)), 1);
	assert_int_equal(X509_cmp_current_time(X509_get0_notBefore(certificate)), -1);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static void
two_are_never_the_same(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
	struct slice name = SLICE("troika.test"), chain[2], key[2];
	uint8_t digest[2][BASE_SHA256_SIZE];

	for (int i = 0; i < 2; i++) {
		assert_int_equal(net_certificate_self_signed(&name, 1, this_century, arena,
					 &chain[i], &key[i], NULL),
			BASE_OK);
		assert_int_equal(net_certificate_key_digest(chain[i], digest[i]), BASE_OK);
	}
	assert_memory_not_equal(digest[0], digest[1], BASE_SHA256_SIZE);
	assert_false(slice_equal(key[0], key[1]));
}

static void
names_that_are_none_are_refused(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
	struct slice bad[] = {SLICE_INIT("a.test,DNS:bank.test"), SLICE_INIT(""),
		SLICE_INIT("a test"), SLICE_INIT("a\ntest")};
	struct slice chain, key;
	struct base_error error;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(net_certificate_self_signed(&bad[i], 1, this_century,
					 arena, &chain, &key, &error),
			BASE_INVALID);
	assert_int_equal(net_certificate_self_signed(
				 bad, 0, this_century, arena, &chain, &key, &error),
		BASE_INVALID);
}

static void
a_text_without_certificate_has_no_digest(void **state)
{
	(void)state;
	uint8_t digest[BASE_SHA256_SIZE];

	assert_int_equal(net_certificate_key_digest(SLICE("hello"), digest), BASE_INVALID);
	assert_int_equal(net_certificate_key_digest(SLICE(""), digest), BASE_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_names_all_and_fits_its_key),
		cmocka_unit_test(two_are_never_the_same),
		cmocka_unit_test(names_that_are_none_are_refused),
		cmocka_unit_test(a_text_without_certificate_has_no_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
