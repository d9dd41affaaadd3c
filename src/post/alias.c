#include "post/directory-internal.h"

/* Targets as text that parses to the same address again; whether one is the alias itself.
 */
static enum base_failure
read_targets(struct arena *arena, const struct post_name *alias,
	const struct slice *targets, struct post_alias_record *record, bool *names_itself,
	struct base_error *error)
{
	record->targets = ARENA_MANY(arena, struct slice, record->count);
	for (size_t i = 0; i < record->count; i++) {
		struct post_name name;
		enum base_failure failure =
			post_name_parse(arena, targets[i], &name, error);
		if (failure != BASE_OK)
			return failure;
		*names_itself = *names_itself || slice_equal(name.key, alias->key);
		record->targets[i] = name.text;
	}
	return BASE_OK;
}

static struct base_ticket *
put_alias(struct post *post, const struct post_name *name,
	const struct post_alias_record *record, bool names_itself, struct base_error *error)
{
	SCOPED(post_directory_change_release)
	struct post_directory_change *change = post_directory_begin(post, error);
	if (!change)
		return NULL;
	enum base_failure failure =
		post_directory_has(change, POST_ROW_ALIAS, name->key, error);
	if (failure == BASE_OK)
		return post_directory_refuse(error, BASE_EXISTS,
			"the alias %.*s is there already", SLICE_ARG(name->key));
	if (failure == BASE_NOT_FOUND && names_itself)
		failure = post_directory_has(change, POST_ROW_ACCOUNT, name->key, error);
	if (failure == BASE_NOT_FOUND && names_itself)
		return post_directory_refuse(error, BASE_INVALID,
			"the alias names itself, and there is no account %.*s",
			SLICE_ARG(name->key));
	if (failure != BASE_OK && failure != BASE_NOT_FOUND)
		return NULL;
	if (post_directory_count_member(change, name->domain, 1, error) != BASE_OK)
		return NULL;
	post_directory_put_alias(change, name->key, record);
	return post_directory_submit(&change);
}

struct base_ticket *
post_alias_add(struct post *post, struct slice address, const struct slice *targets,
	size_t count, struct base_error *error)
{
	if (count == 0 || count > POST_ALIAS_TARGETS_MOST) {
		base_fail(error, count ? BASE_TOO_LARGE : BASE_INVALID,
			"an alias has 1 to %d targets", POST_ALIAS_TARGETS_MOST);
		return NULL;
	}
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_name name;
	if (post_name_parse(arena, address, &name, error) != BASE_OK)
		return NULL;
	struct post_alias_record record = {.local = name.local, .count = count};
	bool names_itself = false;
	if (read_targets(arena, &name, targets, &record, &names_itself, error) != BASE_OK)
		return NULL;
	return put_alias(post, &name, &record, names_itself, error);
}

struct base_ticket *
post_alias_remove(struct post *post, struct slice address, struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_name name;
	if (post_name_parse(arena, address, &name, error) != BASE_OK)
		return NULL;
	SCOPED(post_directory_change_release)
	struct post_directory_change *change = post_directory_begin(post, error);
	if (!change)
		return NULL;
	enum base_failure failure =
		post_directory_has(change, POST_ROW_ALIAS, name.key, error);
	if (failure == BASE_NOT_FOUND)
		return post_directory_refuse(
			error, failure, "there is no alias %.*s", SLICE_ARG(name.key));
	if (failure != BASE_OK ||
		post_directory_count_member(change, name.domain, -1, error) != BASE_OK)
		return NULL;
	post_directory_delete(change, POST_ROW_ALIAS, name.key);
	return post_directory_submit(&change);
}
