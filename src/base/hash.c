#include "base/hash.h"
#include "base/error.h"
#include <errno.h>
#include <isa-l/crc.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

struct base_sha256 {
	EVP_MD_CTX *context;
};

struct base_sha256 *
base_sha256_create(void)
{
	struct base_sha256 *state = malloc(sizeof *state);
	ASSERT(state);
	state->context = EVP_MD_CTX_new();
	ASSERT(state->context);
	ASSERT(EVP_DigestInit_ex(state->context, EVP_sha256(), NULL) == 1);
	return state;
}

void
base_sha256_destroy(struct base_sha256 *state)
{
	if (!state)
		return;
	EVP_MD_CTX_free(state->context);
	free(state);
}

void
base_sha256_reset(struct base_sha256 *state)
{
	ASSERT(EVP_DigestInit_ex(state->context, NULL, NULL) == 1);
}

void
base_sha256_add(struct base_sha256 *state, struct slice s)
{
	ASSERT(EVP_DigestUpdate(state->context, s.data, s.length) == 1);
}

void
base_sha256_end(struct base_sha256 *state, uint8_t digest[BASE_SHA256_SIZE])
{
	ASSERT(EVP_DigestFinal_ex(state->context, digest, NULL) == 1);
}

void
base_sha256_of(struct slice s, uint8_t digest[BASE_SHA256_SIZE])
{
	ASSERT(EVP_Digest(s.data, s.length, digest, NULL, EVP_sha256(), NULL) == 1);
}

void
base_hmac_sha256(struct slice key, struct slice s, uint8_t digest[BASE_SHA256_SIZE])
{
	ASSERT(key.length <= INT32_MAX);
	/* A NULL key would mean "the one before" to OpenSSL. */
	const char *key_data = key.data ? key.data : "";
	ASSERT(HMAC(EVP_sha256(), key_data, (int)key.length, (const unsigned char *)s.data,
		s.length, digest, NULL));
}

uint32_t
base_crc32c(uint32_t before, struct slice s)
{
	const size_t at_once = (size_t)1 << 30; /* libisal counts in int */
	uint32_t crc = ~before;
	while (s.length) {
		struct slice part = slice_first(s, at_once);
		/* The library only reads, but its prototype has no const. */
		unsigned char *data = (unsigned char *)(uintptr_t)part.data;
		crc = crc32_iscsi(data, (int)part.length, crc);
		s = slice_from(s, part.length);
	}
	return ~crc;
}

void
base_random(void *into, size_t size)
{
	char *at = into;
	while (size) {
		ssize_t got = getrandom(at, size, 0);
		ASSERT(got > 0 || errno == EINTR);
		if (got < 0)
			continue;
		at += got;
		size -= (size_t)got;
	}
}

uint64_t
base_random_u64(void)
{
	uint64_t value;
	base_random(&value, sizeof value);
	return value;
}
