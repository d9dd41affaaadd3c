#include "store/internal.h"

static struct slice
map_key(const uint64_t *id)
{
	return slice_of(id, sizeof *id);
}

void
store_space_know_version(struct store_space *space)
{
	if (atomic_load_explicit(&space->known, memory_order_relaxed))
		return;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct store_key key = store_key_version(space->id);
	struct slice value;
	uint64_t version = 0;
	space->failure =
		rocks_get(space->store->keys, space->frozen ? space->frozen->rocks : NULL,
			store_key_slice(&key), arena, &value);
	if (space->failure == BASE_NOT_FOUND)
		space->failure = BASE_OK;
	else if (!space->failure && !store_value_take_number(value, &version))
		space->failure = BASE_DAMAGED;
	atomic_store(&space->durable, version);
	space->submitted = version;
	atomic_store_explicit(&space->known, !space->failure, memory_order_release);
}

static struct store_space *
space_create(struct store *store, uint64_t id)
{
	struct store_space *space = calloc(1, sizeof *space);
	ASSERT(space);
	space->store = store;
	space->id = id;
	atomic_init(&space->holders, 1);
	ASSERT(pthread_mutex_init(&space->lock, NULL) == 0);
	ASSERT(pthread_mutex_init(&space->watch_lock, NULL) == 0);
	ASSERT(pthread_cond_init(&space->turn_free, NULL) == 0);
	return space;
}

static void
space_free(struct store_space *space)
{
	ASSERT(!space->turn_taken && !space->watches && space->pending.count == 0);
	store_moment_drop(space->frozen);
	pending_clear(&space->pending);
	pthread_cond_destroy(&space->turn_free);
	pthread_mutex_destroy(&space->watch_lock);
	pthread_mutex_destroy(&space->lock);
	free(space);
}

struct store_space *
store_space_open(struct store *store, uint64_t id)
{
	pthread_mutex_lock(&store->spaces_lock);
	struct store_space *space = map_get(store->spaces, map_key(&id));
	if (space) {
		atomic_fetch_add(&space->holders, 1);
	} else {
		space = space_create(store, id);
		map_put(store->spaces, map_key(&id), space);
	}
	pthread_mutex_unlock(&store->spaces_lock);
	return space;
}

/* Not in the table: nobody else finds it. */
struct store_space *
store_space_freeze(struct store *store, uint64_t id)
{
	struct store_space *space = space_create(store, id);
	space->frozen = store_moment_take(store);
	return space;
}

struct store_space *
store_space_hold(struct store_space *space)
{
	unsigned before =
		atomic_fetch_add_explicit(&space->holders, 1, memory_order_relaxed);
	ASSERT(before > 0);
	return space;
}

/* The last holder leaves under the lock, so that nobody finds the space meanwhile. */
static void
close_last(struct store_space *space)
{
	struct store *store = space->store;
	pthread_mutex_lock(&store->spaces_lock);
	bool last = atomic_fetch_sub(&space->holders, 1) == 1;
	if (last && !space->frozen)
		map_remove(store->spaces, map_key(&space->id));
	pthread_mutex_unlock(&store->spaces_lock);
	if (last)
		space_free(space);
}

void
store_space_close(struct store_space *space)
{
	unsigned holders = atomic_load(&space->holders);
	ASSERT(holders > 0);
	while (holders > 1)
		if (atomic_compare_exchange_weak(&space->holders, &holders, holders - 1))
			return;
	close_last(space);
}

uint64_t
store_space_id(const struct store_space *space)
{
	return space->id;
}

uint64_t
store_space_version(struct store_space *space)
{
	if (!atomic_load_explicit(&space->known, memory_order_acquire)) {
		pthread_mutex_lock(&space->lock);
		store_space_know_version(space);
		pthread_mutex_unlock(&space->lock);
	}
	return atomic_load_explicit(&space->durable, memory_order_acquire);
}
