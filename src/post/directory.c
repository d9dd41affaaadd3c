#include "post/directory-internal.h"
#include "post/resolve.h"

static struct post_directory *
directory_create(struct store *store)
{
	struct post_directory *directory = calloc(1, sizeof *directory);
	ASSERT(directory);
	directory->space = store_space_open(store, POST_SPACE_DIRECTORY);
	directory->table = post_table_create();
	atomic_init(&directory->next_account, POST_ACCOUNT_FIRST);
	/* The committer must not wait behind a stream of look-ups. */
	pthread_rwlockattr_t writer_first;
	ASSERT(pthread_rwlockattr_init(&writer_first) == 0);
	ASSERT(pthread_rwlockattr_setkind_np(
		       &writer_first, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) == 0);
	ASSERT(pthread_rwlock_init(&directory->lock, &writer_first) == 0);
	pthread_rwlockattr_destroy(&writer_first);
	ASSERT(pthread_mutex_init(&directory->removal_lock, NULL) == 0);
	ASSERT(pthread_cond_init(&directory->settled, NULL) == 0);
	return directory;
}

static void
directory_destroy(struct post_directory *directory)
{
	pthread_rwlock_destroy(&directory->lock);
	pthread_mutex_destroy(&directory->removal_lock);
	pthread_cond_destroy(&directory->settled);
	post_table_destroy(directory->table);
	store_space_close(directory->space);
	free(directory);
}

void
post_directory_read_lock(struct post_directory *directory)
{
	ASSERT(pthread_rwlock_rdlock(&directory->lock) == 0);
}

void
post_directory_unlock(struct post_directory *directory)
{
	ASSERT(pthread_rwlock_unlock(&directory->lock) == 0);
}

void
post_directory_enter(struct post_directory *directory)
{
	pthread_mutex_lock(&directory->removal_lock);
	directory->under_way++;
	pthread_mutex_unlock(&directory->removal_lock);
}

void
post_directory_leave(struct post_directory *directory)
{
	pthread_mutex_lock(&directory->removal_lock);
	ASSERT(directory->under_way > 0);
	if (--directory->under_way == 0)
		pthread_cond_broadcast(&directory->settled);
	pthread_mutex_unlock(&directory->removal_lock);
}

/* --- opening -------------------------------------------------------------------------- */

struct loading {
	struct post_directory *directory;
	enum base_failure failure;
	struct base_error *error;
};

static enum base_failure
load_counter(_Atomic uint64_t *counter, struct slice value, struct base_error *error)
{
	uint64_t number;
	if (post_counter_unpack(value, &number) != BASE_OK)
		return base_fail(error, BASE_DAMAGED, "directory: a counter can't be read");
	if (number > atomic_load(counter))
		atomic_store(counter, number);
	return BASE_OK;
}

/* Of those that are kept in memory; or NULL. */
static _Atomic uint64_t *
counter_of(struct post_directory *directory, struct slice key)
{
	struct slice name = slice_from(key, 1);
	if (!key.length || key.data[0] != POST_ROW_COUNTER)
		return NULL;
	if (slice_equal(name, POST_ACCOUNT_COUNTER))
		return &directory->next_account;
	if (slice_equal(name, POST_RENEWED_COUNTER))
		return &directory->renewed_ms;
	return slice_equal(name, POST_FLOOR_COUNTER) ? &directory->validity_floor : NULL;
}

static bool
load_row(void *argument, struct slice key, struct slice value)
{
	struct loading *loading = argument;
	ASSERT(loading->directory);
	_Atomic uint64_t *counter = counter_of(loading->directory, key);
	if (counter)
		loading->failure = load_counter(counter, value, loading->error);
	else
		loading->failure = post_table_apply(
			loading->directory->table, key, value, loading->error);
	return loading->failure == BASE_OK;
}

static void
resume_removals(struct post_directory *directory)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	const struct post_account_row *row = NULL;
	uint64_t after = 0;
	while ((row = post_table_account_after(directory->table, after))) {
		after = row->id;
		if (row->removing)
			post_removal_resume(directory, row->id,
				post_name_key(arena, post_account_row_local(row),
					row->domain->name));
	}
}

enum base_failure
post_directory_open(struct post *post, struct base_error *error)
{
	struct post_directory *directory = directory_create(post->store);
	struct loading loading = {.directory = directory, .error = error};
	struct store_range all = {.from = SLICE(""), .until = SLICE_NONE};
	enum base_failure failure =
		store_scan(directory->space, &all, load_row, &loading, NULL);
	if (failure != BASE_OK)
		base_fail(error, failure, "the directory can't be read from the store");
	else
		failure = loading.failure;
	if (failure != BASE_OK) {
		directory_destroy(directory);
		return failure;
	}
	resume_removals(directory);
	post->directory = directory;
	return BASE_OK;
}

void
post_directory_close(struct post *post)
{
	struct post_directory *directory = post->directory;
	if (!directory)
		return;
	pthread_mutex_lock(&directory->removal_lock);
	while (directory->under_way)
		pthread_cond_wait(&directory->settled, &directory->removal_lock);
	pthread_mutex_unlock(&directory->removal_lock);
	post_removals_cancel(directory);
	directory_destroy(directory);
	post->directory = NULL;
}

/* --- look-ups ------------------------------------------------------------------------- */

bool
post_domain_is_local(struct post *post, struct slice domain)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice canonical;
	if (post_domain_name(arena, domain, &canonical, NULL) != BASE_OK)
		return false;
	post_directory_read_lock(post->directory);
	bool ours = post_table_domain(post->directory->table, canonical);
	post_directory_unlock(post->directory);
	return ours;
}

bool
post_has_domain(struct post *post)
{
	post_directory_read_lock(post->directory);
	bool any = map_count(post->directory->table->domains) > 0;
	post_directory_unlock(post->directory);
	return any;
}

enum base_failure
post_directory_limits(struct post *post, uint64_t id, struct post_account_limits *limits)
{
	*limits = (struct post_account_limits){0};
	post_directory_read_lock(post->directory);
	const struct post_account_row *row =
		post_table_account_by_id(post->directory->table, id);
	bool found = row && !row->removing;
	if (found)
		*limits = (struct post_account_limits){
			row->enabled, row->quota, row->letters_per_hour};
	post_directory_unlock(post->directory);
	return found ? BASE_OK : BASE_NOT_FOUND;
}

uint64_t
post_directory_account_after(struct post *post, uint64_t after)
{
	post_directory_read_lock(post->directory);
	const struct post_account_row *row =
		post_table_account_after(post->directory->table, after);
	uint64_t id = row ? row->id : 0;
	post_directory_unlock(post->directory);
	return id;
}

/* The first domain is asked for under the same lock that resolves in it. */
static enum base_failure
resolve_locked(const struct post_table *table, struct slice local, struct slice domain,
	struct arena *arena, struct post_route *route, struct base_error *error)
{
	struct post_name name;
	if (slice_empty(domain) && !table->first_domain)
		return BASE_NOT_FOUND;
	if (slice_empty(domain))
		domain = arena_copy(arena, table->first_domain->name);
	enum base_failure failure = post_name_of(arena, local, domain, &name);
	if (failure != BASE_OK)
		return base_fail(error, failure, "that is no address");
	return post_table_resolve(table, &name, arena, route, error);
}

enum base_failure
post_resolve(struct post *post, struct slice local_part, struct slice domain,
	struct arena *arena, struct post_route *route, struct base_error *error)
{
	*route = (struct post_route){0};
	post_directory_read_lock(post->directory);
	enum base_failure failure = resolve_locked(
		post->directory->table, local_part, domain, arena, route, error);
	post_directory_unlock(post->directory);
	return failure;
}

bool
post_account_may_send_as(struct post *post, uint64_t account, struct slice address)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_name name;
	if (post_name_parse(arena, address, &name, NULL) != BASE_OK)
		return false;
	post_directory_read_lock(post->directory);
	bool may = post_table_may_send_as(post->directory->table, account, &name, arena);
	post_directory_unlock(post->directory);
	return may;
}
