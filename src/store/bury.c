#include "store/collect.h"

struct bury {
	struct store_upkeep upkeep;
	const struct store_hash *hashes;
	size_t count;
};

static enum base_failure
has_reference(struct store *store, const struct store_hash *hash, bool *referenced)
{
	struct store_key from = store_key_hash(STORE_KEY_REFERENCE, hash);
	struct store_key until = store_key_after(&from);
	SCOPED(rocks_rows_release)
	struct rocks_rows *rows = rocks_rows_open(
		store->keys, NULL, store_key_slice(&from), store_key_slice(&until));
	struct slice key, value;
	*referenced = rocks_rows_next(rows, &key, &value);
	return *referenced ? BASE_OK : rocks_rows_failure(rows);
}

/* The extents in memory change at once: a failure of the batch breaks the store anyway. */
static void
count_dead(struct store_committer *committer, const struct store_place *place)
{
	struct store_segments *segments = committer->store->segments;
	struct store_extent extent = store_segments_extent(segments, place->segment);
	extent.dead += place->size;
	store_segments_set_extent(segments, place->segment, &extent);
	struct store_key key = store_key_segment(place->segment);
	struct store_value value = store_value_extent(&extent);
	rocks_batch_put(committer->batch, store_key_slice(&key), store_value_slice(&value));
}

static enum base_failure
take_place(struct store_committer *committer, const struct store_hash *hash)
{
	struct store *store = committer->store;
	struct store_place place;
	enum base_failure failure = store_place_find(store, hash, &place);
	if (failure)
		return failure == BASE_NOT_FOUND ? BASE_OK : failure;
	struct store_key key = store_key_hash(STORE_KEY_PLACE, hash);
	rocks_batch_delete(committer->batch, store_key_slice(&key));
	count_dead(committer, &place);
	store_places_forget(store->places, hash);
	return BASE_OK;
}

static enum base_failure
bury(struct store_committer *committer, struct store_upkeep *upkeep)
{
	const struct bury *what = (const struct bury *)upkeep;
	for (size_t i = 0; i < what->count; i++) {
		const struct store_hash *hash = &what->hashes[i];
		bool referenced;
		enum base_failure failure =
			has_reference(committer->store, hash, &referenced);
		if (!failure && !referenced)
			failure = take_place(committer, hash);
		if (failure)
			return failure;
		struct store_key key = store_key_hash(STORE_KEY_CANDIDATE, hash);
		rocks_batch_delete(committer->batch, store_key_slice(&key));
	}
	enum base_failure failure = store_committer_write_batch(committer);
	return failure ? BASE_UNAVAILABLE : BASE_OK;
}

struct store_upkeep *
store_bury_create(struct arena *arena, const struct store_hash *hashes, size_t count)
{
	struct bury *made = ARENA_NEW(arena, struct bury);
	*made = (struct bury){{bury}, hashes, count};
	return &made->upkeep;
}
