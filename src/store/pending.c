#include "store/pending.h"

#define LOAD_MOST 2 /* changes a chain, on average */

static struct store_change **
chain_of(const struct pending *table, uint64_t hash)
{
	if (table->chains)
		return &table->chains[hash & table->mask];
	/* The table inside is as writable as the struct it stands in. */
	struct pending *self = (struct pending *)(uintptr_t)table;
	return &self->few[hash % PENDING_FEW];
}

struct store_change *
pending_find(const struct pending *table, uint64_t hash, struct slice key)
{
	struct store_change *change = *chain_of(table, hash);
	while (change && !(change->hash == hash && slice_equal(change->key, key)))
		change = change->in_chain;
	return change;
}

static void
link_in(struct store_change **chain, struct store_change *change)
{
	change->in_chain = *chain;
	change->link = chain;
	if (change->in_chain)
		change->in_chain->link = &change->in_chain;
	*chain = change;
}

static void
grow(struct pending *table)
{
	size_t before = table->chains ? table->mask + 1 : PENDING_FEW;
	struct store_change **chains = table->chains ? table->chains : table->few;
	size_t size = before * 4;
	struct store_change **larger = calloc(size, sizeof(struct store_change *));
	ASSERT(larger);
	for (size_t i = 0; i < before; i++) {
		while (chains[i]) {
			struct store_change *change = chains[i];
			chains[i] = change->in_chain;
			link_in(&larger[change->hash & (size - 1)], change);
		}
	}
	free(table->chains);
	table->chains = larger;
	table->mask = size - 1;
}

static void
give_back_when_empty(struct pending *table)
{
	if (table->count || !table->chains)
		return;
	free(table->chains);
	table->chains = NULL;
}

void
pending_add(struct pending *table, struct store_change *change)
{
	struct store_change *older = pending_find(table, change->hash, change->key);
	if (older) {
		pending_remove(table, older);
		older->newer = change;
	}
	size_t chains = table->chains ? table->mask + 1 : PENDING_FEW;
	if (table->count >= chains * LOAD_MOST)
		grow(table);
	link_in(chain_of(table, change->hash), change);
	table->count++;
}

void
pending_remove(struct pending *table, struct store_change *change)
{
	if (!change->link)
		return;
	*change->link = change->in_chain;
	if (change->in_chain)
		change->in_chain->link = change->link;
	change->link = NULL;
	table->count--;
	give_back_when_empty(table);
}

void
pending_clear(struct pending *table)
{
	free(table->chains);
	*table = (struct pending){0};
}
