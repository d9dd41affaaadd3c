#include "post/directory-internal.h"

struct post_directory_row {
	struct post_directory_row *next;
	struct slice key;
	struct slice value; /* absent: deleted */
};

static struct post_directory_change *
change_create(struct post *post)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_directory_change *change =
		ARENA_NEW(arena, struct post_directory_change);
	change->post = post;
	change->arena = arena;
	change->rows_end = &change->rows;
	return change;
}

static struct post_directory_change *
change_refused(struct post_directory_change *change, enum base_failure failure,
	struct base_error *error)
{
	arena_destroy(change->arena);
	base_fail(error, failure,
		failure == BASE_DISK_FULL ? "the disk is full"
					  : "the store takes no change now, try again");
	return NULL;
}

struct post_directory_change *
post_directory_begin(struct post *post, struct base_error *error)
{
	struct post_directory_change *change = change_create(post);
	enum base_failure failure =
		store_begin(post->directory->space, STORE_CHANGE, &change->turn);
	return failure == BASE_OK ? change : change_refused(change, failure, error);
}

struct post_directory_change *
post_directory_begin_with(
	struct post *post, struct store_space *companion, struct base_error *error)
{
	struct post_directory_change *change = change_create(post);
	struct store_space *spaces[] = {post->directory->space, companion};
	enum base_failure failure =
		store_set_begin(post->store, spaces, 2, STORE_CHANGE, &change->set);
	if (failure != BASE_OK)
		return change_refused(change, failure, error);
	change->turn = store_set_turn(change->set, 0);
	change->companion = store_set_turn(change->set, 1);
	return change;
}

void
post_directory_change_release(struct post_directory_change **change)
{
	if (!*change)
		return;
	if ((*change)->set)
		store_set_abandon((*change)->set);
	else
		store_abandon((*change)->turn);
	arena_destroy((*change)->arena);
	*change = NULL;
}

static void
account_removed(const struct post_directory_change *change)
{
	struct post *post = change->post;
	post_account_forget(post, change->forget);
	if (post->removed)
		post->removed(post->removed_argument, change->forget_address);
}

/* On the committer's thread. What is durable and can't be read again is a bug. */
static void
publish(void *argument)
{
	struct post_directory_change *change = argument;
	struct post_directory *directory = change->post->directory;
	struct base_error error;
	ASSERT(pthread_rwlock_wrlock(&directory->lock) == 0);
	for (struct post_directory_row *row = change->rows; row; row = row->next)
		ASSERT(post_table_apply(directory->table, row->key, row->value, &error) ==
			BASE_OK);
	post_directory_unlock(directory);
	if (change->forget)
		account_removed(change);
}

static void
change_over(void *argument, enum base_failure outcome)
{
	(void)outcome;
	struct post_directory_change *change = argument;
	struct post_directory *directory = change->post->directory;
	arena_destroy(change->arena);
	post_directory_leave(directory);
}

struct base_ticket *
post_directory_submit(struct post_directory_change **submitted)
{
	struct post_directory_change *change = *submitted;
	*submitted = NULL;
	post_directory_enter(change->post->directory);
	store_on_durable(change->turn, publish, change);
	struct base_ticket *ticket =
		change->set ? store_set_submit(&change->set) : store_submit(&change->turn);
	base_ticket_then(ticket, change_over, change);
	return ticket;
}

struct base_ticket *
post_directory_refuse(
	struct base_error *error, enum base_failure failure, const char *format, ...)
{
	char sentence[sizeof error->text];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(sentence, sizeof sentence, format, arguments);
	va_end(arguments);
	base_fail(error, failure, "%s", sentence);
	return NULL;
}

/* --- rows ----------------------------------------------------------------------------- */

enum base_failure
post_directory_get(struct post_directory_change *change, enum post_directory_kind kind,
	struct slice name, struct slice *value, struct base_error *error)
{
	struct slice key = post_directory_key(change->arena, kind, name);
	enum base_failure failure = store_turn_get(change->turn, key, change->arena, value);
	if (failure == BASE_OK || failure == BASE_NOT_FOUND)
		return failure;
	return base_fail(error, failure, "the directory can't be read");
}

enum base_failure
post_directory_has(struct post_directory_change *change, enum post_directory_kind kind,
	struct slice name, struct base_error *error)
{
	struct slice value;
	return post_directory_get(change, kind, name, &value, error);
}

static void
remember(struct post_directory_change *change, struct slice key, struct slice value)
{
	struct post_directory_row *row =
		ARENA_NEW(change->arena, struct post_directory_row);
	row->key = key;
	row->value = value;
	*change->rows_end = row;
	change->rows_end = &row->next;
}

static void
put(struct post_directory_change *change, enum post_directory_kind kind, struct slice name,
	const struct buffer *packed)
{
	ASSERT(!buffer_failed(packed));
	struct slice key = post_directory_key(change->arena, kind, name);
	struct slice value = arena_copy(change->arena, buffer_slice(packed));
	store_put(change->turn, key, value);
	remember(change, key, value);
}

void
post_directory_delete(struct post_directory_change *change, enum post_directory_kind kind,
	struct slice name)
{
	struct slice key = post_directory_key(change->arena, kind, name);
	store_delete(change->turn, key);
	remember(change, key, SLICE_NONE);
}

static enum base_failure
unreadable(struct base_error *error, struct slice name)
{
	return base_fail(error, BASE_DAMAGED, "directory: the row of %.*s can't be read",
		SLICE_ARG(slice_first(name, 128)));
}

enum base_failure
post_directory_get_domain(struct post_directory_change *change, struct slice name,
	struct post_domain_record *record, struct base_error *error)
{
	struct slice value;
	enum base_failure failure =
		post_directory_get(change, POST_ROW_DOMAIN, name, &value, error);
	if (failure == BASE_OK && post_domain_unpack(value, record) != BASE_OK)
		return unreadable(error, name);
	return failure;
}

enum base_failure
post_directory_get_account(struct post_directory_change *change, struct slice key,
	struct post_account_record *record, struct base_error *error)
{
	struct slice value;
	enum base_failure failure =
		post_directory_get(change, POST_ROW_ACCOUNT, key, &value, error);
	if (failure == BASE_OK && post_account_unpack(value, record) != BASE_OK)
		return unreadable(error, key);
	return failure;
}

void
post_directory_put_domain(struct post_directory_change *change, struct slice name,
	const struct post_domain_record *record)
{
	SCOPED(buffer_free) struct buffer packed = buffer_with(STORE_VALUE_MOST);
	post_domain_pack(record, &packed);
	put(change, POST_ROW_DOMAIN, name, &packed);
}

void
post_directory_put_account(struct post_directory_change *change, struct slice key,
	const struct post_account_record *record)
{
	SCOPED(buffer_free) struct buffer packed = buffer_with(STORE_VALUE_MOST);
	post_account_pack(record, &packed);
	put(change, POST_ROW_ACCOUNT, key, &packed);
}

void
post_directory_put_alias(struct post_directory_change *change, struct slice key,
	const struct post_alias_record *record)
{
	SCOPED(buffer_free) struct buffer packed = buffer_with(STORE_VALUE_MOST);
	post_alias_pack(record, &packed);
	put(change, POST_ROW_ALIAS, key, &packed);
}

void
post_directory_put_share(
	struct post_directory_change *change, const struct post_share *share)
{
	SCOPED(buffer_free) struct buffer packed = buffer_with(STORE_VALUE_MOST);
	post_share_pack(&packed);
	put(change, POST_ROW_SHARE, post_share_name(change->arena, share), &packed);
}

void
post_directory_delete_share(
	struct post_directory_change *change, const struct post_share *share)
{
	post_directory_delete(
		change, POST_ROW_SHARE, post_share_name(change->arena, share));
}

enum base_failure
post_directory_counter(struct post_directory_change *change, struct slice name,
	uint64_t *value, struct base_error *error)
{
	struct slice packed;
	*value = 0;
	enum base_failure failure =
		post_directory_get(change, POST_ROW_COUNTER, name, &packed, error);
	if (failure == BASE_NOT_FOUND)
		return BASE_OK;
	if (failure == BASE_OK && post_counter_unpack(packed, value) != BASE_OK)
		return unreadable(error, name);
	return failure;
}

void
post_directory_put_counter(
	struct post_directory_change *change, struct slice name, uint64_t value)
{
	SCOPED(buffer_free) struct buffer packed = buffer_with(STORE_VALUE_MOST);
	post_counter_pack(value, &packed);
	put(change, POST_ROW_COUNTER, name, &packed);
}

enum base_failure
post_directory_count_member(struct post_directory_change *change, struct slice domain,
	int by, struct base_error *error)
{
	struct post_domain_record record;
	enum base_failure failure =
		post_directory_get_domain(change, domain, &record, error);
	if (failure == BASE_NOT_FOUND)
		return base_fail(error, BASE_NOT_FOUND,
			"%.*s is no domain of this server; add it first: domain add %.*s",
			SLICE_ARG(domain), SLICE_ARG(domain));
	if (failure != BASE_OK)
		return failure;
	record.members += (uint64_t)(int64_t)by;
	post_directory_put_domain(change, domain, &record);
	return BASE_OK;
}
