#ifndef RELAY_SLOW_H
#define RELAY_SLOW_H

#include "relay/relay-internal.h"

/*
 * Connections are few, and a server that answers late, or a byte at a time, may hold one
 * for as long as RFC 5321 4.5.3.2 lets it. So a delivery that takes longer than its letter
 * should is *slow*, and its destination with it, until a letter goes there in time again.
 * Slow deliveries have half of the connections. While others wait for one, those beyond
 * that half are given up, one after the other, and what they carried is postponed, which
 * counts as no attempt; while nobody waits, they may have all connections, and all the time
 * of the RFC. Of one connection the half is none: a slow delivery may have it, but leaves
 * as soon as somebody waits.
 *
 * Who has a letter whole is heard out, as it would go twice (4.5.3.2.6). So a hundred
 * servers that hold back the last answer could have all connections for ten minutes. Such
 * deliveries are *set apart* while others wait: they count as no connection any more, as
 * many as there may be connections, and end with this letter. Whatever is beyond that, two
 * hundred servers at once that nobody knew as slow, does hold the others up once.
 *
 * Our own slowness is nobody's: the time begins when a letter is ours to bring. What the
 * resolver takes is part of it, as a domain's own name servers may be as slow as they like;
 * one question of 20 s may pass before it is noticed. But where that alone made it slow,
 * and it turns out that nobody answered (names.h), the destination is slow no more.
 */
#define RELAY_SLOW_MS   ((uint64_t)10 * 1000) /* to connect, greet and take a letter */
#define RELAY_SLOW_ONE  ((uint64_t)500)       /* and for each recipient it answered */
#define RELAY_SLOW_RATE ((uint64_t)16 * 1024) /* and a second for so many bytes */
#define RELAY_SLOW_WHY  "too slow while others wait for a connection"

struct relay_patience {
	struct relay *relay;
	struct relay_destination *destination;
	uint64_t until_ms; /* of the steady clock; after it the delivery is slow */
	uint64_t asked_ms; /* what look-ups took of that time */
	bool slow;         /* counted in the relay */
	bool apart;        /* counted there instead, for good */
	bool leaving;      /* given up, for good */
};

/* With the lock held: a delivery is to begin; it has ended. */
void relay_patience_begin(struct relay_patience *patience, struct relay *relay,
	struct relay_destination *destination);
void relay_patience_end(struct relay_patience *patience);

/* Its time begins: before a connection, with each letter over it, and to say goodbye. */
void relay_patience_renew(struct relay_patience *patience);
/* Some more: a recipient was answered, so many bytes are to be sent. */
void relay_patience_answered(struct relay_patience *patience);
void relay_patience_sends(struct relay_patience *patience, uint64_t bytes);
/* A look-up took so long. */
void relay_patience_asked(struct relay_patience *patience, uint64_t ms);
/* Without that there would be time left. */
bool relay_patience_is_names(const struct relay_patience *patience);
/* They are sent: what is left of a large letter's time is not the last answer's. */
void relay_patience_sent(struct relay_patience *patience);
/* A letter was taken: whoever does that in time is not slow any more. */
void relay_patience_reward(struct relay_patience *patience);

/*
 * Asked again and again while a server is waited for; true: the connection is to be given
 * up. Not when it may not leave, as the letter may be there already: it is set apart.
 */
bool relay_patience_is_over(struct relay_patience *patience, bool may_leave);

#endif
