#ifndef RELAY_SLOW_H
#define RELAY_SLOW_H

#include "relay/relay-internal.h"

/*
 * Connections are few, and a server that answers late, or a byte at a time, may hold one
 * for as long as RFC 5321 4.5.3.2 lets it. So a delivery that takes longer than its letter
 * should is *slow*, and its destination with it, until a letter goes there in time again.
 * Slow deliveries have half of the connections. While others wait for one, those beyond
 * that half are given up, one after the other, and what they carried is postponed; while
 * nobody waits, they may have all connections, and all the time of the RFC.
 */
#define RELAY_SLOW_MS   ((uint64_t)10 * 1000) /* to connect, greet and take a letter */
#define RELAY_SLOW_RATE ((uint64_t)16 * 1024) /* and a second for so many bytes of it */
#define RELAY_SLOW_WHY  "too slow while others wait for a connection"

struct relay_patience {
	struct relay *relay;
	struct relay_destination *destination;
	uint64_t until_ms; /* of the steady clock; after it the delivery is slow */
	bool slow;         /* counted in the relay */
	bool leaving;      /* given up, for good */
};

/* With the lock held: a delivery is to begin; it has ended. */
void relay_patience_begin(struct relay_patience *patience, struct relay *relay,
	struct relay_destination *destination);
void relay_patience_end(struct relay_patience *patience);

/* Its time begins: with the errand, and with each letter but the first of a connection. */
void relay_patience_renew(struct relay_patience *patience);
/* Some more, as so many bytes are to be sent. */
void relay_patience_extend(struct relay_patience *patience, uint64_t bytes);
/* A letter was taken: whoever does that in time is not slow any more. */
void relay_patience_reward(struct relay_patience *patience);

/*
 * Asked again and again while a server is waited for; true: the connection is to be given
 * up. Not when it may not leave: the letter may be there already, and would go twice.
 */
bool relay_patience_is_over(struct relay_patience *patience, bool may_leave);

#endif
