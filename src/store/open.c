#include "store/recover.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE 0700
#define PATH_SIZE   4096

#define CACHE_SHARE 64 /* of the machine's memory */
#define CACHE_LEAST ((uint64_t)32 << 20)
#define CACHE_MOST  ((uint64_t)1 << 30)

/* Makes a folder that is not there, and its name durable. */
static enum base_failure
open_folder(int parent, const char *path, bool read_only, int *descriptor,
	struct base_error *error)
{
	bool made = !read_only && mkdirat(parent, path, FOLDER_MODE) == 0;
	*descriptor = openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*descriptor < 0)
		return base_fail(error, base_failure_of_errno(errno), "%s: %s", path,
			strerrordesc_np(errno));
	if (!made)
		return BASE_OK;
	SCOPED(scoped_close)
	int above = openat(*descriptor, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (above < 0 || fsync(above) < 0)
		return base_fail(error, base_failure_of_errno(errno), "%s: %s", path,
			strerrordesc_np(errno));
	return BASE_OK;
}

static enum base_failure
take_lock(struct store *store, struct base_error *error)
{
	bool read_only = store->settings.read_only;
	store->lock_descriptor = openat(store->folder_descriptor, "lock",
		(read_only ? O_RDONLY : O_RDWR | O_CREAT) | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (store->lock_descriptor < 0)
		return base_fail(error, base_failure_of_errno(errno), "%s/lock: %s",
			store->folder, strerrordesc_np(errno));
	int how = (read_only ? LOCK_SH : LOCK_EX) | LOCK_NB;
	if (flock(store->lock_descriptor, how) < 0)
		return base_fail(error, BASE_CONFLICT,
			"%s: another process has this store open", store->folder);
	return BASE_OK;
}

/* What is read once, as when a store is looked through, needs no more than the least. */
static uint64_t
cache_bytes(const struct store_settings *settings)
{
	if (settings->cache_bytes)
		return settings->cache_bytes;
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	if (settings->read_only || pages < 0 || page < 0)
		return CACHE_LEAST;
	uint64_t share = (uint64_t)pages * (uint64_t)page / CACHE_SHARE;
	if (share < CACHE_LEAST)
		return CACHE_LEAST;
	return share < CACHE_MOST ? share : CACHE_MOST;
}

static enum base_failure
open_keys(struct store *store, struct base_error *error)
{
	char path[PATH_SIZE];
	bool read_only = store->settings.read_only;
	SCOPED(scoped_close) int folder = -1;
	enum base_failure failure =
		open_folder(store->folder_descriptor, "keys", read_only, &folder, error);
	snprintf(path, sizeof path, "%s/keys", store->folder);
	if (!failure)
		failure = store_recover_keys(store, path, error);
	if (!failure)
		failure = rocks_open(path,
			&(struct rocks_settings){.read_only = read_only,
				.cache_bytes = cache_bytes(&store->settings),
				.log = store->settings.log},
			&store->keys, error);
	return failure;
}

/* Segments without any keys are a store that lost them, not a new one. */
static bool
has_segment_files(struct store *store)
{
	int copy = openat(store->blobs_descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	bool found = false;
	uint64_t number;
	while (folder && !found && (entry = readdir(folder)))
		found = store_segment_name_parse(entry->d_name, &number);
	if (folder)
		closedir(folder);
	return found;
}

static enum base_failure
begin_format(struct store *store, struct base_error *error)
{
	if (has_segment_files(store) || store->settings.read_only)
		return base_fail(error, BASE_DAMAGED,
			"%s: the keys of this store are missing: keep a copy of this "
			"folder, and put a backup in its place",
			store->folder);
	struct store_key key = store_key_format();
	struct store_value value = store_value_number(STORE_FORMAT);
	struct rocks_batch *batch = rocks_batch_create();
	rocks_batch_put(batch, store_key_slice(&key), store_value_slice(&value));
	enum base_failure failure = rocks_write(store->keys, batch);
	rocks_batch_destroy(batch);
	return failure ? base_fail(error, failure, "%s: cannot be written", store->folder)
		       : BASE_OK;
}

static enum base_failure
check_format(struct store *store, struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct store_key key = store_key_format();
	struct slice value;
	uint64_t format;
	enum base_failure failure =
		rocks_get(store->keys, NULL, store_key_slice(&key), arena, &value);
	if (failure == BASE_NOT_FOUND)
		return begin_format(store, error);
	if (failure || !store_value_take_number(value, &format))
		return base_fail(
			error, BASE_DAMAGED, "%s/keys: no format record", store->folder);
	if (format != STORE_FORMAT)
		return base_fail(error, BASE_INVALID,
			"%s: format %llu, this release knows %d", store->folder,
			(unsigned long long)format, STORE_FORMAT);
	return BASE_OK;
}

/* A store is on its way here: one that holds nothing would be taken for it. */
static enum base_failure
check_none_comes(const char *folder, struct base_error *error)
{
	char incoming[PATH_SIZE];
	snprintf(incoming, sizeof incoming, "%s" STORE_INCOMING, folder);
	if (access(folder, F_OK) == 0 || access(incoming, F_OK) < 0)
		return BASE_OK;
	return base_fail(error, BASE_UNAVAILABLE,
		"%s: a restore is under way, or did not come to its end: then restore "
		"again, or remove this folder",
		incoming);
}

static enum base_failure
open_parts(struct store *store, struct base_error *error)
{
	bool read_only = store->settings.read_only;
	enum base_failure failure = check_none_comes(store->folder, error);
	if (!failure)
		failure = open_folder(AT_FDCWD, store->folder, read_only,
			&store->folder_descriptor, error);
	if (!failure)
		failure = take_lock(store, error);
	if (!failure)
		failure = open_folder(store->folder_descriptor, "blobs", read_only,
			&store->blobs_descriptor, error);
	if (!failure)
		failure = open_keys(store, error);
	if (failure)
		return failure;
	store->segments = store_segments_create(store->blobs_descriptor);
	failure = check_format(store, error);
	return failure ? failure : store_recover_segments(store, error);
}

static struct store *
store_create(const struct store_settings *settings)
{
	ASSERT(settings->clock);
	struct store *store = calloc(1, sizeof *store);
	ASSERT(store);
	store->settings = *settings;
	store->folder = strdup(settings->folder);
	ASSERT(store->folder);
	store->settings.folder = store->folder;
	store->folder_descriptor = store->lock_descriptor = store->blobs_descriptor = -1;
	store->places = store_places_create();
	store->spaces = map_create();
	base_random(store->hash_key, sizeof store->hash_key);
	ASSERT(pthread_mutex_init(&store->spaces_lock, NULL) == 0);
	ASSERT(pthread_mutex_init(&store->upkeep_lock, NULL) == 0);
	store_queue_init(&store->queue);
	store_window_init(&store->window);
	store_counters_register(store);
	return store;
}

enum base_failure
store_open(const struct store_settings *settings, struct store **store,
	struct base_error *error)
{
	struct store *made = store_create(settings);
	enum base_failure failure = open_parts(made, error);
	*store = NULL;
	if (failure) {
		store_close(made);
		return failure;
	}
	if (!settings->read_only)
		made->committer = store_committer_start(made);
	*store = made;
	return BASE_OK;
}

/* The committer goes on meanwhile, as others may go on submitting. */
bool
store_drain(struct store *store, uint64_t within_ms)
{
	struct timespec pause = {.tv_nsec = 1000 * 1000};
	uint64_t until = base_clock_steady_ms(store->settings.clock) + within_ms;
	while (atomic_load(&store->queue.waiting_commits) > 0) {
		if (base_clock_steady_ms(store->settings.clock) >= until)
			return false;
		nanosleep(&pause, NULL);
	}
	return !atomic_load(&store->broken);
}

/* Need not succeed: the key log holds the same. A broken store is left as it is. */
static void
settle_keys(struct store *store)
{
	if (!atomic_load(&store->broken) && rocks_flush(store->keys))
		LOG(store->settings.log, BASE_LOG_WARN, "store.keys-not-settled");
}

void
store_close(struct store *store)
{
	if (!store)
		return;
	bool may_write = store->committer != NULL;
	store_committer_stop(store->committer);
	if (may_write)
		settle_keys(store);
	ASSERT(map_count(store->spaces) == 0);
	store_segments_destroy(store->segments);
	store_window_close(&store->window);
	rocks_close(store->keys);
	store_queue_destroy(&store->queue);
	store_window_destroy(&store->window);
	store_places_destroy(store->places);
	map_destroy(store->spaces);
	pthread_mutex_destroy(&store->spaces_lock);
	pthread_mutex_destroy(&store->upkeep_lock);
	scoped_close(&store->blobs_descriptor);
	scoped_close(&store->lock_descriptor);
	scoped_close(&store->folder_descriptor);
	free(store->folder);
	free(store);
}
