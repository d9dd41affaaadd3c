#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include "store/keys.h"
#include "store/pending.h"
#include "store/record.h"
#include "store/rocks.h"
#include "store/segment.h"
#include "store/store.h"
#include <pthread.h>
#include <stdatomic.h>

/*
 * What the files of the store share. Order of locks, outermost first: the upkeep lock, a
 * space's turn, the queue's lock, a space's lock; the others are leaves.
 */

/* The keys of a copy that is not whole yet. */
#define STORE_KEYS_UNFINISHED "keys.unfinished"
/* Beside the store's folder, with what comes back from a copy: restore.c. */
#define STORE_INCOMING ".incoming"

/* --- queue: commits that wait for the committer, first in, first out ------------------ */

struct store_queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct store_set *first, **end;
	bool stopping, committer_idle;
	/* Of all that is not durable yet, taken by the committer or not. */
	atomic_size_t waiting_bytes, waiting_commits;
	/*
	 * Rises when commits were refused after they had been numbered: turns begun before
	 * may have read what never came to be, and are refused as well.
	 */
	_Atomic uint64_t epoch;
};

void store_queue_init(struct store_queue *queue);
void store_queue_destroy(struct store_queue *queue);
/* Waits for work; NULL when the queue is empty and stopping. A chain by set->next. */
struct store_set *store_queue_take(struct store_queue *queue);
void store_queue_stop(struct store_queue *queue);

/* --- turns and sets: one commit in the making ------------------------------------------
 */

struct store_turn_blob {
	struct store_turn_blob *next;
	struct store_blob *blob; /* held */
	struct slice owner;
};

struct store_turn_call {
	struct store_turn_call *next;
	void (*call)(void *argument);
	void *argument;
};

struct store_turn_calls {
	struct store_turn_call *first, **end;
};

struct store_turn {
	struct store_set *set;
	struct store_space *space; /* held */
	uint64_t version;
	struct store_change *first, **end;
	struct pending own; /* rows changed in this turn */
	struct store_turn_blob *first_blob, **end_blob;
	struct store_turn_calls on_durable, on_refused;
};

void store_turn_calls_make(const struct store_turn_calls *calls);

/* Work of collect that the committer has to do, in a group of its own. */
struct store_committer;

struct store_upkeep {
	enum base_failure (*run)(
		struct store_committer *committer, struct store_upkeep *upkeep);
};

/* Lives in its own arena, which goes with it. A single turn is a set of one. */
struct store_set {
	struct store_set *next;
	struct store *store;
	struct arena *arena;
	struct base_ticket *ticket; /* held; once submitted */
	size_t turn_count;
	struct store_turn *turns;              /* by rising space id, each once */
	struct store_turn **by_index;          /* as the caller named them */
	size_t bytes;                          /* about what it will write */
	const struct store_blob *counted_blob; /* the last one in bytes */
	uint64_t epoch;
	enum base_failure failure;   /* of an add that could not read */
	struct store_upkeep *upkeep; /* lent; has no turns then */
};

struct base_ticket *store_set_send(struct store_set *set);
/* Puts it into the queue and waits. BASE_DISK_FULL: it did nothing. */
enum base_failure store_upkeep_wait(
	struct store *store, struct store_upkeep *upkeep) MUST_CHECK;
void store_set_free(struct store_set *set);

/* --- spaces ------------------------------------------------------------------------------
 */

struct store_space {
	struct store *store;
	uint64_t id;
	struct store_moment *frozen; /* what it shows for ever; NULL: what is durable */
	atomic_uint holders;
	atomic_bool known;         /* the version was read */
	_Atomic uint64_t durable;  /* version */
	enum base_failure failure; /* of reading it */
	pthread_mutex_t lock;      /* guards the next four, and reading the version */
	pthread_cond_t turn_free;
	bool turn_taken;
	uint64_t submitted; /* version */
	struct pending pending;
	pthread_mutex_t watch_lock; /* held while watchers are called */
	struct store_watch *watches;
	bool changed;        /* committer: in this group */
	uint64_t group_last; /* committer: the newest version in this group */
};

/* Reads the version when it is first wanted. With the space's lock held. */
void store_space_know_version(struct store_space *space);
void store_space_call_watchers(struct store_space *space);

/* --- blobs ------------------------------------------------------------------------------
 */

struct store_blob {
	atomic_uint holders;
	struct store *store;
	struct store_record record; /* without references and tail_crc */
	struct buffer bytes;        /* owned: the body; empty after a spill */
	struct buffer tail;         /* owned: frame table and trace */
	/* A spilled blob is a whole segment already, its file linked and synced. */
	struct store_place spilled; /* size 0: it was not */
	uint64_t spilled_valid;
	bool adopted; /* the segment belongs to the store now */
};

struct store_blob *store_blob_create(
	struct store *store, const struct store_hash *hash, struct slice trace);

bool store_has_time_to_pack(struct store *store);

/* --- places: where blobs lie, the recent ones in memory
 * ----------------------------------- */

struct store_places;

struct store_places *store_places_create(void);
void store_places_destroy(struct store_places *places); /* NULL is fine */
/* Only the committer remembers and forgets; anyone looks. */
void store_places_remember(struct store_places *places, const struct store_hash *hash,
	const struct store_place *place);
void store_places_forget(struct store_places *places, const struct store_hash *hash);
enum base_failure store_place_find(struct store *store, const struct store_hash *hash,
	struct store_place *place) MUST_CHECK;

/* --- room on the disk
 * --------------------------------------------------------------------- */

#define STORE_ROOM_LOOK_MS 200

struct store_room {
	_Atomic uint64_t free_bytes;
	_Atomic uint64_t looked_ms; /* 0: never */
};

uint64_t store_room_free(struct store *store);

/* --- the window in which a group's rows are in the keys though its blobs are not synced
 * ----
 */

/* The keys as they were at some moment. Counted. */
struct store_moment {
	atomic_uint holders;
	struct rocks_moment *rocks;
};

void store_moment_drop(struct store_moment *moment); /* NULL is fine */
void store_moment_release(struct store_moment **moment);

/*
 * The committer opens it before it writes the batch of a group with blobs, and closes it
 * when both syncs have ended. Whoever reads meanwhile reads the moment before: nobody waits
 * for a sync. When one fails it stays open for good.
 */
struct store_window {
	pthread_mutex_t lock;
	pthread_cond_t closed;
	atomic_bool open;
	bool failed;
	_Atomic uint64_t number; /* of times it was opened */
	struct store_moment *before;
};

void store_window_init(struct store_window *window);
void store_window_destroy(struct store_window *window);
void store_window_open(struct store *store);
void store_window_close(struct store_window *window);
void store_window_fail(struct store_window *window);
/*
 * While it is kept shut the keys may be written out: no group is half durable.
 * BASE_UNAVAILABLE: one has failed, and it is not kept.
 */
enum base_failure store_window_keep_shut(struct store_window *window) MUST_CHECK;
void store_window_let(struct store_window *window);

/* What is durable now. */
struct store_moment *store_moment_take(struct store *store);

/*
 * For a single read, without a moment of its own as a rule:
 *
 *	do
 *		store_look_begin(store, &look)   look.moment, NULL: as it is now
 *	while (… read …, store_look_again(store, &look));
 */
struct store_look {
	uint64_t number;
	struct store_moment *held;
	const struct rocks_moment *moment;
};

void store_look_begin(struct store *store, struct store_look *look);
/* Ends it. True: a window was opened meanwhile, and what was read may not be durable. */
bool store_look_again(struct store *store, struct store_look *look);

/* --- the store
 * ------------------------------------------------------------------------------ */

enum store_counted {
	STORE_COUNTED_COMMITS,
	STORE_COUNTED_REFUSED, /* commits, as the disk is full */
	STORE_COUNTED_GROUPS,
	STORE_COUNTED_BYTES,
	STORE_COUNTED_BLOB_BYTES,
	STORE_COUNTERS
};

struct store_counter {
	_Atomic uint64_t value;
	struct base_metric *metric; /* may be NULL */
};

void store_counters_register(struct store *store);
void store_count(struct store *store, enum store_counted what, uint64_t count);

struct store {
	struct store_settings settings;
	char *folder; /* copy of the path */
	int folder_descriptor, lock_descriptor, blobs_descriptor;
	struct rocks *keys;
	struct store_segments *segments;
	struct store_places *places;
	uint8_t hash_key[16]; /* of the pending tables */
	pthread_mutex_t spaces_lock;
	struct map *spaces;
	struct store_queue queue;
	struct store_window window;
	struct store_committer *committer; /* NULL when read-only */
	pthread_mutex_t upkeep_lock; /* one of collect, checkpoint, verify at a time */
	uint64_t repacked;           /* collect looked up to this segment for raw blobs */
	atomic_bool broken;
	_Atomic uint64_t active_segment; /* being appended to; 0: none */
	struct store_room room;
	struct store_counter counters[STORE_COUNTERS];
	struct base_metric *group_seconds; /* may be NULL */
};

struct store_committer *store_committer_start(struct store *store);
void store_committer_stop(struct store_committer *committer); /* drains; NULL is fine */

#endif
