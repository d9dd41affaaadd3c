#include "post/resolve.h"
#include "wire/address.h"

/* Names that are looked at: nested lists that lead nowhere are bounded too. */
#define LOOKED_AT_MOST (2 * POST_RECIPIENTS_MOST)

struct resolving {
	const struct post_table *table;
	struct arena *arena;
	struct base_error *error;
	struct post_target *targets;
	size_t count, capacity;
	size_t looked_at;
	struct map *seen; /* made with the first alias */
	/* Aliases and catch-all domains that are being expanded. */
	const void *path[POST_ALIAS_DEPTH_MOST];
	size_t depth;
};

enum seen_kind { SEEN_ALIAS = 'l', SEEN_ACCOUNT = 'a', SEEN_FOREIGN = 'f' };

static enum base_failure resolve_name(
	struct resolving *resolving, const struct post_name *name, struct slice detail);

/* --- what was found ------------------------------------------------------------------- */

/* Outside of an alias there is one result only. */
static bool
first_time(struct resolving *resolving, enum seen_kind kind, struct slice name)
{
	if (!resolving->seen)
		return true;
	char prefix = (char)kind;
	struct slice parts[] = {slice_of(&prefix, 1), name};
	struct slice key = arena_join(resolving->arena, parts, 2);
	return !map_put(resolving->seen, key, resolving);
}

static enum base_failure
add(struct resolving *resolving, struct post_target target)
{
	if (resolving->count == POST_RECIPIENTS_MOST)
		return base_fail(resolving->error, BASE_INVALID,
			"it expands to more than %d recipients", POST_RECIPIENTS_MOST);
	if (resolving->count == resolving->capacity) {
		size_t capacity = resolving->capacity ? resolving->capacity * 4 : 1;
		struct post_target *targets =
			ARENA_MANY(resolving->arena, struct post_target, capacity);
		if (resolving->count)
			memcpy(targets, resolving->targets,
				resolving->count * sizeof *targets);
		resolving->targets = targets;
		resolving->capacity = capacity;
	}
	resolving->targets[resolving->count++] = target;
	return BASE_OK;
}

static enum base_failure
add_account(struct resolving *resolving, const struct post_account_row *row,
	struct slice detail)
{
	if (!first_time(resolving, SEEN_ACCOUNT, slice_of(&row->id, sizeof row->id)))
		return BASE_OK;
	struct slice address = post_name_text(
		resolving->arena, post_account_row_local(row), row->domain->name);
	return add(resolving, (struct post_target){
				      .local = true,
				      .account = row->id,
				      .address = address,
				      .detail = arena_copy(resolving->arena, detail),
			      });
}

static enum base_failure
add_foreign(struct resolving *resolving, struct slice text, struct slice key)
{
	if (!first_time(resolving, SEEN_FOREIGN, key))
		return BASE_OK;
	return add(resolving, (struct post_target){
				      .address = arena_copy(resolving->arena, text),
			      });
}

/* --- the path of aliases -------------------------------------------------------------- */

static bool
on_path(const struct resolving *resolving, const void *step)
{
	for (size_t i = 0; i < resolving->depth; i++)
		if (resolving->path[i] == step)
			return true;
	return false;
}

static enum base_failure
enter(struct resolving *resolving, const void *step)
{
	if (resolving->depth == POST_ALIAS_DEPTH_MOST)
		return base_fail(resolving->error, BASE_INVALID,
			"aliases are nested more than %d deep", POST_ALIAS_DEPTH_MOST);
	resolving->path[resolving->depth++] = step;
	return BASE_OK;
}

static enum base_failure
resolve_target(struct resolving *resolving, const struct post_alias_target *target,
	struct slice detail)
{
	if (++resolving->looked_at > LOOKED_AT_MOST)
		return base_fail(
			resolving->error, BASE_INVALID, "it expands to too many addresses");
	struct slice domain = post_key_domain(target->key);
	if (!post_table_domain(resolving->table, domain))
		return add_foreign(resolving, target->text, target->key);
	struct post_name name = {
		.local = target->local, .domain = domain, .key = target->key};
	return resolve_name(resolving, &name, detail);
}

static enum base_failure
expand(struct resolving *resolving, const struct post_alias_row *alias, struct slice key,
	struct slice detail)
{
	if (!resolving->seen)
		resolving->seen = map_create();
	if (!first_time(resolving, SEEN_ALIAS, key))
		return BASE_OK;
	enum base_failure failure = enter(resolving, alias);
	bool found = false;
	for (size_t i = 0; i < alias->count && failure == BASE_OK; i++) {
		failure = resolve_target(resolving, &alias->targets[i], detail);
		found = found || failure == BASE_OK;
		if (failure == BASE_NOT_FOUND)
			failure = BASE_OK;
	}
	if (failure != BASE_OK)
		return failure;
	resolving->depth--;
	return found ? BASE_OK : BASE_NOT_FOUND;
}

/* --- the four ways -------------------------------------------------------------------- */

static enum base_failure
by_key(struct resolving *resolving, struct slice key, struct slice detail)
{
	const struct post_alias_row *alias = post_table_alias(resolving->table, key);
	if (alias && !on_path(resolving, alias))
		return expand(resolving, alias, key, detail);
	const struct post_account_row *account = post_table_account(resolving->table, key);
	if (account && !account->removing)
		return add_account(resolving, account, detail);
	if (!alias || resolving->path[resolving->depth - 1] == alias)
		return BASE_NOT_FOUND;
	return base_fail(resolving->error, BASE_INVALID, "the alias %.*s leads to itself",
		SLICE_ARG(key));
}

static enum base_failure
postmaster(struct resolving *resolving, const struct post_domain_row *domain)
{
	if (domain->eldest)
		return add_account(resolving, domain->eldest, SLICE_NONE);
	const struct post_domain_row *first = resolving->table->first_domain;
	struct slice key =
		post_name_key(resolving->arena, SLICE("postmaster"), first->name);
	enum base_failure failure = BASE_NOT_FOUND;
	if (!on_path(resolving, post_table_alias(resolving->table, key)))
		failure = by_key(resolving, key, SLICE_NONE);
	if (failure != BASE_NOT_FOUND)
		return failure;
	const struct post_account_row *eldest = first->eldest;
	if (!eldest)
		eldest = post_table_eldest(resolving->table, NULL);
	return eldest ? add_account(resolving, eldest, SLICE_NONE) : BASE_NOT_FOUND;
}

/* A catch-all that nobody has is no loop: the address is unknown. */
static enum base_failure
catch_all(struct resolving *resolving, const struct post_domain_row *domain)
{
	struct post_name name;
	if (slice_empty(domain->catch_all) || on_path(resolving, domain) ||
		post_name_parse(resolving->arena, domain->catch_all, &name, NULL) !=
			BASE_OK)
		return BASE_NOT_FOUND;
	enum base_failure failure = enter(resolving, domain);
	if (failure != BASE_OK)
		return failure;
	struct post_alias_target target = {domain->catch_all, name.local, name.key};
	failure = resolve_target(resolving, &target, SLICE_NONE);
	resolving->depth -= failure == BASE_OK || failure == BASE_NOT_FOUND;
	return failure;
}

/* The name is in a domain of ours. */
static enum base_failure
resolve_name(struct resolving *resolving, const struct post_name *name, struct slice detail)
{
	enum base_failure failure = by_key(resolving, name->key, detail);
	if (failure != BASE_NOT_FOUND)
		return failure;
	struct slice base, own_detail;
	wire_local_split(name->local, '+', &base, &own_detail);
	if (!slice_absent(own_detail)) {
		struct slice key = post_name_key(resolving->arena, base, name->domain);
		failure = by_key(resolving, key, own_detail);
		if (failure != BASE_NOT_FOUND)
			return failure;
	}
	const struct post_domain_row *domain =
		post_table_domain(resolving->table, name->domain);
	if (slice_equal_nocase(base, SLICE("postmaster")))
		failure = postmaster(resolving, domain);
	return failure == BASE_NOT_FOUND ? catch_all(resolving, domain) : failure;
}

enum base_failure
post_table_resolve(const struct post_table *table, const struct post_name *name,
	struct arena *arena, struct post_route *route, struct base_error *error)
{
	*route = (struct post_route){0};
	if (!post_table_domain(table, name->domain))
		return BASE_DENIED;
	struct resolving resolving = {.table = table, .arena = arena, .error = error};
	enum base_failure failure = resolve_name(&resolving, name, SLICE_NONE);
	map_destroy(resolving.seen);
	/* A list may lead only to other lists whose targets are gone. */
	if (failure == BASE_OK && resolving.count == 0)
		return BASE_NOT_FOUND;
	if (failure == BASE_OK)
		*route = (struct post_route){resolving.targets, resolving.count};
	return failure;
}

/* --- sending -------------------------------------------------------------------------- */

static bool
is_or_leads_to(const struct post_table *table, struct slice key, struct slice account)
{
	if (slice_equal(key, account))
		return true;
	const struct post_alias_row *alias = post_table_alias(table, key);
	for (size_t i = 0; alias && i < alias->count; i++)
		if (slice_equal(alias->targets[i].key, account))
			return true;
	return false;
}

bool
post_table_may_send_as(const struct post_table *table, uint64_t id,
	const struct post_name *name, struct arena *arena)
{
	const struct post_account_row *row = post_table_account_by_id(table, id);
	if (!row || !post_account_row_answers(row))
		return false;
	struct slice own =
		post_name_key(arena, post_account_row_local(row), row->domain->name);
	if (is_or_leads_to(table, name->key, own))
		return true;
	struct slice base, detail;
	wire_local_split(name->local, '+', &base, &detail);
	return !slice_absent(detail) &&
	       is_or_leads_to(table, post_name_key(arena, base, name->domain), own);
}
