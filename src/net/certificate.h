#ifndef NET_CERTIFICATE_H
#define NET_CERTIFICATE_H

#include "base/base.h"

/*
 * A self-signed certificate (ECDSA P-256) for a server that has no other yet: the
 * demonstration, a first start, tests. Names are host names or addresses; the first is
 * the subject. Both results are PEM in the arena; the key is a secret.
 */
#define NET_CERTIFICATE_NAMES_MOST 64

struct net_certificate_times {
	int64_t from_s, to_s; /* seconds since 1970 */
};

enum base_failure net_certificate_self_signed(const struct slice *names, size_t name_count,
	struct net_certificate_times times, struct arena *arena, struct slice *chain_pem,
	struct slice *key_pem, struct base_error *error) MUST_CHECK;

/* The TLSA data of a PEM certificate: SHA-256 of its public key, for "3 1 1" records. */
enum base_failure net_certificate_key_digest(
	struct slice chain_pem, uint8_t digest[BASE_SHA256_SIZE]) MUST_CHECK;

#endif
