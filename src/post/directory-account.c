#include "post/directory-internal.h"

static bool
secret_fits(struct slice secret, struct base_error *error)
{
	if (secret.length <= POST_SECRET_MOST)
		return true;
	base_fail(error, BASE_TOO_LARGE, "a secret has at most %d bytes", POST_SECRET_MOST);
	return false;
}

/* The name is free: BASE_OK. */
static enum base_failure
check_free(struct post_directory_change *change, struct slice key, struct base_error *error)
{
	struct post_account_record record;
	enum base_failure failure = post_directory_get_account(change, key, &record, error);
	if (failure == BASE_OK)
		return base_fail(error, BASE_EXISTS,
			record.removing
				? "the account %.*s is still being removed, try later"
				: "the account %.*s is there already",
			SLICE_ARG(slice_first(key, 128)));
	if (failure != BASE_NOT_FOUND)
		return failure;
	failure = post_directory_has(change, POST_ROW_ALIAS, key, error);
	if (failure == BASE_OK)
		return base_fail(error, BASE_EXISTS,
			"%.*s is an alias: remove it first, or its mail would not come "
			"here",
			SLICE_ARG(slice_first(key, 128)));
	return failure == BASE_NOT_FOUND ? BASE_OK : failure;
}

/* Two that are added at once may reach their turns in either order. */
static enum base_failure
note_id(struct post_directory_change *change, uint64_t id, struct base_error *error)
{
	uint64_t next;
	enum base_failure failure =
		post_directory_counter(change, POST_ACCOUNT_COUNTER, &next, error);
	if (failure == BASE_OK && next <= id)
		post_directory_put_counter(change, POST_ACCOUNT_COUNTER, id + 1);
	return failure;
}

static struct base_ticket *
add_account(struct post *post, struct store_space *space, const struct post_name *name,
	struct slice secret, bool shared, struct base_error *error)
{
	SCOPED(post_directory_change_release)
	struct post_directory_change *change =
		post_directory_begin_with(post, space, error);
	if (!change)
		return NULL;
	struct post_account_record record = {
		.id = store_space_id(space),
		.local = name->local,
		.secret = secret,
		.secret_version = 1,
		.enabled = true,
		.shared = shared,
	};
	if (check_free(change, name->key, error) != BASE_OK ||
		post_directory_count_member(change, name->domain, 1, error) != BASE_OK ||
		note_id(change, record.id, error) != BASE_OK)
		return NULL;
	post_directory_put_account(change, name->key, &record);
	post_account_populate(post, change->companion);
	return post_directory_submit(&change);
}

static struct base_ticket *
add_named(struct post *post, struct slice address, struct slice secret, bool shared,
	struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_name name;
	if (post_name_parse(arena, address, &name, error) != BASE_OK ||
		!secret_fits(secret, error))
		return NULL;
	uint64_t id = atomic_fetch_add(&post->directory->next_account, 1);
	struct store_space *space = store_space_open(post->store, id);
	struct base_ticket *ticket = add_account(post, space, &name, secret, shared, error);
	store_space_close(space);
	return ticket;
}

struct base_ticket *
post_account_add(struct post *post, struct slice address, struct slice secret,
	struct base_error *error)
{
	return add_named(post, address, secret, false, error);
}

struct base_ticket *
post_account_add_shared(struct post *post, struct slice address, struct base_error *error)
{
	return add_named(post, address, SLICE(""), true, error);
}

/* Begins a change of an account that is there. NULL with *error. */
static struct post_directory_change *
change_account(struct post *post, const struct post_name *name,
	struct post_account_record *record, struct base_error *error)
{
	struct post_directory_change *change = post_directory_begin(post, error);
	if (!change)
		return NULL;
	enum base_failure failure =
		post_directory_get_account(change, name->key, record, error);
	if (failure == BASE_OK && record->removing)
		failure = BASE_NOT_FOUND;
	if (failure == BASE_OK)
		return change;
	if (failure == BASE_NOT_FOUND)
		post_directory_refuse(
			error, failure, "there is no account %.*s", SLICE_ARG(name->key));
	post_directory_change_release(&change);
	return NULL;
}

/* expected 0: whatever it was. */
static struct base_ticket *
set_secret(struct post *post, struct slice address, uint64_t expected, struct slice secret,
	struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_name name;
	struct post_account_record record;
	if (post_name_parse(arena, address, &name, error) != BASE_OK ||
		!secret_fits(secret, error))
		return NULL;
	SCOPED(post_directory_change_release)
	struct post_directory_change *change = change_account(post, &name, &record, error);
	if (!change)
		return NULL;
	if (record.shared)
		return post_directory_refuse(error, BASE_DENIED,
			"%.*s belongs to no person: nobody signs in to it",
			SLICE_ARG(name.key));
	if (expected && record.secret_version != expected)
		return post_directory_refuse(error, BASE_CONFLICT,
			"the secret of %.*s was changed", SLICE_ARG(name.key));
	record.secret = secret;
	record.secret_version++;
	post_directory_put_account(change, name.key, &record);
	return post_directory_submit(&change);
}

struct base_ticket *
post_account_set_secret(struct post *post, struct slice address, struct slice secret,
	struct base_error *error)
{
	return set_secret(post, address, 0, secret, error);
}

struct base_ticket *
post_account_renew_secret(struct post *post, struct slice address, uint64_t secret_version,
	struct slice secret, struct base_error *error)
{
	ASSERT(secret_version);
	return set_secret(post, address, secret_version, secret, error);
}

struct base_ticket *
post_account_set_enabled(
	struct post *post, struct slice address, bool enabled, struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_name name;
	struct post_account_record record;
	if (post_name_parse(arena, address, &name, error) != BASE_OK)
		return NULL;
	SCOPED(post_directory_change_release)
	struct post_directory_change *change = change_account(post, &name, &record, error);
	if (!change)
		return NULL;
	record.enabled = enabled;
	post_directory_put_account(change, name.key, &record);
	return post_directory_submit(&change);
}

struct base_ticket *
post_account_set_limits(struct post *post, struct slice address,
	const struct post_quota *quota, uint32_t letters_per_hour, struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_name name;
	struct post_account_record record;
	if (post_name_parse(arena, address, &name, error) != BASE_OK)
		return NULL;
	SCOPED(post_directory_change_release)
	struct post_directory_change *change = change_account(post, &name, &record, error);
	if (!change)
		return NULL;
	record.quota = *quota;
	record.letters_per_hour = letters_per_hour;
	post_directory_put_account(change, name.key, &record);
	return post_directory_submit(&change);
}

struct base_ticket *
post_account_set_hidden(struct post *post, struct slice address, struct slice capabilities,
	struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_name name;
	struct post_account_record record;
	if (post_name_parse(arena, address, &name, error) != BASE_OK)
		return NULL;
	if (capabilities.length > POST_HIDDEN_MOST) {
		base_fail(error, BASE_TOO_LARGE, "at most %d bytes of names can be hidden",
			POST_HIDDEN_MOST);
		return NULL;
	}
	SCOPED(post_directory_change_release)
	struct post_directory_change *change = change_account(post, &name, &record, error);
	if (!change)
		return NULL;
	record.hidden = capabilities;
	post_directory_put_account(change, name.key, &record);
	return post_directory_submit(&change);
}

struct base_ticket *
post_account_remove(struct post *post, struct slice address, struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_name name;
	struct post_account_record record;
	if (post_name_parse(arena, address, &name, error) != BASE_OK)
		return NULL;
	SCOPED(post_directory_change_release)
	struct post_directory_change *change = change_account(post, &name, &record, error);
	if (!change)
		return NULL;
	record.removing = true;
	record.secret = SLICE_NONE;
	post_directory_put_account(change, name.key, &record);
	change->forget = record.id;
	change->forget_address = post_name_text(change->arena, record.local, name.domain);
	return post_removal_begin(
		post, record.id, name.key, post_directory_submit(&change));
}
