#ifndef RELAY_SCHEDULE_H
#define RELAY_SCHEDULE_H

#include "base/base.h"

/*
 * When a row is tried again, when its sender is told that it takes long, when it is given
 * up: pure functions of (row, event, now). RFC 5321 4.5.4.1.
 *
 * Pauses double from five minutes to four hours, each with up to a quarter of jitter drawn
 * from `chance`, which is the same for all rows of a letter, so that they stay together.
 * Where letters are kept for a short time only (tests), pauses shrink with it. A try falls
 * on the time of the warning and on the time of expiry, so that both come punctually.
 */
#define RELAY_EXPIRE_MS      ((uint64_t)5 * 24 * 3600 * 1000)
#define RELAY_WARN_MS        ((uint64_t)4 * 3600 * 1000)
#define RELAY_PAUSE_FIRST_MS ((uint64_t)5 * 60 * 1000)
/* After a look-up without an answer: it costs nobody much to ask again. */
#define RELAY_PAUSE_NAMES_MS  ((uint64_t)60 * 1000)
#define RELAY_PAUSE_MOST_MS   ((uint64_t)4 * 3600 * 1000)
#define RELAY_TRIES_IN_EXPIRE 8 /* the first pause is at most this part of expiry */
/* A server that was off for a week, or whose clock was wrong, tries again first. */
#define RELAY_ATTEMPTS_LEAST 3

struct relay_schedule {
	uint64_t expire_ms, warn_ms;
};

enum relay_event {
	RELAY_DELIVERED,
	RELAY_POSTPONED, /* a 4yz reply, or no server was reached */
	RELAY_REFUSED    /* a 5yz reply, or nobody to deliver to */
};

struct relay_progress {
	int64_t arrived_ms;
	uint32_t attempts; /* with the one of this event */
	bool warned;
	uint64_t chance;
	uint64_t first_ms; /* the first pause; 0: RELAY_PAUSE_FIRST_MS */
};

enum relay_action { RELAY_FORGET, RELAY_TRY_AGAIN, RELAY_GIVE_UP };

struct relay_decision {
	enum relay_action action;
	bool warn;       /* with RELAY_TRY_AGAIN: tell the sender of the delay */
	int64_t next_ms; /* of RELAY_TRY_AGAIN */
};

struct relay_decision relay_schedule_decide(const struct relay_schedule *schedule,
	const struct relay_progress *row, enum relay_event event, int64_t now_ms);

int64_t relay_schedule_expiry(const struct relay_schedule *schedule, int64_t arrived_ms);

/*
 * A destination that can't be reached is left alone for a while: from a minute to a
 * quarter of an hour. failures counts from 1.
 */
#define RELAY_REST_FIRST_MS ((uint64_t)60 * 1000)
#define RELAY_REST_MOST_MS  ((uint64_t)15 * 60 * 1000)
uint64_t relay_schedule_rest(
	const struct relay_schedule *schedule, unsigned failures, uint64_t chance);

#endif
