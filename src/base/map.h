#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/slice.h"

/*
 * A hash map from byte keys to pointers. Keys are copied; values are the caller's.
 * Hashing is SipHash with a key drawn at creation, so that a peer can't choose collisions.
 * Not for two threads at once.
 */
struct map;

struct map *map_create(void);
void map_destroy(struct map *map); /* NULL is fine; values are left alone */
void *map_get(const struct map *map, struct slice key); /* NULL when absent */
void *map_put(
	struct map *map, struct slice key, void *value); /* the one replaced, or NULL */
void *map_remove(struct map *map, struct slice key);     /* the one removed, or NULL */
size_t map_count(const struct map *map);

/* Walks in no order; start with *position = 0. Removing the entry just seen is allowed. */
bool map_next(const struct map *map, size_t *position, struct slice *key, void **value);

/* SipHash-2-4 of s; for tables, under a key that nobody outside knows. */
uint64_t base_siphash(struct slice s, const uint8_t key[16]);

#endif
