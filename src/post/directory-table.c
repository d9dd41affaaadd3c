#include "post/directory-table.h"

struct post_table *
post_table_create(void)
{
	struct post_table *table = calloc(1, sizeof *table);
	ASSERT(table);
	table->domains = map_create();
	table->accounts = map_create();
	table->aliases = map_create();
	table->sharers = map_create();
	return table;
}

void
post_row_forget(struct slice *owned)
{
	if (!owned->data)
		return;
	void *bytes = (void *)(uintptr_t)owned->data;
	explicit_bzero(bytes, owned->length);
	free(bytes);
	*owned = SLICE_NONE;
}

void
post_domain_row_free(struct post_domain_row *row)
{
	post_row_forget(&row->name);
	post_row_forget(&row->catch_all);
	free(row);
}

void
post_account_row_free(struct post_account_row *row)
{
	post_row_forget(&row->secret);
	post_row_forget(&row->hidden);
	free(row);
}

void
post_table_destroy(struct post_table *table)
{
	if (!table)
		return;
	size_t position = 0;
	struct post_alias_row *alias;
	while (post_table_next_alias(table, &position, &alias))
		free(alias);
	struct post_domain_row *domain;
	for (position = 0; post_table_next_domain(table, &position, &domain);)
		post_domain_row_free(domain);
	for (size_t i = 0; i < table->count; i++)
		post_account_row_free(table->by_id[i]);
	free(table->by_id);
	map_destroy(table->domains);
	map_destroy(table->accounts);
	map_destroy(table->aliases);
	post_table_shares_destroy(table);
	free(table);
}

/* The place of the first id that is not less. */
static size_t
lower_bound(const struct post_table *table, uint64_t id)
{
	size_t low = 0, high = table->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (table->by_id[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
post_table_by_id_insert(struct post_table *table, struct post_account_row *row)
{
	if (table->count == table->capacity) {
		table->capacity = table->capacity ? table->capacity * 2 : 64;
		table->by_id =
			reallocarray(table->by_id, table->capacity, sizeof *table->by_id);
		ASSERT(table->by_id);
	}
	size_t at = lower_bound(table, row->id);
	memmove(table->by_id + at + 1, table->by_id + at,
		(table->count - at) * sizeof *table->by_id);
	table->by_id[at] = row;
	table->count++;
}

void
post_table_by_id_remove(struct post_table *table, const struct post_account_row *row)
{
	size_t at = lower_bound(table, row->id);
	ASSERT(at < table->count && table->by_id[at] == row);
	table->count--;
	memmove(table->by_id + at, table->by_id + at + 1,
		(table->count - at) * sizeof *table->by_id);
}

struct post_domain_row *
post_table_domain(const struct post_table *table, struct slice domain)
{
	return map_get(table->domains, domain);
}

struct post_account_row *
post_table_account(const struct post_table *table, struct slice key)
{
	return map_get(table->accounts, key);
}

struct post_account_row *
post_table_account_by_id(const struct post_table *table, uint64_t id)
{
	size_t at = lower_bound(table, id);
	return at < table->count && table->by_id[at]->id == id ? table->by_id[at] : NULL;
}

struct post_account_row *
post_table_account_after(const struct post_table *table, uint64_t after)
{
	size_t at = after == UINT64_MAX ? table->count : lower_bound(table, after + 1);
	return at < table->count ? table->by_id[at] : NULL;
}

struct post_account_row *
post_table_eldest(const struct post_table *table, const struct post_domain_row *domain)
{
	for (size_t i = 0; i < table->count; i++) {
		struct post_account_row *row = table->by_id[i];
		if (post_account_row_answers(row) && (!domain || row->domain == domain))
			return row;
	}
	return NULL;
}

struct post_alias_row *
post_table_alias(const struct post_table *table, struct slice key)
{
	return map_get(table->aliases, key);
}

bool
post_table_next_domain(
	const struct post_table *table, size_t *position, struct post_domain_row **row)
{
	struct slice key;
	void *value;
	if (!map_next(table->domains, position, &key, &value))
		return false;
	*row = value;
	return true;
}

bool
post_table_next_alias(
	const struct post_table *table, size_t *position, struct post_alias_row **row)
{
	struct slice key;
	void *value;
	if (!map_next(table->aliases, position, &key, &value))
		return false;
	*row = value;
	return true;
}

struct slice
post_account_row_local(const struct post_account_row *row)
{
	return slice_of(row->local, row->local_length);
}

bool
post_account_row_answers(const struct post_account_row *row)
{
	return row->enabled && !row->removing;
}
