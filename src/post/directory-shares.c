/* Who shares with whom, as the directory remembers it: hints, so that LIST asks few. */
#include "post/directory-table.h"

static struct slice
key_of(const uint64_t *id)
{
	return slice_of(id, sizeof *id);
}

static size_t
lower_bound(const struct post_sharers *sharers, uint64_t owner)
{
	size_t low = 0, high = sharers->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (sharers->owners[middle] < owner)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
insert(struct post_sharers *sharers, size_t at, uint64_t owner)
{
	if (sharers->count == sharers->capacity) {
		sharers->capacity = sharers->capacity ? sharers->capacity * 2 : 4;
		sharers->owners = reallocarray(
			sharers->owners, sharers->capacity, sizeof *sharers->owners);
		ASSERT(sharers->owners);
	}
	memmove(sharers->owners + at + 1, sharers->owners + at,
		(sharers->count - at) * sizeof *sharers->owners);
	sharers->owners[at] = owner;
	sharers->count++;
}

static struct post_sharers *
sharers_of(struct post_table *table, uint64_t who)
{
	struct post_sharers *sharers = map_get(table->sharers, key_of(&who));
	if (!sharers) {
		sharers = calloc(1, sizeof *sharers);
		ASSERT(sharers);
		map_put(table->sharers, key_of(&who), sharers);
	}
	return sharers;
}

static void
forget_if_empty(struct post_table *table, uint64_t who, struct post_sharers *sharers)
{
	if (sharers->count)
		return;
	map_remove(table->sharers, key_of(&who));
	free(sharers->owners);
	free(sharers);
}

void
post_table_share(struct post_table *table, const struct post_share *share, bool there)
{
	struct post_sharers *sharers = sharers_of(table, share->who);
	size_t at = lower_bound(sharers, share->owner);
	bool known = at < sharers->count && sharers->owners[at] == share->owner;
	if (there && !known)
		insert(sharers, at, share->owner);
	if (!there && known) {
		sharers->count--;
		memmove(sharers->owners + at, sharers->owners + at + 1,
			(sharers->count - at) * sizeof *sharers->owners);
	}
	forget_if_empty(table, share->who, sharers);
}

uint64_t
post_table_sharer_after(const struct post_table *table, uint64_t who, uint64_t after)
{
	const struct post_sharers *sharers = map_get(table->sharers, key_of(&who));
	if (!sharers || after == UINT64_MAX)
		return 0;
	size_t at = lower_bound(sharers, after + 1);
	return at < sharers->count ? sharers->owners[at] : 0;
}

static size_t
count_shares(const struct post_table *table)
{
	size_t position = 0, count = 0;
	struct slice key;
	void *sharers;
	while (map_next(table->sharers, &position, &key, &sharers))
		count += ((const struct post_sharers *)sharers)->count;
	return count;
}

size_t
post_table_shares_of(const struct post_table *table, uint64_t id, struct arena *arena,
	struct post_share **shares)
{
	size_t position = 0, count = 0;
	struct slice key;
	void *value;
	*shares = ARENA_MANY(arena, struct post_share, count_shares(table) + 1);
	while (map_next(table->sharers, &position, &key, &value)) {
		const struct post_sharers *sharers = value;
		uint64_t who;
		memcpy(&who, key.data, sizeof who);
		for (size_t i = 0; i < sharers->count; i++)
			if (who == id || sharers->owners[i] == id)
				(*shares)[count++] =
					(struct post_share){who, sharers->owners[i]};
	}
	return count;
}

void
post_table_shares_destroy(struct post_table *table)
{
	size_t position = 0;
	struct slice key;
	void *value;
	while (map_next(table->sharers, &position, &key, &value)) {
		struct post_sharers *sharers = value;
		free(sharers->owners);
		free(sharers);
	}
	map_destroy(table->sharers);
}
