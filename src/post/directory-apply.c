#include "post/directory-name.h"
#include "post/directory-record.h"
#include "post/directory-table.h"

static struct slice
keep(struct slice s)
{
	char *copy = malloc(s.length ? s.length : 1);
	ASSERT(copy);
	if (s.length)
		memcpy(copy, s.data, s.length);
	return slice_of(copy, s.length);
}

static enum base_failure
damaged(struct base_error *error, const char *what, struct slice name)
{
	return base_fail(error, BASE_DAMAGED, "directory: the row of %s %.*s can't be read",
		what, SLICE_ARG(slice_first(name, 128)));
}

/* --- domains -------------------------------------------------------------------------- */

static void
find_first_domain(struct post_table *table)
{
	struct post_domain_row *row;
	size_t position = 0;
	table->first_domain = NULL;
	while (post_table_next_domain(table, &position, &row))
		if (!table->first_domain || row->ordinal < table->first_domain->ordinal)
			table->first_domain = row;
}

static enum base_failure
domain_remove(struct post_table *table, struct slice name)
{
	struct post_domain_row *row = map_remove(table->domains, name);
	if (!row)
		return BASE_OK;
	if (table->first_domain == row)
		find_first_domain(table);
	post_domain_row_free(row);
	return BASE_OK;
}

static struct post_domain_row *
domain_create(struct post_table *table, struct slice name, uint64_t ordinal)
{
	struct post_domain_row *row = calloc(1, sizeof *row);
	ASSERT(row);
	row->name = keep(name);
	row->ordinal = ordinal;
	map_put(table->domains, name, row);
	if (!table->first_domain || ordinal < table->first_domain->ordinal)
		table->first_domain = row;
	return row;
}

static enum base_failure
domain_apply(struct post_table *table, struct slice name, struct slice value,
	struct base_error *error)
{
	if (slice_absent(value))
		return domain_remove(table, name);
	struct post_domain_record record;
	if (post_domain_unpack(value, &record) != BASE_OK)
		return damaged(error, "domain", name);
	struct post_domain_row *row = map_get(table->domains, name);
	if (!row)
		row = domain_create(table, name, record.ordinal);
	post_row_forget(&row->catch_all);
	row->catch_all = keep(record.catch_all);
	return BASE_OK;
}

/* --- accounts ------------------------------------------------------------------------- */

static enum base_failure
account_remove(struct post_table *table, struct slice key)
{
	struct post_account_row *row = map_remove(table->accounts, key);
	if (!row)
		return BASE_OK;
	post_table_by_id_remove(table, row);
	if (row->domain->eldest == row)
		row->domain->eldest = post_table_eldest(table, row->domain);
	post_account_row_free(row);
	return BASE_OK;
}

static struct post_account_row *
account_create(struct post_table *table, struct slice key,
	const struct post_account_record *record, struct post_domain_row *domain)
{
	struct post_account_row *row = calloc(1, sizeof *row + record->local.length);
	ASSERT(row);
	row->id = record->id;
	row->domain = domain;
	row->local_length = (uint16_t)record->local.length;
	if (record->local.length)
		memcpy(row->local, record->local.data, record->local.length);
	map_put(table->accounts, key, row);
	post_table_by_id_insert(table, row);
	return row;
}

static void
account_fill(struct post_account_row *row, const struct post_account_record *record)
{
	post_row_forget(&row->secret);
	row->secret = keep(record->secret);
	post_row_forget(&row->hidden);
	row->hidden = slice_empty(record->hidden) ? SLICE_NONE : keep(record->hidden);
	row->secret_version = record->secret_version;
	row->quota = record->quota;
	row->letters_per_hour = record->letters_per_hour;
	row->enabled = record->enabled;
	row->removing = record->removing;
	row->shared = record->shared;
}

static void
eldest_after_change(const struct post_table *table, struct post_account_row *row)
{
	struct post_domain_row *domain = row->domain;
	bool answers = post_account_row_answers(row);
	if (domain->eldest == row && !answers)
		domain->eldest = post_table_eldest(table, domain);
	else if (answers && (!domain->eldest || row->id < domain->eldest->id))
		domain->eldest = row;
}

static enum base_failure
account_apply(struct post_table *table, struct slice key, struct slice value,
	struct base_error *error)
{
	if (slice_absent(value))
		return account_remove(table, key);
	struct post_account_record record;
	struct post_domain_row *domain = map_get(table->domains, post_key_domain(key));
	if (!domain || post_account_unpack(value, &record) != BASE_OK ||
		record.local.length > UINT16_MAX)
		return damaged(error, "account", key);
	struct post_account_row *row = map_get(table->accounts, key);
	if (row && row->id != record.id)
		return damaged(error, "account", key);
	if (!row)
		row = account_create(table, key, &record, domain);
	account_fill(row, &record);
	eldest_after_change(table, row);
	return BASE_OK;
}

/* --- aliases -------------------------------------------------------------------------- */

static size_t
alias_size(const struct post_alias_record *record, const struct post_name *names)
{
	size_t size = sizeof(struct post_alias_row) + record->local.length +
		      record->count * sizeof(struct post_alias_target);
	for (size_t i = 0; i < record->count; i++)
		size += record->targets[i].length + names[i].local.length +
			names[i].key.length;
	return size;
}

static struct slice
lay(char **at, struct slice s)
{
	char *start = *at;
	if (s.length)
		memcpy(start, s.data, s.length);
	*at += s.length;
	return slice_of(start, s.length);
}

static struct post_alias_row *
alias_lay_out(const struct post_alias_record *record, const struct post_name *names)
{
	struct post_alias_row *row = calloc(1, alias_size(record, names));
	ASSERT(row);
	row->count = record->count;
	char *at = (char *)(row->targets + record->count);
	row->local = lay(&at, record->local);
	for (size_t i = 0; i < record->count; i++)
		row->targets[i] = (struct post_alias_target){
			.text = lay(&at, record->targets[i]),
			.local = lay(&at, names[i].local),
			.key = lay(&at, names[i].key),
		};
	return row;
}

static struct post_alias_row *
alias_create(struct slice value)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_alias_record record;
	if (post_alias_unpack(value, arena, &record) != BASE_OK)
		return NULL;
	struct post_name *names = ARENA_MANY(arena, struct post_name, record.count);
	for (size_t i = 0; i < record.count; i++)
		if (post_name_parse(arena, record.targets[i], &names[i], NULL) != BASE_OK)
			return NULL;
	return alias_lay_out(&record, names);
}

static enum base_failure
alias_apply(struct post_table *table, struct slice key, struct slice value,
	struct base_error *error)
{
	if (slice_absent(value)) {
		free(map_remove(table->aliases, key));
		return BASE_OK;
	}
	struct post_domain_row *domain = map_get(table->domains, post_key_domain(key));
	struct post_alias_row *row = domain ? alias_create(value) : NULL;
	if (!row)
		return damaged(error, "alias", key);
	row->domain = domain;
	free(map_put(table->aliases, key, row));
	return BASE_OK;
}

/* --- shares --------------------------------------------------------------------------- */

static enum base_failure
share_apply(struct post_table *table, struct slice name, struct slice value,
	struct base_error *error)
{
	struct post_share share;
	bool there = !slice_absent(value);
	if (!post_share_of_name(name, &share) || (there && post_share_unpack(value)))
		return damaged(error, "share", SLICE(""));
	post_table_share(table, &share, there);
	return BASE_OK;
}

enum base_failure
post_table_apply(struct post_table *table, struct slice key, struct slice value,
	struct base_error *error)
{
	struct slice name = slice_from(key, 1);
	switch (key.length ? key.data[0] : 0) {
	case POST_ROW_COUNTER:
		return BASE_OK;
	case POST_ROW_DOMAIN:
		return domain_apply(table, name, value, error);
	case POST_ROW_ACCOUNT:
		return account_apply(table, name, value, error);
	case POST_ROW_ALIAS:
		return alias_apply(table, name, value, error);
	case POST_ROW_SHARE:
		return share_apply(table, name, value, error);
	default:
		return base_fail(error, BASE_DAMAGED,
			"directory: a row of a kind that is not known");
	}
}
