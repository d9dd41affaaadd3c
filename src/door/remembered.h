#ifndef DOOR_REMEMBERED_H
#define DOOR_REMEMBERED_H

#include "base/base.h"

/*
 * Passwords that were checked lately, right or wrong, so that clients which sign in every
 * minute cost no hash, and one that repeats a wrong password for hours is no guesser.
 *
 * What is kept is an HMAC under a key of this start, over account, version of its secret,
 * address of the peer, and password: it says nothing to anybody else, and is void as soon
 * as the secret changes. Not for two threads at once. Times are steady milliseconds.
 */
#define DOOR_REMEMBER_MS       (10 * 60 * 1000)
#define DOOR_REMEMBER_WRONG_MS (60 * 60 * 1000)
#define DOOR_REMEMBERED_MOST   100000

struct door_remembered;

enum door_memory { DOOR_NEVER_SEEN, DOOR_WAS_RIGHT, DOOR_WAS_WRONG };

struct door_password {
	uint64_t account;        /* 0: nobody of ours */
	uint64_t secret_version; /* 0 then */
	struct slice identity;   /* as it was given */
	struct slice address_key;
	struct slice password;
};

struct door_digest {
	uint8_t bytes[BASE_SHA256_SIZE];
};

struct door_remembered *door_remembered_create(void);
void door_remembered_destroy(struct door_remembered *remembered); /* NULL is fine */

/* Safe from any thread. */
void door_remembered_digest(const struct door_remembered *remembered,
	const struct door_password *password, struct door_digest *digest);
enum door_memory door_remembered_look(struct door_remembered *remembered,
	const struct door_digest *digest, uint64_t now_ms);
void door_remembered_keep(struct door_remembered *remembered,
	const struct door_digest *digest, bool right, uint64_t now_ms);
void door_remembered_sweep(struct door_remembered *remembered, uint64_t now_ms);
size_t door_remembered_count(const struct door_remembered *remembered);

#endif
