#ifndef DOOR_DOOR_H
#define DOOR_DOOR_H

#include "base/base.h"
#include "net/address.h"
#include "net/net.h"
#include "post/post.h"

/*
 * Who may come in. Passwords are kept as argon2id; crypt(3) hashes that were moved in are
 * accepted and upgraded at the next sign-in. A verified password is remembered for ten
 * minutes as an HMAC under a key of this start, void when the secret changes, so that
 * clients which sign in every minute cost no hash.
 *
 * Unknown user, wrong password and disabled account look and take the same. Guessing is
 * limited per address and network (delay, then refusal) and never locks the owner out: a
 * password that is remembered from this address is let in all the same.
 */
struct door;

struct door_settings {
	struct post *post;
	struct net *net; /* NULL: no attempts, only secrets (the stopped server) */
	struct base_clock *clock;
	struct base_log *log;
	struct base_metrics *metrics;
	const struct net_network *clear_networks; /* may sign in without TLS; copied */
	size_t clear_network_count;
	uint32_t argon2_memory_kib, argon2_passes; /* of new secrets; 0: 19 MiB, 2 passes */
	/*
	 * Wrong passwords from one address (of IPv6 the /64), each counted once; 0: 30. The
	 * /24 or /48 around it has eight times the room.
	 */
	uint32_t failures_per_hour;
};
enum base_failure door_create(const struct door_settings *settings, struct door **created,
	struct base_error *error) MUST_CHECK;
/* After net_stop, before net_destroy. Its metrics stay with the registry. */
void door_destroy(struct door *door);

/* May credentials be asked for on this session: secured, or from a named network. */
bool door_may_ask(const struct door *door, const struct net_session *session);

/*
 * One attempt. The text is copied and wiped afterwards. The session parks with the
 * ticket, which completes with BASE_OK, BASE_DENIED (wrong), BASE_UNAVAILABLE (too many
 * hashes wait, or the store fails) or BASE_TOO_LARGE (too many guesses from there). A right
 * password from a remembered client completes at once.
 */
struct door_attempt;
struct door_attempt *door_attempt_create(struct door *door,
	const struct net_session *session, struct slice service, struct slice mechanism,
	struct slice identity, struct slice password);
/* authzid: who to act as; empty or the same account, else BASE_DENIED. */
void door_attempt_set_authzid(struct door_attempt *attempt, struct slice authzid);
struct base_ticket *door_attempt_start(struct door_attempt *attempt);
/* After the ticket: the account's id and address; lives as long as the attempt. */
uint64_t door_attempt_account(const struct door_attempt *attempt);
struct slice door_attempt_address(const struct door_attempt *attempt);
void door_attempt_drop(struct door_attempt *attempt); /* any time; NULL is fine */

/*
 * Makes the secret of a password for post_account_add. Slow (a hash): an errand or the
 * command line calls it. Refuses an empty password, NUL and more than 1,000 bytes.
 * A text that is a known hash already ("$argon2id$…", "$6$…", "{BLF-CRYPT}…") is taken as
 * it is with door_secret_of_hash.
 */
enum base_failure door_secret_of_password(struct door *door, struct slice password,
	struct arena *arena, struct slice *secret, struct base_error *error) MUST_CHECK;
enum base_failure door_secret_of_hash(struct slice hash, struct arena *arena,
	struct slice *secret, struct base_error *error) MUST_CHECK;

#endif
