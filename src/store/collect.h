#ifndef STORE_COLLECT_H
#define STORE_COLLECT_H

#include "store/committer.h"

/*
 * The three things that collect asks of the committer. Each is a group of its own, so what
 * it finds holds until its batch is written: no reference can slip in between.
 */

/* Hashes that lost a reference: those without any lose their place. */
struct store_upkeep *store_bury_create(
	struct arena *arena, const struct store_hash *hashes, size_t count);

/* Records to be written again at the end of the log, if their place is still this one. */
struct store_move {
	struct store_record record;
	struct store_place from;
	struct slice body, tail;
};

struct store_upkeep *store_move_create(
	struct arena *arena, const struct store_move *moves, size_t count);

/* A segment with nothing alive goes. */
struct store_upkeep *store_drop_segment_create(struct arena *arena, uint64_t number);

/* A blob alone in a segment was written again: its place is the new one's now. */
struct store_replace {
	struct store_upkeep upkeep;
	struct store_hash hash;
	struct store_place from, into;
	bool taken; /* false: nothing refers to it any more, or it lies elsewhere */
};
void store_replace_init(struct store_replace *what);

/*
 * Compresses a blob that fills a segment of its own and came raw, in a hurry. What saves
 * nothing is left. *size: its bytes, 0 when it is no such segment; larger than budget:
 * nothing was done. *gained: bytes of disk.
 */
enum base_failure store_repack_segment(struct store *store, uint64_t number,
	uint64_t budget, uint64_t *size, uint64_t *gained) MUST_CHECK;

#endif
