#include "store/collect.h"

struct move {
	struct store_upkeep upkeep;
	const struct store_move *moves;
	size_t count;
};

static bool
same_place(const struct store_place *a, const struct store_place *b)
{
	return a->segment == b->segment && a->offset == b->offset;
}

/* Bodies and tails stay as they are; only the place changes. */
static enum base_failure
append_again(struct store_committer *committer, const struct store_move *what,
	struct store_extent *extent)
{
	struct store_place now, then;
	enum base_failure failure =
		store_place_find(committer->store, &what->record.hash, &now);
	if (failure == BASE_NOT_FOUND || (!failure && !same_place(&now, &what->from)))
		return BASE_OK;
	struct store_record record = what->record;
	if (!failure)
		failure = store_blob_log_add(&committer->log, committer->arena, &record,
			what->body, what->tail, &then);
	if (failure)
		return failure;
	store_committer_note_place(committer, &what->record.hash, &then);
	extent->dead += what->from.size;
	return BASE_OK;
}

static enum base_failure
append_all(struct store_committer *committer, const struct move *what,
	struct store_extent *extent)
{
	enum base_failure failure = BASE_OK;
	for (size_t i = 0; i < what->count && !failure; i++)
		failure = append_again(committer, &what->moves[i], extent);
	if (!failure)
		return store_committer_flush_log(committer);
	/* Whatever it was, nothing was written: it may be tried again. */
	if (store_blob_log_gathered(&committer->log))
		store_blob_log_undo(&committer->log);
	return BASE_DISK_FULL;
}

static enum base_failure
move(struct store_committer *committer, struct store_upkeep *upkeep)
{
	const struct move *what = (const struct move *)upkeep;
	struct store_segments *segments = committer->store->segments;
	uint64_t from = what->moves[0].from.segment;
	struct store_extent extent = store_segments_extent(segments, from);
	enum base_failure failure = append_all(committer, what, &extent);
	if (failure)
		return failure;
	struct store_key key = store_key_segment(from);
	struct store_value value = store_value_extent(&extent);
	rocks_batch_put(committer->batch, store_key_slice(&key), store_value_slice(&value));
	if (store_committer_write_batch(committer))
		return BASE_UNAVAILABLE;
	store_segments_set_extent(segments, from, &extent);
	return BASE_OK;
}

struct store_upkeep *
store_move_create(struct arena *arena, const struct store_move *moves, size_t count)
{
	ASSERT(count > 0);
	struct move *made = ARENA_NEW(arena, struct move);
	*made = (struct move){{move}, moves, count};
	return &made->upkeep;
}

struct drop_segment {
	struct store_upkeep upkeep;
	uint64_t number;
};

static enum base_failure
drop_segment(struct store_committer *committer, struct store_upkeep *upkeep)
{
	uint64_t number = ((const struct drop_segment *)upkeep)->number;
	struct store_key key = store_key_segment(number);
	rocks_batch_delete(committer->batch, store_key_slice(&key));
	if (store_committer_write_batch(committer))
		return BASE_UNAVAILABLE;
	store_segments_doom(committer->store->segments, number);
	return BASE_OK;
}

struct store_upkeep *
store_drop_segment_create(struct arena *arena, uint64_t number)
{
	struct drop_segment *made = ARENA_NEW(arena, struct drop_segment);
	*made = (struct drop_segment){{drop_segment}, number};
	return &made->upkeep;
}

static enum base_failure
replace(struct store_committer *committer, struct store_upkeep *upkeep)
{
	struct store_replace *what = (struct store_replace *)upkeep;
	struct store *store = committer->store;
	struct store_place now;
	enum base_failure failure = store_place_find(store, &what->hash, &now);
	if (failure == BASE_NOT_FOUND || (!failure && !same_place(&now, &what->from)))
		return BASE_OK;
	/* Nothing was written. */
	if (failure)
		return BASE_DISK_FULL;
	struct store_extent extent = {.valid = STORE_SEGMENT_HEADER + what->into.size};
	struct store_key before = store_key_segment(what->from.segment);
	struct store_key key = store_key_segment(what->into.segment);
	struct store_value value = store_value_extent(&extent);
	rocks_batch_delete(committer->batch, store_key_slice(&before));
	rocks_batch_put(committer->batch, store_key_slice(&key), store_value_slice(&value));
	store_committer_note_place(committer, &what->hash, &what->into);
	store_segments_add(store->segments, what->into.segment, &extent);
	what->taken = true;
	if (store_committer_write_batch(committer))
		return BASE_UNAVAILABLE;
	store_segments_doom(store->segments, what->from.segment);
	return BASE_OK;
}

void
store_replace_init(struct store_replace *what)
{
	what->upkeep.run = replace;
	what->taken = false;
}
