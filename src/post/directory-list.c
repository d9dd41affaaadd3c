#include "post/directory-internal.h"

/* Accounts that are copied while the lock is held once: a commit waits that long at most.
 */
#define AT_ONCE 1000

static int
compare_slices(const void *a, const void *b)
{
	return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

size_t
post_domains(struct post *post, struct arena *arena, struct slice **domains)
{
	const struct post_table *table = post->directory->table;
	struct post_domain_row *row;
	size_t position = 0, count = 0;
	post_directory_read_lock(post->directory);
	*domains = ARENA_MANY(arena, struct slice, map_count(table->domains) + 1);
	while (post_table_next_domain(table, &position, &row))
		(*domains)[count++] = arena_copy(arena, row->name);
	post_directory_unlock(post->directory);
	qsort(*domains, count, sizeof **domains, compare_slices);
	return count;
}

struct slice
post_domain_catch_all(struct post *post, struct slice domain, struct arena *arena)
{
	struct slice canonical, catch_all = SLICE_NONE;
	if (post_domain_name(arena, domain, &canonical, NULL) != BASE_OK)
		return SLICE_NONE;
	post_directory_read_lock(post->directory);
	const struct post_domain_row *row =
		post_table_domain(post->directory->table, canonical);
	if (row && !slice_empty(row->catch_all))
		catch_all = arena_copy(arena, row->catch_all);
	post_directory_unlock(post->directory);
	return catch_all;
}

/* --- domains and how many live there -------------------------------------------------- */

static int
compare_domains(const void *a, const void *b)
{
	const struct post_domain_info *one = a, *other = b;
	return slice_compare(one->name, other->name);
}

/* Under the lock. */
static size_t
copy_domains(const struct post_table *table, struct arena *arena,
	struct post_domain_info **infos)
{
	struct post_domain_row *row;
	size_t position = 0, count = 0;
	*infos = ARENA_MANY(arena, struct post_domain_info, map_count(table->domains) + 1);
	while (post_table_next_domain(table, &position, &row))
		(*infos)[count++] =
			(struct post_domain_info){.name = arena_copy(arena, row->name),
				.catch_all = arena_copy(arena, row->catch_all)};
	qsort(*infos, count, sizeof **infos, compare_domains);
	return count;
}

static struct post_domain_info *
info_named(struct post_domain_info *infos, size_t count, struct slice name)
{
	const struct post_domain_info wanted = {.name = name};
	return bsearch(&wanted, infos, count, sizeof *infos, compare_domains);
}

/* A part of the accounts, as for a list. False: there are no more. */
static bool
count_part(const struct post_table *table, struct post_domain_info *infos, size_t count,
	uint64_t *after)
{
	for (unsigned seen = 0; seen < AT_ONCE; seen++) {
		const struct post_account_row *row =
			post_table_account_after(table, *after);
		if (!row)
			return false;
		*after = row->id;
		struct post_domain_info *info = info_named(infos, count, row->domain->name);
		if (info && !row->removing)
			info->accounts++;
	}
	return true;
}

static void
count_aliases(const struct post_table *table, struct post_domain_info *infos, size_t count)
{
	struct post_alias_row *row;
	size_t position = 0;
	while (post_table_next_alias(table, &position, &row)) {
		struct post_domain_info *info = info_named(infos, count, row->domain->name);
		if (info)
			info->aliases++;
	}
}

size_t
post_domain_infos(struct post *post, struct arena *arena, struct post_domain_info **infos)
{
	const struct post_table *table = post->directory->table;
	uint64_t after = 0;
	bool more = true;
	post_directory_read_lock(post->directory);
	size_t count = copy_domains(table, arena, infos);
	count_aliases(table, *infos, count);
	post_directory_unlock(post->directory);
	while (more) {
		post_directory_read_lock(post->directory);
		more = count_part(table, *infos, count, &after);
		post_directory_unlock(post->directory);
	}
	return count;
}

/* --- accounts ------------------------------------------------------------------------- */

static struct post_account_info
info_of(const struct post_account_row *row, struct arena *arena)
{
	return (struct post_account_info){
		.id = row->id,
		.address = post_name_text(
			arena, post_account_row_local(row), row->domain->name),
		.secret = arena_copy(arena, row->secret),
		.enabled = row->enabled,
		.shared = row->shared,
		.quota = row->quota,
		.letters_per_hour = row->letters_per_hour,
		.hidden = arena_copy(arena, row->hidden),
		.secret_version = row->secret_version,
	};
}

static void
add_usage(struct post *post, struct post_account_info *info)
{
	if (post_account_usage(post, info->id, &info->used) != BASE_OK)
		info->used = (struct post_usage){0};
}

enum base_failure
post_account_find(struct post *post, struct slice address, struct arena *arena,
	struct post_account_info *info)
{
	struct post_name name;
	*info = (struct post_account_info){0};
	if (post_name_parse(arena, address, &name, NULL) != BASE_OK)
		return BASE_NOT_FOUND;
	post_directory_read_lock(post->directory);
	const struct post_account_row *row =
		post_table_account(post->directory->table, name.key);
	bool found = row && !row->removing;
	if (found)
		*info = info_of(row, arena);
	post_directory_unlock(post->directory);
	if (found)
		add_usage(post, info);
	return found ? BASE_OK : BASE_NOT_FOUND;
}

enum base_failure
post_account_by_id(
	struct post *post, uint64_t id, struct arena *arena, struct post_account_info *info)
{
	*info = (struct post_account_info){0};
	post_directory_read_lock(post->directory);
	const struct post_account_row *row =
		post_table_account_by_id(post->directory->table, id);
	bool found = row && !row->removing;
	if (found)
		*info = info_of(row, arena);
	post_directory_unlock(post->directory);
	return found ? BASE_OK : BASE_NOT_FOUND;
}

struct account_list {
	struct arena *arena;
	struct post_account_info *infos;
	size_t count, capacity;
};

static void
list_add(struct account_list *list, const struct post_account_row *row)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? list->capacity * 2 : 16;
		struct post_account_info *infos =
			ARENA_MANY(list->arena, struct post_account_info, capacity);
		if (list->count)
			memcpy(infos, list->infos, list->count * sizeof *infos);
		list->infos = infos;
		list->capacity = capacity;
	}
	list->infos[list->count++] = info_of(row, list->arena);
}

/* A part of the accounts, from the one after *after. False: there are no more. */
static bool
list_part(const struct post_table *table, struct slice domain, struct account_list *list,
	uint64_t *after)
{
	for (unsigned seen = 0; seen < AT_ONCE; seen++) {
		const struct post_account_row *row =
			post_table_account_after(table, *after);
		if (!row)
			return false;
		*after = row->id;
		bool wanted =
			slice_absent(domain) || slice_equal(row->domain->name, domain);
		if (wanted && !row->removing)
			list_add(list, row);
	}
	return true;
}

static int
compare_accounts(const void *a, const void *b)
{
	const struct post_account_info *one = a, *other = b;
	struct slice one_domain = post_key_domain(one->address);
	struct slice other_domain = post_key_domain(other->address);
	int order = slice_compare(one_domain, other_domain);
	return order ? order : slice_compare(one->address, other->address);
}

size_t
post_accounts(struct post *post, struct slice domain, struct arena *arena,
	struct post_account_info **accounts)
{
	struct account_list list = {.arena = arena};
	struct slice canonical = SLICE_NONE;
	*accounts = NULL;
	if (!slice_absent(domain) &&
		post_domain_name(arena, domain, &canonical, NULL) != BASE_OK)
		return 0;
	uint64_t after = 0;
	bool more = true;
	while (more) {
		post_directory_read_lock(post->directory);
		more = list_part(post->directory->table, canonical, &list, &after);
		post_directory_unlock(post->directory);
	}
	for (size_t i = 0; i < list.count; i++)
		add_usage(post, &list.infos[i]);
	if (list.count)
		qsort(list.infos, list.count, sizeof *list.infos, compare_accounts);
	*accounts = list.infos;
	return list.count;
}

/* --- aliases -------------------------------------------------------------------------- */

static struct post_alias_info
alias_info_of(const struct post_alias_row *row, struct arena *arena)
{
	struct post_alias_info info = {
		.address = post_name_text(arena, row->local, row->domain->name),
		.targets = ARENA_MANY(arena, struct slice, row->count),
		.count = row->count,
	};
	for (size_t i = 0; i < row->count; i++)
		info.targets[i] = arena_copy(arena, row->targets[i].text);
	return info;
}

static int
compare_aliases(const void *a, const void *b)
{
	const struct post_alias_info *one = a, *other = b;
	int order = slice_compare(
		post_key_domain(one->address), post_key_domain(other->address));
	return order ? order : slice_compare(one->address, other->address);
}

size_t
post_aliases(struct post *post, struct slice domain, struct arena *arena,
	struct post_alias_info **aliases)
{
	const struct post_table *table = post->directory->table;
	struct slice canonical = SLICE_NONE;
	struct post_alias_row *row;
	size_t position = 0, count = 0;
	*aliases = NULL;
	if (!slice_absent(domain) &&
		post_domain_name(arena, domain, &canonical, NULL) != BASE_OK)
		return 0;
	post_directory_read_lock(post->directory);
	*aliases = ARENA_MANY(arena, struct post_alias_info, map_count(table->aliases) + 1);
	while (post_table_next_alias(table, &position, &row))
		if (slice_absent(canonical) || slice_equal(row->domain->name, canonical))
			(*aliases)[count++] = alias_info_of(row, arena);
	post_directory_unlock(post->directory);
	qsort(*aliases, count, sizeof **aliases, compare_aliases);
	return count;
}
