#ifndef RELAY_RELAY_INTERNAL_H
#define RELAY_RELAY_INTERNAL_H

#include "net/stream.h"
#include "relay/queue.h"
#include "relay/relay.h"
#include "relay/row.h"
#include "relay/schedule.h"
#include <stdatomic.h>

/*
 * What the files of this room share.
 *
 * Locks: a space's turn, then `lock`, then what others have inside (directory, lanes). A
 * turn is never begun with `lock` held. The committer takes `lock` when results become
 * durable, so nothing slow happens under it. `routes_lock` is taken last.
 */
#define RELAY_SPACE_ROUTES 2

#define RELAY_CONNECTIONS_MOST            100
#define RELAY_CONNECTIONS_PER_DESTINATION 20
#define RELAY_PORT                        25
#define RELAY_CLOCK_STEP_MS               1000
#define RELAY_SETTLING_MOST               4000 /* results not durable yet; errands wait */
#define RELAY_CRASHES_MOST                2    /* then a row is held */
#define RELAY_CLOCK_JUMP_MS               (60 * 1000)
#define RELAY_STOP_ANSWER_MS              (10 * 1000) /* for a letter that is sent whole */

struct relay_settle;
TAILQ_HEAD(relay_settles, relay_settle);

struct relay_metrics {
	struct base_metric *queued, *delivered, *deferred, *bounced, *reports;
	struct base_metric *rows, *connections, *delay;
	struct base_metric *unanswered, *silent; /* names.h */
};

struct relay_names { /* names.h */
	atomic_bool doubted, silent;
	_Atomic unsigned returns; /* how often they answered again */
	bool asks;                /* an errand is under way; with the lock, as the rest */
	uint64_t next_ms, since_ms;
};

struct relay {
	struct relay_settings settings; /* defaults filled in; texts in the arena */
	struct arena *arena;
	struct store *store;
	struct store_space *spaces[RELAY_QUEUE_SPACES];
	struct store_space *routes_space;
	struct relay_schedule schedule;
	struct net_tls_client *tls;
	struct relay_metrics metrics;
	struct relay_names names;

	pthread_rwlock_t routes_lock;
	struct relay_route_table *routes;

	pthread_mutex_t lock;
	struct relay_queue queue;
	unsigned connections;
	unsigned apart;  /* of them, that count for none (slow.h) */
	unsigned slow;   /* deliveries that are */
	bool one_leaves; /* of those, to make room */
	uint64_t turns;  /* given to those who wait for a connection */
	bool started;
	atomic_bool stopping;
	_Atomic uint64_t answers_until_ms; /* of the steady clock, once it stops */
	size_t under_way;                  /* commits that will call back */
	pthread_cond_t settled;
	struct relay_settles unsaved; /* results that the store did not take yet */
	struct relay_entries wishing; /* rows whose person still waits */
	int64_t wall_ms, since_ms;    /* wall and steady time of the last tick */
};

/* The wall clock; the queue's times move along when it is set. */
int64_t relay_now(const struct relay *relay);
unsigned relay_space_of(struct slice id);
bool relay_is_stopping(const struct relay *relay);
/* It stops, and even a letter that may have been taken is waited for no more. */
bool relay_has_stopped(const struct relay *relay);

/* --- dispatch.c: who is tried when; all but the tick with the lock held ---------- */

/* Puts the row where its domain's route leads. */
void relay_route_entry(struct relay *relay, struct relay_entry *row);
/* After a row's place or time has changed; relay_dispatch follows. */
void relay_place(struct relay *relay, struct relay_consignment *consignment);
/* Whether its connections go into the share of the slow (slow.h). */
void relay_destination_set_slow(
	struct relay *relay, struct relay_destination *destination, bool is_slow);
/* All connections are taken, and somebody waits who may have one. */
bool relay_others_wait(struct relay *relay);
/* Begins connections, as far as there is need and room. */
void relay_dispatch(struct relay *relay);
/* A connection has ended, or its window has grown: is another one needed? */
void relay_destination_note(struct relay *relay, struct relay_destination *destination);
/* It can't be reached: it is left alone for a while, and then asked with fewer at once. */
void relay_destination_rest(struct relay *relay, struct relay_destination *destination);
/* The same where a look-up had no answer: it is not the worse for it. */
void relay_destination_rest_for_names(
	struct relay *relay, struct relay_destination *destination);
void relay_destination_wake(struct relay *relay, struct relay_destination *destination);

/* The timer's: what is due, who has rested, what the store did not take. */
void relay_tick(void *argument);

/* Without the lock: the name (queue.h) of the destination of mail to a domain. */
struct slice relay_destination_name(
	struct relay *relay, struct slice domain, struct arena *arena);
/* The canonical domain of an address, or absent. */
struct slice relay_address_domain(struct arena *arena, struct slice address);

/* --- open.c, routes.c: what the store has, at the start -------------------------- */

enum base_failure relay_read_queue(struct relay *relay) MUST_CHECK;
enum base_failure relay_read_routes(struct relay *relay) MUST_CHECK;

#endif
