#include "store/internal.h"

/* Reading durable rows. */

enum base_failure
store_get(struct store_space *space, struct slice key, struct arena *arena,
	struct slice *value)
{
	struct store *store = space->store;
	struct store_key raw = store_key_row(space->id, key);
	enum base_failure failure;
	struct store_look look;
	if (space->frozen)
		return rocks_get(store->keys, space->frozen->rocks, store_key_slice(&raw),
			arena, value);
	do {
		store_look_begin(store, &look);
		failure = rocks_get(
			store->keys, look.moment, store_key_slice(&raw), arena, value);
	} while (store_look_again(store, &look));
	return failure;
}

enum base_failure
store_get_many(struct store_space *space, const struct slice *keys, size_t count,
	struct arena *arena, struct slice *values)
{
	SCOPED(arena_release) struct arena *own = arena_create(ARENA_NO_CEILING);
	struct slice *raw = ARENA_MANY(own, struct slice, count);
	for (size_t i = 0; i < count; i++) {
		struct store_key key = store_key_row(space->id, keys[i]);
		raw[i] = arena_copy(own, store_key_slice(&key));
	}
	struct store *store = space->store;
	enum base_failure failure;
	struct store_look look;
	if (space->frozen)
		return rocks_get_many(
			store->keys, space->frozen->rocks, raw, count, arena, values);
	do {
		store_look_begin(store, &look);
		failure =
			rocks_get_many(store->keys, look.moment, raw, count, arena, values);
	} while (store_look_again(store, &look));
	return failure;
}

static enum base_failure
version_at(struct store_space *space, const struct rocks_moment *moment, uint64_t *version)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct store_key key = store_key_version(space->id);
	struct slice value;
	*version = 0;
	enum base_failure failure =
		rocks_get(space->store->keys, moment, store_key_slice(&key), arena, &value);
	if (failure)
		return failure == BASE_NOT_FOUND ? BASE_OK : failure;
	return store_value_take_number(value, version) ? BASE_OK : BASE_DAMAGED;
}

static struct store_moment *
moment_of(struct store_space *space)
{
	if (!space->frozen)
		return store_moment_take(space->store);
	atomic_fetch_add(&space->frozen->holders, 1);
	return space->frozen;
}

enum base_failure
store_scan(struct store_space *space, const struct store_range *range, store_row *row,
	void *argument, uint64_t *version)
{
	struct rocks *keys = space->store->keys;
	struct store_key from = store_key_row(space->id, range->from);
	struct store_key until = slice_absent(range->until)
					 ? store_key_row_end(space->id)
					 : store_key_row(space->id, range->until);
	SCOPED(store_moment_release)
	struct store_moment *moment = moment_of(space);
	enum base_failure failure =
		version ? version_at(space, moment->rocks, version) : BASE_OK;
	if (failure)
		return failure;
	SCOPED(rocks_rows_release)
	struct rocks_rows *rows = rocks_rows_open(
		keys, moment->rocks, store_key_slice(&from), store_key_slice(&until));
	struct slice key, value;
	size_t seen = 0;
	while ((!range->limit || seen < range->limit) &&
		rocks_rows_next(rows, &key, &value)) {
		seen++;
		if (!row(argument, slice_from(key, STORE_ROW_PREFIX), value))
			return BASE_OK;
	}
	return rocks_rows_failure(rows);
}
