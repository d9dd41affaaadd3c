#include "post/directory-internal.h"

struct base_ticket *
post_domain_add(struct post *post, struct slice domain, struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	if (post_domain_name(arena, domain, &domain, error) != BASE_OK)
		return NULL;
	SCOPED(post_directory_change_release)
	struct post_directory_change *change = post_directory_begin(post, error);
	if (!change)
		return NULL;
	enum base_failure failure =
		post_directory_has(change, POST_ROW_DOMAIN, domain, error);
	if (failure == BASE_OK)
		return post_directory_refuse(error, BASE_EXISTS,
			"the domain %.*s is there already", SLICE_ARG(domain));
	uint64_t ordinal;
	if (failure != BASE_NOT_FOUND || post_directory_counter(change, POST_DOMAIN_COUNTER,
						 &ordinal, error) != BASE_OK)
		return NULL;
	post_directory_put_counter(change, POST_DOMAIN_COUNTER, ordinal + 1);
	struct post_domain_record record = {.ordinal = ordinal};
	post_directory_put_domain(change, domain, &record);
	return post_directory_submit(&change);
}

/* Begins a change of a domain that is there. NULL with *error. */
static struct post_directory_change *
change_domain(struct post *post, struct slice domain, struct post_domain_record *record,
	struct base_error *error)
{
	struct post_directory_change *change = post_directory_begin(post, error);
	if (!change)
		return NULL;
	enum base_failure failure =
		post_directory_get_domain(change, domain, record, error);
	if (failure == BASE_OK)
		return change;
	if (failure == BASE_NOT_FOUND)
		post_directory_refuse(
			error, failure, "there is no domain %.*s", SLICE_ARG(domain));
	post_directory_change_release(&change);
	return NULL;
}

struct base_ticket *
post_domain_remove(struct post *post, struct slice domain, struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_domain_record record;
	if (post_domain_name(arena, domain, &domain, error) != BASE_OK)
		return NULL;
	SCOPED(post_directory_change_release)
	struct post_directory_change *change = change_domain(post, domain, &record, error);
	if (!change)
		return NULL;
	if (record.members)
		return post_directory_refuse(error, BASE_CONFLICT,
			"accounts or aliases live in %.*s: remove them first",
			SLICE_ARG(domain));
	post_directory_delete(change, POST_ROW_DOMAIN, domain);
	return post_directory_submit(&change);
}

struct base_ticket *
post_domain_set_catch_all(struct post *post, struct slice domain, struct slice catch_all,
	struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_domain_record record;
	struct post_name name = {0};
	if (post_domain_name(arena, domain, &domain, error) != BASE_OK)
		return NULL;
	if (!slice_empty(catch_all) &&
		post_name_parse(arena, catch_all, &name, error) != BASE_OK)
		return NULL;
	SCOPED(post_directory_change_release)
	struct post_directory_change *change = change_domain(post, domain, &record, error);
	if (!change)
		return NULL;
	record.catch_all = name.text;
	post_directory_put_domain(change, domain, &record);
	return post_directory_submit(&change);
}
