#include "store/committer.h"

/* The steps of one group of commits. */

void
store_committer_note_place(struct store_committer *committer, const struct store_hash *hash,
	const struct store_place *place)
{
	struct store_placed *placed = ARENA_NEW(committer->arena, struct store_placed);
	placed->hash = *hash;
	placed->place = *place;
	placed->next = committer->first_placed;
	committer->first_placed = placed;
	map_put(committer->placed, slice_of(hash, sizeof *hash), placed);
}

static enum base_failure
has_place(struct store_committer *committer, const struct store_hash *hash, bool *placed)
{
	struct store_place place;
	*placed = map_get(committer->placed, slice_of(hash, sizeof *hash)) != NULL;
	if (*placed)
		return BASE_OK;
	enum base_failure failure = store_place_find(committer->store, hash, &place);
	*placed = failure == BASE_OK;
	return failure == BASE_NOT_FOUND ? BASE_OK : failure;
}

/* Who refers to the blob in this set, so that lost keys can be rebuilt. */
static void
put_references(
	const struct store_set *set, const struct store_blob *blob, struct buffer *into)
{
	size_t before = into->length;
	for (size_t i = 0; i < set->turn_count; i++) {
		const struct store_turn *turn = &set->turns[i];
		for (const struct store_turn_blob *at = turn->first_blob; at;
			at = at->next) {
			if (at->blob != blob)
				continue;
			size_t whole = into->length;
			buffer_put_be64(into, turn->space->id);
			buffer_put_sized(into, at->owner);
			if (into->length - before > STORE_REFERENCES_MOST) {
				buffer_cut(into, whole);
				return;
			}
		}
	}
}

static enum base_failure
append_blob(struct store_committer *committer, const struct store_set *set,
	const struct store_turn *turn, struct store_blob *blob)
{
	struct store_record record = blob->record;
	size_t before = blob->tail.length;
	put_references(set, blob, &blob->tail);
	record.references = (uint32_t)(blob->tail.length - before);
	record.space = turn->space->id;
	struct slice tail = arena_copy(committer->arena, buffer_slice(&blob->tail));
	buffer_cut(&blob->tail, before);
	struct store_place place;
	enum base_failure failure = store_blob_log_add(&committer->log, committer->arena,
		&record, buffer_slice(&blob->bytes), tail, &place);
	if (!failure)
		store_committer_note_place(committer, &blob->record.hash, &place);
	return failure;
}

static enum base_failure
place_blob(struct store_committer *committer, const struct store_set *set,
	const struct store_turn *turn, struct store_blob *blob)
{
	bool placed;
	enum base_failure failure = has_place(committer, &blob->record.hash, &placed);
	if (failure || placed)
		return failure;
	if (!blob->spilled.size)
		return append_blob(committer, set, turn, blob);
	store_committer_note_place(committer, &blob->record.hash, &blob->spilled);
	return BASE_OK;
}

enum base_failure
store_group_place(struct store_committer *committer, struct store_set *first)
{
	for (struct store_set *set = first; set; set = set->next) {
		for (size_t i = 0; i < set->turn_count; i++) {
			const struct store_turn *turn = &set->turns[i];
			for (struct store_turn_blob *at = turn->first_blob; at;
				at = at->next) {
				enum base_failure failure =
					place_blob(committer, set, turn, at->blob);
				if (failure)
					return failure;
			}
		}
	}
	return BASE_OK;
}

static void
put_change(struct rocks_batch *batch, const struct store_change *change)
{
	switch (change->kind) {
	case STORE_CHANGE_PUT:
		rocks_batch_put(batch, change->key, change->value);
		break;
	case STORE_CHANGE_DELETE:
		rocks_batch_delete(batch, change->key);
		break;
	case STORE_CHANGE_DELETE_RANGE:
		rocks_batch_delete_range(batch, change->key, change->value);
		break;
	}
}

static void
put_pair(struct rocks_batch *batch, struct store_key key, struct store_value value)
{
	rocks_batch_put(batch, store_key_slice(&key), store_value_slice(&value));
}

/* The file of a spill belongs to the store from the batch that speaks of it. */
static void
adopt_spill(struct store_committer *committer, struct store_blob *blob)
{
	const struct store_placed *placed = map_get(
		committer->placed, slice_of(&blob->record.hash, sizeof blob->record.hash));
	if (!blob->spilled.size || !placed ||
		placed->place.segment != blob->spilled.segment || blob->adopted)
		return;
	struct store_extent extent = {.valid = blob->spilled_valid};
	put_pair(committer->batch, store_key_segment(blob->spilled.segment),
		store_value_extent(&extent));
	store_segments_add(committer->store->segments, blob->spilled.segment, &extent);
	blob->adopted = true;
}

/* Of what a group does to one row only the last counts: heads change with each letter. */
static void
put_changes(struct rocks_batch *batch, struct store_turn *turn)
{
	struct store_space *space = turn->space;
	pthread_mutex_lock(&space->lock);
	for (const struct store_change *at = turn->first; at; at = at->next)
		if (!at->newer || at->newer->version > space->group_last)
			put_change(batch, at);
	pthread_mutex_unlock(&space->lock);
}

static void
put_turn(struct store_committer *committer, struct store_turn *turn)
{
	put_changes(committer->batch, turn);
	for (struct store_turn_blob *at = turn->first_blob; at; at = at->next)
		adopt_spill(committer, at->blob);
	if (turn->version == turn->space->group_last)
		put_pair(committer->batch, store_key_version(turn->space->id),
			store_value_number(turn->version));
}

static void
note_last(struct store_turn *turn)
{
	turn->space->group_last = turn->version;
}

static void
put_places(struct store_committer *committer)
{
	for (struct store_placed *at = committer->first_placed; at; at = at->next)
		put_pair(committer->batch, store_key_hash(STORE_KEY_PLACE, &at->hash),
			store_value_place(&at->place));
	if (!store_blob_log_gathered(&committer->log))
		return;
	struct store_extent extent = store_blob_log_extent(&committer->log);
	put_pair(committer->batch, store_key_segment(committer->log.number),
		store_value_extent(&extent));
}

static void
remember_places(struct store_committer *committer)
{
	struct store *store = committer->store;
	if (store_blob_log_gathered(&committer->log))
		store_blob_log_settle(&committer->log);
	for (struct store_placed *at = committer->first_placed; at; at = at->next) {
		store_places_remember(store->places, &at->hash, &at->place);
		store_count(store, STORE_COUNTED_BLOB_BYTES, at->place.length);
		store_count(store, STORE_COUNTED_BYTES, at->place.size);
	}
}

static enum base_failure
write_beside_blobs(struct store_committer *committer)
{
	struct store *store = committer->store;
	store_window_open(store);
	enum base_failure failure = rocks_write(store->keys, committer->batch);
	enum base_failure synced = store_blob_sync_end(committer->sync);
	if (failure || synced) {
		store_window_fail(&store->window);
		return failure ? failure : synced;
	}
	remember_places(committer);
	store_window_close(&store->window);
	return BASE_OK;
}

static enum base_failure
write_alone(struct store_committer *committer)
{
	enum base_failure failure = rocks_write(committer->store->keys, committer->batch);
	if (!failure)
		remember_places(committer);
	return failure;
}

/* RocksDB may have begun a new log since; then there are fewer than it seems, for a while.
 */
static void
fill_keys_ahead(struct store_committer *committer, uint64_t written)
{
	struct store *store = committer->store;
	uint64_t left = committer->keys_ahead;
	committer->keys_ahead = left > written ? left - written : 0;
	if (written > STORE_AHEAD_GROUP_MOST ||
		committer->keys_ahead > STORE_AHEAD_KEYS / 2 ||
		store_room_free(store) < store->settings.reserve_bytes + STORE_AHEAD_KEYS)
		return;
	committer->keys_ahead += STORE_AHEAD_KEYS;
	store_ahead_keys(committer->log.ahead);
}

enum base_failure
store_committer_write_batch(struct store_committer *committer)
{
	put_places(committer);
	size_t bytes = rocks_batch_bytes(committer->batch);
	enum base_failure failure = store_blob_log_gathered(&committer->log)
					    ? write_beside_blobs(committer)
					    : write_alone(committer);
	if (failure)
		return failure;
	store_count(committer->store, STORE_COUNTED_BYTES, bytes);
	fill_keys_ahead(committer, bytes);
	return BASE_OK;
}

static void
each_turn(struct store_set *first, void (*act)(struct store_turn *turn))
{
	for (struct store_set *set = first; set; set = set->next)
		for (size_t i = 0; i < set->turn_count; i++)
			act(&set->turns[i]);
}

enum base_failure
store_group_write(struct store_committer *committer, struct store_set *first)
{
	size_t commits = 0;
	each_turn(first, note_last);
	for (struct store_set *set = first; set; set = set->next, commits++)
		for (size_t i = 0; i < set->turn_count; i++)
			put_turn(committer, &set->turns[i]);
	enum base_failure failure = store_committer_write_batch(committer);
	if (failure)
		return failure;
	store_count(committer->store, STORE_COUNTED_COMMITS, commits);
	store_count(committer->store, STORE_COUNTED_GROUPS, 1);
	return BASE_OK;
}

static void
publish_turn(struct store_turn *turn)
{
	atomic_store_explicit(&turn->space->durable, turn->version, memory_order_release);
	turn->space->changed = true;
	store_turn_calls_make(&turn->on_durable);
}

static void
drop_pending(struct store_turn *turn)
{
	pthread_mutex_lock(&turn->space->lock);
	for (struct store_change *at = turn->first; at; at = at->next)
		pending_remove(&turn->space->pending, at);
	pthread_mutex_unlock(&turn->space->lock);
}

static void
wake_watchers(struct store_turn *turn)
{
	if (turn->space->changed)
		store_space_call_watchers(turn->space);
	turn->space->changed = false;
}

void
store_group_publish(struct store_set *first)
{
	each_turn(first, publish_turn);
	each_turn(first, drop_pending);
}

void
store_group_wake(struct store_set *first)
{
	each_turn(first, wake_watchers);
}
