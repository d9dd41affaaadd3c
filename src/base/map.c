#include "base/map.h"
#include "base/error.h"
#include "base/hash.h"

#define SMALLEST_TABLE 16

struct entry {
	uint64_t hash;
	void *value;
	size_t length;
	char key[];
};

/* Linear probing. A removed entry leaves a mark, so that a walk may remove as it goes. */
struct map {
	struct entry **table;
	size_t size; /* a power of two */
	size_t count;
	size_t marks;
	uint8_t key[16];
};

static struct entry REMOVED;

struct map *
map_create(void)
{
	struct map *map = calloc(1, sizeof *map);
	ASSERT(map);
	base_random(map->key, sizeof map->key);
	return map;
}

static bool
is_live(const struct entry *entry)
{
	return entry && entry != &REMOVED;
}

void
map_destroy(struct map *map)
{
	if (!map)
		return;
	for (size_t i = 0; i < map->size; i++)
		if (is_live(map->table[i]))
			free(map->table[i]);
	free(map->table);
	free(map);
}

static bool
entry_is(const struct entry *entry, uint64_t hash, struct slice key)
{
	return is_live(entry) && entry->hash == hash &&
	       slice_equal(slice_of(entry->key, entry->length), key);
}

/* The place of key, or the table's size when it is not there. */
static size_t
find(const struct map *map, uint64_t hash, struct slice key)
{
	if (!map->size)
		return 0;
	size_t at = hash & (map->size - 1);
	while (map->table[at]) {
		if (entry_is(map->table[at], hash, key))
			return at;
		at = (at + 1) & (map->size - 1);
	}
	return map->size;
}

static void
insert(struct entry **table, size_t size, struct entry *entry)
{
	size_t at = entry->hash & (size - 1);
	while (table[at])
		at = (at + 1) & (size - 1);
	table[at] = entry;
}

static void
rebuild(struct map *map)
{
	size_t size = SMALLEST_TABLE;
	while (size < (map->count + 1) * 2)
		size *= 2;
	struct entry **table = calloc(size, sizeof(struct entry *));
	ASSERT(table);
	for (size_t i = 0; i < map->size; i++)
		if (is_live(map->table[i]))
			insert(table, size, map->table[i]);
	free(map->table);
	map->table = table;
	map->size = size;
	map->marks = 0;
}

static struct entry *
entry_create(uint64_t hash, struct slice key, void *value)
{
	struct entry *entry = malloc(sizeof *entry + key.length);
	ASSERT(entry);
	*entry = (struct entry){.hash = hash, .value = value, .length = key.length};
	if (key.length)
		memcpy(entry->key, key.data, key.length);
	return entry;
}

void *
map_get(const struct map *map, struct slice key)
{
	size_t at = find(map, base_siphash(key, map->key), key);
	return at < map->size ? map->table[at]->value : NULL;
}

void *
map_put(struct map *map, struct slice key, void *value)
{
	uint64_t hash = base_siphash(key, map->key);
	size_t at = find(map, hash, key);
	if (at < map->size) {
		void *before = map->table[at]->value;
		map->table[at]->value = value;
		return before;
	}
	if ((map->count + map->marks + 1) * 4 > map->size * 3)
		rebuild(map);
	insert(map->table, map->size, entry_create(hash, key, value));
	map->count++;
	return NULL;
}

void *
map_remove(struct map *map, struct slice key)
{
	size_t at = find(map, base_siphash(key, map->key), key);
	if (at >= map->size)
		return NULL;
	void *value = map->table[at]->value;
	free(map->table[at]);
	map->table[at] = &REMOVED;
	map->count--;
	map->marks++;
	return value;
}

size_t
map_count(const struct map *map)
{
	return map->count;
}

bool
map_next(const struct map *map, size_t *position, struct slice *key, void **value)
{
	while (*position < map->size) {
		struct entry *entry = map->table[(*position)++];
		if (!is_live(entry))
			continue;
		*key = slice_of(entry->key, entry->length);
		*value = entry->value;
		return true;
	}
	return false;
}
