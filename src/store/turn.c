#include "store/internal.h"

static struct store_change *
add_change(struct store_turn *turn, enum store_change_kind kind,
	const struct store_key *key, struct slice value)
{
	struct store_set *set = turn->set;
	struct store_change *change = ARENA_NEW(set->arena, struct store_change);
	change->kind = kind;
	change->key = arena_copy(set->arena, store_key_slice(key));
	if (kind != STORE_CHANGE_DELETE)
		change->value = arena_copy(set->arena, value);
	set->bytes += change->key.length + change->value.length;
	*turn->end = change;
	turn->end = &change->next;
	return change;
}

static uint64_t
hash_of(const struct store_turn *turn, struct slice key)
{
	return base_siphash(key, turn->set->store->hash_key);
}

/* A row's change, which reads in this turn, and in later ones, must see. */
static void
add_row(struct store_turn *turn, enum store_change_kind kind, struct slice key,
	struct slice value)
{
	struct store_key raw = store_key_row(turn->space->id, key);
	struct store_change *change = add_change(turn, kind, &raw, value);
	change->hash = hash_of(turn, change->key);
	change->version = turn->version;
	pending_add(&turn->own, change);
}

void
store_put(struct store_turn *turn, struct slice key, struct slice value)
{
	ASSERT(value.length <= STORE_VALUE_MOST);
	add_row(turn, STORE_CHANGE_PUT, key, value);
}

void
store_delete(struct store_turn *turn, struct slice key)
{
	add_row(turn, STORE_CHANGE_DELETE, key, SLICE_NONE);
}

void
store_delete_range(struct store_turn *turn, struct slice from, struct slice until)
{
	uint64_t id = turn->space->id;
	struct store_key first = store_key_row(id, from);
	struct store_key end =
		slice_absent(until) ? store_key_row_end(id) : store_key_row(id, until);
	add_change(turn, STORE_CHANGE_DELETE_RANGE, &first, store_key_slice(&end));
}

static enum base_failure
copy_found(const struct store_change *change, struct arena *arena, struct slice *value)
{
	if (change->kind == STORE_CHANGE_DELETE)
		return BASE_NOT_FOUND;
	*value = arena_copy(arena, change->value);
	return BASE_OK;
}

/* In the space's pending table; its changes may be dropped once the lock is gone. */
static bool
find_pending(struct store_turn *turn, uint64_t hash, struct slice key, struct arena *arena,
	struct slice *value, enum base_failure *failure)
{
	struct store_space *space = turn->space;
	pthread_mutex_lock(&space->lock);
	const struct store_change *change = pending_find(&space->pending, hash, key);
	if (change)
		*failure = copy_found(change, arena, value);
	pthread_mutex_unlock(&space->lock);
	return change != NULL;
}

enum base_failure
store_turn_get(
	struct store_turn *turn, struct slice key, struct arena *arena, struct slice *value)
{
	struct store_key raw = store_key_row(turn->space->id, key);
	struct slice raw_slice = store_key_slice(&raw);
	uint64_t hash = hash_of(turn, raw_slice);
	enum base_failure failure;
	*value = SLICE_NONE;
	const struct store_change *own = pending_find(&turn->own, hash, raw_slice);
	if (own)
		return copy_found(own, arena, value);
	if (find_pending(turn, hash, raw_slice, arena, value, &failure))
		return failure;
	return rocks_get(turn->set->store->keys, NULL, raw_slice, arena, value);
}

uint64_t
store_turn_version(const struct store_turn *turn)
{
	return turn->version;
}

static int64_t
number_of(struct slice counter)
{
	uint64_t number = 0;
	for (size_t i = counter.length; i-- > 0;)
		number = number << 8 | (unsigned char)counter.data[i];
	return (int64_t)number;
}

void
store_add(struct store_turn *turn, struct slice key, int64_t delta)
{
	struct slice before;
	enum base_failure failure = store_turn_get(turn, key, turn->set->arena, &before);
	if (!failure && before.length != 8)
		failure = BASE_DAMAGED;
	if (failure && failure != BASE_NOT_FOUND)
		turn->set->failure = failure;
	uint64_t sum = (uint64_t)number_of(before) + (uint64_t)delta;
	char bytes[8];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(sum >> (8 * i));
	add_row(turn, STORE_CHANGE_PUT, key, slice_of(bytes, sizeof bytes));
}

static void
add_call(struct store_turn *turn, struct store_turn_calls *calls,
	void (*call)(void *argument), void *argument)
{
	struct store_turn_call *entry = ARENA_NEW(turn->set->arena, struct store_turn_call);
	entry->call = call;
	entry->argument = argument;
	*calls->end = entry;
	calls->end = &entry->next;
}

void
store_on_durable(struct store_turn *turn, void (*publish)(void *argument), void *argument)
{
	add_call(turn, &turn->on_durable, publish, argument);
}

void
store_on_refused(struct store_turn *turn, void (*forget)(void *argument), void *argument)
{
	add_call(turn, &turn->on_refused, forget, argument);
}

void
store_turn_calls_make(const struct store_turn_calls *calls)
{
	for (const struct store_turn_call *at = calls->first; at; at = at->next)
		at->call(at->argument);
}

void
store_reference(struct store_turn *turn, struct store_blob *blob, struct slice owner)
{
	struct store_turn_blob *entry = ARENA_NEW(turn->set->arena, struct store_turn_blob);
	entry->blob = store_blob_hold(blob);
	entry->owner = arena_copy(turn->set->arena, owner);
	*turn->end_blob = entry;
	turn->end_blob = &entry->next;
	/* Many recipients of one letter are the usual set; it is written once. */
	if (turn->set->counted_blob != blob)
		turn->set->bytes += blob->bytes.length;
	turn->set->counted_blob = blob;
	store_reference_stored(turn, &blob->record.hash, owner);
}

void
store_reference_stored(
	struct store_turn *turn, const struct store_hash *hash, struct slice owner)
{
	struct store_key key = store_key_reference(hash, turn->space->id, owner);
	struct store_value value = store_value_number(turn->version);
	add_change(turn, STORE_CHANGE_PUT, &key, store_value_slice(&value));
}

void
store_dereference(
	struct store_turn *turn, const struct store_hash *hash, struct slice owner)
{
	struct store_key key = store_key_reference(hash, turn->space->id, owner);
	struct store_key candidate = store_key_hash(STORE_KEY_CANDIDATE, hash);
	struct store_value value = store_value_number(turn->version);
	add_change(turn, STORE_CHANGE_DELETE, &key, SLICE_NONE);
	add_change(turn, STORE_CHANGE_PUT, &candidate, store_value_slice(&value));
}
