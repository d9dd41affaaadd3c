#include "base/encode.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/test.h"

static void
assert_digest(const uint8_t digest[BASE_SHA256_SIZE], const char *hex)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(64);
	assert_true(hex_put(&text, slice_of(digest, BASE_SHA256_SIZE)));
	assert_memory_equal(text.data, hex, 64);
}

/* The examples of FIPS 180-2. */
#define OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define OF_ABC     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void
sha256_whole_and_in_parts(void **state)
{
	(void)state;
	uint8_t digest[BASE_SHA256_SIZE];
	base_sha256_of(SLICE("abc"), digest);
	assert_digest(digest, OF_ABC);
	base_sha256_of(SLICE_NONE, digest);
	assert_digest(digest, OF_NOTHING);
	struct base_sha256 *hash = base_sha256_create();
	base_sha256_add(hash, SLICE("other"));
	base_sha256_reset(hash);
	base_sha256_add(hash, SLICE("a"));
	base_sha256_add(hash, SLICE_NONE);
	base_sha256_add(hash, SLICE("bc"));
	base_sha256_end(hash, digest);
	assert_digest(digest, OF_ABC);
	base_sha256_reset(hash);
	base_sha256_end(hash, digest);
	assert_digest(digest, OF_NOTHING);
	base_sha256_destroy(hash);
	base_sha256_destroy(NULL);
}

/* RFC 4231 4.3. */
static void
hmac_sha256_is_rfc_4231(void **state)
{
	(void)state;
	uint8_t digest[BASE_SHA256_SIZE];
	base_hmac_sha256(SLICE("Jefe"), SLICE("what do ya want for nothing?"), digest);
	assert_digest(
		digest, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	base_hmac_sha256(SLICE_NONE, SLICE_NONE, digest);
	assert_digest(
		digest, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* RFC 3720 B.4. */
static void
crc32c_goes_on_where_it_stopped(void **state)
{
	(void)state;
	const char zeros[32] = "";
	assert_true(base_crc32c(0, SLICE("123456789")) == 0xE3069283);
	assert_true(base_crc32c(0, slice_of(zeros, 32)) == 0x8A9136AA);
	uint32_t first = base_crc32c(0, SLICE("1234"));
	assert_true(base_crc32c(first, SLICE("56789")) == 0xE3069283);
	assert_true(base_crc32c(0, SLICE_NONE) == 0);
}

static void
randomness_differs(void **state)
{
	(void)state;
	char a[64] = "", b[64] = "";
	base_random(a, sizeof a);
	base_random(b, sizeof b);
	assert_memory_not_equal(a, b, sizeof a);
	assert_true(base_random_u64() != base_random_u64());
}

/* The examples that its authors publish: key 00..0f, input 00, 01, 02 … */
static void
siphash_is_the_published_one(void **state)
{
	(void)state;
	uint8_t key[16], input[64];
	for (size_t i = 0; i < sizeof input; i++)
		input[i] = (uint8_t)i;
	memcpy(key, input, sizeof key);
	assert_true(base_siphash(SLICE_NONE, key) == 0x726fdb47dd0e0e31);
	assert_true(base_siphash(slice_of(input, 8), key) == 0x93f5f5799a932462);
	assert_true(base_siphash(slice_of(input, 15), key) == 0xa129ca6149be45e5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_whole_and_in_parts),
		cmocka_unit_test(hmac_sha256_is_rfc_4231),
		cmocka_unit_test(crc32c_goes_on_where_it_stopped),
		cmocka_unit_test(randomness_differs),
		cmocka_unit_test(siphash_is_the_published_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
