#ifndef STORE_COMMITTER_H
#define STORE_COMMITTER_H

#include "store/blob-sync.h"

/*
 * One thread turns the queue into durable groups:
 *
 *	place     append each blob whose hash has no place yet, begin to sync the segment
 *	write     one synced batch: rows, versions, references, places, extents; both syncs
 *end publish   callbacks, pending table, tickets, watchers, in the order of submission
 *
 * DESIGN 4; README.md says what each crash point leaves behind.
 */
struct store_placed {
	struct store_placed *next;
	struct store_hash hash;
	struct store_place place;
};

struct store_committer {
	struct store *store;
	pthread_t thread;
	struct store_blob_log log;
	struct store_blob_sync *sync;
	uint64_t keys_ahead; /* about as many zeros are left behind the end of RocksDB's log
			      */
	/* Of one group: */
	struct arena *arena;
	struct rocks_batch *batch;
	struct map *placed; /* hash to struct store_placed */
	struct store_placed *first_placed;
};

/* For the steps of a group and for upkeep, which runs on the committer thread as well. */
void store_committer_note_place(struct store_committer *committer,
	const struct store_hash *hash, const struct store_place *place);
void store_committer_clear(struct store_committer *committer);

enum base_failure store_group_place(
	struct store_committer *committer, struct store_set *first) MUST_CHECK;
enum base_failure store_group_write(
	struct store_committer *committer, struct store_set *first) MUST_CHECK;
/* Callbacks and versions, then the pending table. */
void store_group_publish(struct store_set *first);
void store_group_wake(struct store_set *first); /* watchers */

/*
 * Append (when anything was gathered), and begin to sync. BASE_DISK_FULL: undone, nothing
 * happened. Before anything is put into the batch, whose first entry says what was written.
 */
enum base_failure store_committer_flush_log(struct store_committer *committer) MUST_CHECK;
/*
 * Adds places and extents to the batch, writes it, waits for the sync of the blobs, and
 * remembers the places.
 */
enum base_failure store_committer_write_batch(struct store_committer *committer) MUST_CHECK;

#endif
