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

#endif
