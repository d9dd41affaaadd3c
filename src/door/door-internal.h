#ifndef DOOR_DOOR_INTERNAL_H
#define DOOR_DOOR_INTERNAL_H

#include "door/door.h"
#include "door/guessing.h"
#include "door/remembered.h"
#include "door/secret.h"
#include <pthread.h>
#include <stdatomic.h>

#define DOOR_TICK_MS  250
#define DOOR_SWEEP_MS (60 * 1000)

enum door_outcome {
	DOOR_ACCEPTED,   /* after a hash */
	DOOR_RECOGNISED, /* from memory */
	DOOR_REFUSED,
	DOOR_LIMITED,
	DOOR_FAILED, /* the lane is full, no memory, or the server stops */
	DOOR_OUTCOMES
};

struct door {
	struct post *post;
	struct net *net; /* NULL: only makes secrets */
	struct base_clock *clock;
	struct base_log *log;
	struct base_metric *outcomes[DOOR_OUTCOMES];
	struct base_metric *hash_seconds;
	struct net_network *clear_networks;
	size_t clear_network_count;
	struct door_cost cost;
	struct door_secret nobody; /* what an unknown user's password is compared with */

	pthread_mutex_t lock; /* of what follows */
	struct door_guesses *guesses;
	struct door_remembered *remembered;
	struct door_attempt *delayed;
	uint64_t swept_ms;
};

/*
 * Counted: the session holds one, and the delay or the errand another. Whoever has it at
 * work is alone with it; the session looks again when the ticket is complete.
 */
struct door_attempt {
	atomic_int references;
	atomic_bool dropped; /* nobody waits for the answer */
	struct door *door;
	struct arena *arena; /* all texts but the password */
	struct slice service, mechanism, identity, authzid, peer, address_key;
	struct slice password; /* memory of its own, wiped */
	bool may_be_asked;

	bool known;      /* there is such an account: info */
	bool authorised; /* to act as authzid */
	struct post_account_info info;
	struct door_digest digest;
	struct base_ticket *ticket;

	struct door_attempt *next, **before; /* in the list of the delayed */
	uint64_t due_ms;
	bool limited; /* no hash follows */
	bool repeated;
};

struct door_attempt *door_attempt_hold(struct door_attempt *attempt);
/* The delay is over. Takes over the list's reference. */
void door_attempt_due(struct door_attempt *attempt);
/* Completes the ticket; drops the reference of who had it at work. */
void door_attempt_finish(struct door_attempt *attempt, enum base_failure outcome);

/* The slow part of a struct door_attempt, on a thread of the lane (hashing.c). */
enum base_failure door_attempt_hash(void *argument, struct arena *moved);

void door_log_accepted(const struct door_attempt *attempt, bool recognised);
void door_log_refused(
	const struct door_attempt *attempt, enum door_outcome outcome, const char *reason);

#endif
