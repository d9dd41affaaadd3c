#ifndef STORE_WALK_H
#define STORE_WALK_H

#include "store/internal.h"

/* Goes through the records of one segment, in the order they were written. */
struct store_walk {
	struct store *store;
	struct store_segment *segment; /* pinned */
	uint64_t offset, valid;
};

/* BASE_NOT_FOUND: there is no such segment. BASE_DAMAGED: its header is. */
enum base_failure store_walk_open(
	struct store *store, uint64_t number, struct store_walk *walk) MUST_CHECK;
void store_walk_close(struct store_walk *walk);

/*
 * The next record's head and where it lies; BASE_NOT_FOUND at the end. After BASE_DAMAGED
 * there is no going on, as it is unknown where the next record begins.
 */
enum base_failure store_walk_next(struct store_walk *walk, struct store_record *record,
	struct store_place *place) MUST_CHECK;

#endif
