#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/base.h"

/*
 * The store: ordered keys, atomic commits, blobs, change notification, backup.
 *
 * The unit is the space: one account, one part of the queue, the directory. What keys and
 * values mean belongs to the room that owns the space; the store sees bytes. Every value
 * begins with its record's format version, which is its owner's business.
 *
 * Readers outside a turn see durable state only. Changes are put together in a turn:
 *
 *	store_begin(space, STORE_CHANGE, &turn)   take the space's turn (waits for others)
 *	store_turn_get, store_put, …              sees what was submitted, durable or not
 *	ticket = store_submit(turn)               numbers the commit, ends the turn
 *
 * The ticket completes when the commit is on disk: it then survives kill -9 and power
 * loss. Commits become durable in the order of submission, and those that depend on one
 * another may share one sync. Inside a turn nothing slow happens: no parsing, no
 * compression, no blob I/O, no peer.
 *
 * A failed sync is never retried: all tickets fail with BASE_UNAVAILABLE and on_broken is
 * called; the process is expected to leave and start again.
 *
 * When there is no room for a blob (BASE_DISK_FULL), or no descriptor for a new segment
 * (BASE_UNAVAILABLE), everything that waits is refused, as commits build on one another,
 * and so are turns that were open; then it goes on.
 * Whoever keeps in memory what was submitted last is told by store_on_refused.
 *
 * All functions are safe from any thread, a turn belongs to one thread until submitted.
 */
struct store;
struct store_space;
struct store_turn;
struct store_set;
struct store_blob;

/* Limits. Begin refuses with BASE_UNAVAILABLE beyond the waiting ones. */
#define STORE_KEY_MOST             512
#define STORE_VALUE_MOST           (16 * 1024 * 1024)
#define STORE_BLOB_IN_MEMORY_MOST  (1024 * 1024) /* larger ones spill */
#define STORE_WAITING_BYTES_MOST   (64 * 1024 * 1024)
#define STORE_WAITING_COMMITS_MOST 10000
#define STORE_GROUP_BYTES_MOST     (4 * 1024 * 1024)
#define STORE_GROUP_COMMITS_MOST   1000

struct store_settings {
	const char *folder;          /* created if missing, 0700 */
	uint64_t reserve_bytes;      /* below it new mail is refused: STORE_NEW_MAIL */
	uint64_t last_reserve_bytes; /* below it every change is refused */
	uint64_t cache_bytes; /* of keys as they are read; 0: by the machine's memory */
	bool read_only;       /* to look at it: never writes */
	bool keep_last_group; /* for the control of the tests: looks not at its blobs */
	struct base_clock *clock;
	struct base_log *log;              /* may be NULL */
	struct base_metrics *metrics;      /* may be NULL */
	void (*on_broken)(void *argument); /* committer thread; may be NULL */
	void *on_broken_argument;
};

/*
 * Opens, with a lock on the folder (BASE_CONFLICT when another process has it), and puts
 * right what a crash left: bytes past the recorded length are ignored, a torn tail of the
 * key log is cut, damage before it is an error that names the file (BASE_DAMAGED).
 */
enum base_failure store_open(const struct store_settings *settings, struct store **store,
	struct base_error *error) MUST_CHECK;
/*
 * Drains the committer, settles the keys, so that the next start reads no log, and closes.
 * No turn, reader or space may be open any more.
 */
void store_close(struct store *store);
/*
 * For a process that must leave while others still have turns and spaces open: waits until
 * everything submitted so far is durable or refused. False: not within so many ms.
 */
bool store_drain(struct store *store, uint64_t within_ms) MUST_CHECK;

/* --- spaces ------------------------------------------------------------------------- */

/* Opening reads nothing, needs no record, and is counted: the same id, the same object. */
struct store_space *store_space_open(struct store *store, uint64_t id);
/*
 * The durable rows of a space as they are now, for who reads long and must see one moment:
 * a space of its own that does not change. It takes no turn and no watch. What is deleted
 * meanwhile keeps its place in the keys until this is closed; blobs may go.
 */
struct store_space *store_space_freeze(struct store *store, uint64_t id);
struct store_space *store_space_hold(struct store_space *space);
void store_space_close(struct store_space *space);
uint64_t store_space_id(const struct store_space *space);
/* The number of the newest durable commit of this space; 0 for one never written. */
uint64_t store_space_version(struct store_space *space);

/* --- reading durable state ---------------------------------------------------------- */

/* BASE_NOT_FOUND gives SLICE_NONE. Values live in the arena. */
enum base_failure store_get(struct store_space *space, struct slice key,
	struct arena *arena, struct slice *value) MUST_CHECK;
/* values[i] is SLICE_NONE for a key that is not there. */
enum base_failure store_get_many(struct store_space *space, const struct slice *keys,
	size_t count, struct arena *arena, struct slice *values) MUST_CHECK;

struct store_range {
	struct slice from;  /* included */
	struct slice until; /* excluded; SLICE_NONE: to the end of the space */
	size_t limit;       /* rows; 0: no limit */
};

/* Return false to stop. Key and value are gone after the call. */
typedef bool store_row(void *argument, struct slice key, struct slice value);

/*
 * Rows in key order, of one moment; *version (may be NULL) says which. To page, go on
 * from the last key seen, followed by a zero byte. Keeps nothing open between calls.
 */
enum base_failure store_scan(struct store_space *space, const struct store_range *range,
	store_row *row, void *argument, uint64_t *version) MUST_CHECK;

/* --- changing ----------------------------------------------------------------------- */

enum store_kind {
	STORE_NEW_MAIL, /* refused first when the disk fills up */
	STORE_CHANGE    /* flags, moves, deletions: go on down to the last reserve */
};

/* BASE_UNAVAILABLE: too much waits. BASE_DISK_FULL: nothing was written. */
enum base_failure store_begin(struct store_space *space, enum store_kind kind,
	struct store_turn **turn) MUST_CHECK;
void store_abandon(struct store_turn *turn); /* NULL is fine */
/* For SCOPED: abandons a turn that was not submitted; submit sets it to NULL. */
void store_turn_release(struct store_turn **turn);

/* Sees commits that are submitted but not durable yet, and this turn's own puts. */
enum base_failure store_turn_get(struct store_turn *turn, struct slice key,
	struct arena *arena, struct slice *value) MUST_CHECK;
uint64_t store_turn_version(const struct store_turn *turn); /* this commit's number */

void store_put(struct store_turn *turn, struct slice key, struct slice value);
void store_delete(struct store_turn *turn, struct slice key);
/* All keys from..until; turn_get does not see this one, ranges are for clearing up. */
void store_delete_range(struct store_turn *turn, struct slice from, struct slice until);
/* A signed 64-bit counter, little endian; an absent one is 0. turn_get sees the sum. */
void store_add(struct store_turn *turn, struct slice key, int64_t delta);

/*
 * Called on the committer thread once the commit is durable, in the order of submission,
 * before its ticket completes: publishes the new state to readers. Short; takes no turn.
 * Not called when the commit fails.
 */
void store_on_durable(
	struct store_turn *turn, void (*publish)(void *argument), void *argument);

/*
 * Called instead when a submitted commit comes to nothing, on any thread, before its ticket
 * completes and before the space has a turn that will be accepted: forgets what memory ran
 * ahead with. Short; calls nothing of the store. Not called for an abandoned turn.
 */
void store_on_refused(
	struct store_turn *turn, void (*forget)(void *argument), void *argument);

struct base_ticket *store_submit(struct store_turn **turn); /* *turn becomes NULL */

/*
 * Several spaces in one commit that becomes durable as a whole: one message to many
 * accounts. Turns are taken in the order of space ids; a space named twice has one turn.
 */
enum base_failure store_set_begin(struct store *store, struct store_space *const *spaces,
	size_t count, enum store_kind kind, struct store_set **set) MUST_CHECK;
struct store_turn *store_set_turn(struct store_set *set, size_t index);
struct base_ticket *store_set_submit(struct store_set **set);
void store_set_abandon(struct store_set *set);

/* --- blobs -------------------------------------------------------------------------- */

#define STORE_HASH_SIZE BASE_SHA256_SIZE
struct store_hash {
	uint8_t bytes[STORE_HASH_SIZE];
};

/*
 * A blob on its way in: immutable bytes named by their SHA-256, with a trace kept beside
 * them outside the hash (Received and such), so that a lost index can be rebuilt. Counted;
 * the same blob may be referenced in many turns and is written once. A blob whose bytes
 * are stored already is not written again (but its trace goes with the first).
 *
 * blob_of_memory takes over the buffer. For more than STORE_BLOB_IN_MEMORY_MOST use a
 * spill: an unnamed file in the blob folder that grows as bytes arrive; blob_of_spill
 * takes it over, syncs and links it: slow, so an errand calls it, never a worker.
 */
struct store_spill;
enum base_failure store_spill_create(
	struct store *store, struct store_spill **spill) MUST_CHECK;
enum base_failure store_spill_write(
	struct store_spill *spill, struct slice bytes) MUST_CHECK;
/* Bytes written so far, for whoever must look at them again before the blob is stored. */
enum base_failure store_spill_read(struct store_spill *spill, uint64_t offset, char *into,
	size_t size, size_t *got) MUST_CHECK;
void store_spill_destroy(struct store_spill *spill); /* NULL is fine */

struct store_blob *store_blob_of_memory(struct store *store, const struct store_hash *hash,
	struct slice trace, struct buffer *bytes);
enum base_failure store_blob_of_spill(struct store *store, const struct store_hash *hash,
	struct slice trace, struct store_spill **spill,
	struct store_blob **blob) MUST_CHECK;
struct store_blob *store_blob_hold(struct store_blob *blob);
void store_blob_drop(struct store_blob *blob); /* NULL is fine */

/*
 * A reference is a key (hash, space, owner), not a count, so that repeating it is
 * harmless. owner is a short name inside the space (an email id). A blob is alive while
 * one reference is; collect removes the others.
 */
void store_reference(struct store_turn *turn, struct store_blob *blob, struct slice owner);
/* To bytes that are stored already and that this space, or another of this turn's set,
 * refers to. */
void store_reference_stored(
	struct store_turn *turn, const struct store_hash *hash, struct slice owner);
void store_dereference(
	struct store_turn *turn, const struct store_hash *hash, struct slice owner);

/* A reader pins its segment; it holds no file position and may be shared by no threads. */
struct store_reader;
enum base_failure store_reader_open(struct store *store, const struct store_hash *hash,
	struct store_reader **reader) MUST_CHECK;
void store_reader_close(struct store_reader *reader); /* NULL is fine */
uint64_t store_reader_size(const struct store_reader *reader);
struct slice store_reader_trace(const struct store_reader *reader);
/* Checks what it reads (crc32c); BASE_DAMAGED names the segment in the log. */
enum base_failure store_reader_read(struct store_reader *reader, uint64_t offset,
	char *into, size_t size, size_t *got) MUST_CHECK;

/* --- looking after it --------------------------------------------------------------- */

/*
 * Called on the committer thread after durable commits of the space, once for those that
 * became durable together. Short; adds and removes no watch.
 */
struct store_watch;
struct store_watch *store_watch_add(
	struct store_space *space, void (*changed)(void *argument), void *argument);
void store_watch_remove(struct store_watch *watch); /* not called any more after this */

/*
 * A consistent copy of keys and segments (hard links where it can) in a new folder.
 * BASE_EXISTS: there is a copy. BASE_DAMAGED: there is something that is none.
 */
enum base_failure store_checkpoint(
	struct store *store, const char *folder, struct base_error *error) MUST_CHECK;

/*
 * A copy on its way back to where there is no store: its files come one after the other, by
 * their path in it, into FOLDER.incoming. While that is there store_open makes none at
 * FOLDER, so that nobody serves an empty one instead.
 *
 *	store_restore_begin      empties what a former one left that was cut short
 *	store_restore_file, store_restore_write
 *	store_restore_arrived    all of it, synced: the caller may open it as a store, at
 *				 store_restore_folder, change what must change, close it
 *	store_restore_finish     it gets its name
 *	store_restore_end        takes away what did not; the empty folder stays, so that
 *				 nobody makes an empty store after all
 */
struct store_restore;
/* BASE_EXISTS: there is a store. BASE_CONFLICT: another process restores. */
enum base_failure store_restore_begin(const char *folder, struct store_restore **restore,
	struct base_error *error) MUST_CHECK;
/* BASE_INVALID: no copy has such a file. */
enum base_failure store_restore_file(struct store_restore *restore, struct slice path,
	struct base_error *error) MUST_CHECK;
enum base_failure store_restore_write(struct store_restore *restore, struct slice bytes,
	struct base_error *error) MUST_CHECK;
/* BASE_INVALID: that was no copy. */
enum base_failure store_restore_arrived(
	struct store_restore *restore, struct base_error *error) MUST_CHECK;
const char *store_restore_folder(const struct store_restore *restore);
enum base_failure store_restore_finish(
	struct store_restore *restore, struct base_error *error) MUST_CHECK;
void store_restore_end(struct store_restore **ended); /* for SCOPED */

/* Rewrites segments below half alive, at most budget bytes; says what it gained. */
enum base_failure store_collect(
	struct store *store, uint64_t budget, uint64_t *freed) MUST_CHECK;

struct store_verdict {
	uint64_t keys, blobs, blob_bytes, references;
	uint64_t kept_bytes;       /* of blobs read so far, as store_stats counts them */
	uint64_t damaged, missing; /* blobs: wrong bytes; referenced, not there */
	uint64_t unreferenced;     /* blobs no one refers to: collect will take them */
};
/* Reads everything. problem is called with a sentence for each finding; may be NULL. */
enum base_failure store_verify(struct store *store,
	void (*problem)(void *argument, const char *sentence), void *argument,
	struct store_verdict *verdict) MUST_CHECK;
/* The same for somebody who waits: asked after each blob; false ends it, BASE_CANCELLED. */
enum base_failure store_verify_while(struct store *store,
	void (*problem)(void *argument, const char *sentence),
	bool (*go_on)(void *argument, const struct store_verdict *so_far), void *argument,
	struct store_verdict *verdict) MUST_CHECK;

struct store_stats {
	/* Since it was opened; bytes written are those of keys, too. */
	uint64_t commits, groups, bytes_written, blob_bytes;
	uint64_t segments, waiting_commits;
	uint64_t kept_bytes; /* what blobs that are kept take on the disk */
	uint64_t free_bytes;
};
void store_stats(struct store *store, struct store_stats *stats);

#endif
