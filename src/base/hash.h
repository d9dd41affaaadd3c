#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/slice.h"

/* SHA-256 over OpenSSL, whole and as bytes arrive; CRC-32C over libisal; randomness. */
#define BASE_SHA256_SIZE 32

struct base_sha256; /* one per thread at a time */

struct base_sha256 *base_sha256_create(void);
void base_sha256_destroy(struct base_sha256 *state); /* NULL is fine */
void base_sha256_reset(struct base_sha256 *state);
void base_sha256_add(struct base_sha256 *state, struct slice s);
void base_sha256_end(struct base_sha256 *state, uint8_t digest[BASE_SHA256_SIZE]);
void base_sha256_of(struct slice s, uint8_t digest[BASE_SHA256_SIZE]);
void base_hmac_sha256(struct slice key, struct slice s, uint8_t digest[BASE_SHA256_SIZE]);

uint32_t base_crc32c(uint32_t before, struct slice s); /* start with 0 */

void base_random(void *into, size_t size); /* from the kernel; aborts if it cannot */
uint64_t base_random_u64(void);

#endif
