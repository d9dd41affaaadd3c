#ifndef STORE_PENDING_H
#define STORE_PENDING_H

#include "base/base.h"

/*
 * The pending table: the newest change to each key among commits that are submitted but
 * not durable yet. Changes are linked in where they lie (in their commit's arena), so
 * nothing is copied and dropping one is O(1). The caller has a lock around it.
 */
enum store_change_kind { STORE_CHANGE_PUT, STORE_CHANGE_DELETE, STORE_CHANGE_DELETE_RANGE };

struct store_change {
	struct store_change *next; /* of the turn, in the order they were made */
	struct store_change *in_chain;
	struct store_change **link; /* NULL: not in a table */
	struct store_change *newer; /* of the same key, that took its place in a table */
	uint64_t hash, version;     /* the commit's number */
	enum store_change_kind kind;
	struct slice key;   /* raw */
	struct slice value; /* or where the range ends; SLICE_NONE for a delete */
};

#define PENDING_FEW 16

struct pending {
	struct store_change **chains; /* NULL: few */
	size_t mask;
	size_t count;
	struct store_change *few[PENDING_FEW];
};

/* A zeroed struct is an empty table. It must not move while it holds anything. */
struct store_change *pending_find(
	const struct pending *table, uint64_t hash, struct slice key);
/* Replaces an older change of the same key, which is then in no table. */
void pending_add(struct pending *table, struct store_change *change);
void pending_remove(struct pending *table, struct store_change *change); /* if it is in */
void pending_clear(struct pending *table); /* forgets all, frees the table */

#endif
