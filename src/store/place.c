#include "store/internal.h"

#define RECENT 8192 /* a power of two */

struct recent {
	struct store_hash hash;
	struct store_place place; /* size 0: nothing here */
};

/* Each hash has one slot, which the next that falls on it takes over. */
struct store_places {
	pthread_mutex_t lock;
	struct recent slots[RECENT];
};

struct store_places *
store_places_create(void)
{
	struct store_places *places = calloc(1, sizeof *places);
	ASSERT(places);
	ASSERT(pthread_mutex_init(&places->lock, NULL) == 0);
	return places;
}

void
store_places_destroy(struct store_places *places)
{
	if (!places)
		return;
	pthread_mutex_destroy(&places->lock);
	free(places);
}

static struct recent *
slot_of(struct store_places *places, const struct store_hash *hash)
{
	return &places->slots[(hash->bytes[0] | (unsigned)hash->bytes[1] << 8) &
			      (RECENT - 1)];
}

void
store_places_remember(struct store_places *places, const struct store_hash *hash,
	const struct store_place *place)
{
	pthread_mutex_lock(&places->lock);
	*slot_of(places, hash) = (struct recent){*hash, *place};
	pthread_mutex_unlock(&places->lock);
}

void
store_places_forget(struct store_places *places, const struct store_hash *hash)
{
	pthread_mutex_lock(&places->lock);
	struct recent *slot = slot_of(places, hash);
	if (memcmp(&slot->hash, hash, sizeof *hash) == 0)
		*slot = (struct recent){0};
	pthread_mutex_unlock(&places->lock);
}

static bool
find_recent(struct store_places *places, const struct store_hash *hash,
	struct store_place *place)
{
	pthread_mutex_lock(&places->lock);
	const struct recent *slot = slot_of(places, hash);
	bool found = slot->place.size && memcmp(&slot->hash, hash, sizeof *hash) == 0;
	if (found)
		*place = slot->place;
	pthread_mutex_unlock(&places->lock);
	return found;
}

enum base_failure
store_place_find(
	struct store *store, const struct store_hash *hash, struct store_place *place)
{
	if (find_recent(store->places, hash, place))
		return BASE_OK;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct store_key key = store_key_hash(STORE_KEY_PLACE, hash);
	struct slice value;
	enum base_failure failure;
	struct store_look look;
	do {
		store_look_begin(store, &look);
		failure = rocks_get(
			store->keys, look.moment, store_key_slice(&key), arena, &value);
	} while (store_look_again(store, &look));
	if (!failure && !store_value_take_place(value, place))
		failure = BASE_DAMAGED;
	return failure;
}
