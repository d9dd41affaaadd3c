#ifndef DOOR_SECRET_H
#define DOOR_SECRET_H

#include "base/base.h"

/*
 * What is kept of a password: a hash with its salt and its cost, as text.
 *
 * New ones are argon2id in the PHC form "$argon2id$v=19$m=19456,t=2,p=1$salt$hash". Moved
 * in are accepted: argon2i and argon2id of that form, and of crypt(3) $1$ (MD5), $2a$ $2b$
 * $2y$ (bcrypt), $5$ and $6$ (SHA-2) and $y$ (yescrypt); each may stand behind the name of
 * its scheme, as in "{BLF-CRYPT}$2y$…" or "{CRYPT}$6$…". Nothing is accepted that gives the
 * password away ({PLAIN}), has no salt, or is so old that half of the password does not
 * count (DES).
 *
 * A stored hash says how much work it is, so that is bounded: whoever signs in must not be
 * able to occupy a core for a minute because a hash was moved in that says so.
 */
#define DOOR_PASSWORD_MOST 1000 /* bytes */

#define DOOR_ARGON2_MEMORY_KIB      19456 /* of new secrets: 19 MiB, two passes, one lane */
#define DOOR_ARGON2_PASSES          2
#define DOOR_ARGON2_MEMORY_KIB_MOST (256 * 1024) /* of any secret */
#define DOOR_ARGON2_PASSES_MOST     10
#define DOOR_ARGON2_LANES_MOST      16
#define DOOR_SHA_ROUNDS_MOST        1000000
#define DOOR_BCRYPT_COST_MOST       15
#define DOOR_SECRET_TEXT_MOST       384

#define DOOR_SALT_SIZE 16 /* of new secrets */
#define DOOR_HASH_SIZE 32
#define DOOR_PART_MOST 64 /* of a salt or hash of any secret */

enum door_secret_kind { DOOR_ARGON2ID, DOOR_ARGON2I, DOOR_CRYPT };

struct door_secret {
	enum door_secret_kind kind;
	struct slice text; /* without the name of a scheme; points into what was parsed */

	uint32_t memory_kib, passes, lanes; /* argon2 */
	uint8_t salt[DOOR_PART_MOST], hash[DOOR_PART_MOST];
	size_t salt_size, hash_size;
};

/* Pure. BASE_INVALID with a sentence that does not show the text. */
enum base_failure door_secret_parse(
	struct slice text, struct door_secret *secret, struct base_error *error) MUST_CHECK;
/* The text again. */
bool door_secret_put(const struct door_secret *secret, struct buffer *into);

struct door_cost {
	uint32_t memory_kib, passes;
};

/* Each is slow by intent and takes memory_kib of memory for as long as it takes. */
/* BASE_OK, BASE_DENIED: another password, BASE_UNAVAILABLE: no memory for it. */
enum base_failure door_secret_verify(
	const struct door_secret *secret, struct slice password) MUST_CHECK;
/* A new argon2id secret with a random salt. BASE_UNAVAILABLE. */
enum base_failure door_secret_make(const struct door_cost *cost, struct slice password,
	struct door_secret *secret) MUST_CHECK;

/* Weaker than what is made now: worth a new one while the password is at hand. */
bool door_secret_is_weak(const struct door_secret *secret, const struct door_cost *cost);

/* crypt(3)'s part: whether the text is a hash of a kind and cost that is accepted. */
bool door_crypt_is_acceptable(struct slice text);
enum base_failure door_crypt_verify(struct slice text, struct slice password) MUST_CHECK;

#endif
