#include "store/internal.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The keys are copied first, under a name that no store has; then the segments they speak
 * of; the keys get their name last. So a copy that was cut short does not open.
 */
#define PATH_SIZE    4096
#define COPY_AT_ONCE ((size_t)16 << 20)

struct copy {
	struct store *store;
	const char *path;
	int folder, blobs;
	struct base_error *error;
};

static enum base_failure
fail(const struct copy *copy, const char *what)
{
	return base_fail(copy->error, base_failure_of_errno(errno), "%s/%s: %s", copy->path,
		what, strerrordesc_np(errno));
}

static bool
has_keys(const char *folder)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof path, "%s/keys", folder);
	return access(path, F_OK) == 0;
}

/* What a crash left of a copy must not be taken for one. */
static enum base_failure
make_top(const struct copy *copy)
{
	if (mkdir(copy->path, 0700) == 0)
		return BASE_OK;
	int why = errno;
	if (why == EEXIST && !has_keys(copy->path))
		return base_fail(copy->error, BASE_DAMAGED,
			"%s was left by a copy that did not come to its end: remove it, "
			"then ask again",
			copy->path);
	errno = why;
	return fail(copy, "");
}

static enum base_failure
make_folders(struct copy *copy)
{
	enum base_failure failure = make_top(copy);
	if (failure)
		return failure;
	copy->folder = open(copy->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (copy->folder < 0 || mkdirat(copy->folder, "blobs", 0700) < 0)
		return fail(copy, "blobs");
	copy->blobs = openat(copy->folder, "blobs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return copy->blobs < 0 ? fail(copy, "blobs") : BASE_OK;
}

static bool
copy_bytes(int from, int into)
{
	ssize_t sent;
	while ((sent = sendfile(into, from, NULL, COPY_AT_ONCE)) > 0)
		;
	return sent == 0 && fsync(into) == 0;
}

/* For a copy on another file system. */
static enum base_failure
copy_segment(const struct copy *copy, const char *name)
{
	SCOPED(scoped_close)
	int from = openat(copy->store->blobs_descriptor, name, O_RDONLY | O_CLOEXEC);
	SCOPED(scoped_close)
	int into = openat(copy->blobs, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (from < 0 || into < 0 || !copy_bytes(from, into))
		return fail(copy, name);
	return BASE_OK;
}

static enum base_failure
link_segment(const struct copy *copy, uint64_t number)
{
	char name[STORE_SEGMENT_NAME_SIZE];
	store_segment_name(number, name);
	if (linkat(copy->store->blobs_descriptor, name, copy->blobs, name, 0) == 0)
		return BASE_OK;
	return errno == EXDEV ? copy_segment(copy, name) : fail(copy, name);
}

static enum base_failure
link_segments(const struct copy *copy)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	size_t count;
	const uint64_t *numbers = store_segments_list(copy->store->segments, arena, &count);
	for (size_t i = 0; i < count; i++) {
		enum base_failure failure = link_segment(copy, numbers[i]);
		if (failure)
			return failure;
	}
	return BASE_OK;
}

static enum base_failure
copy_keys(const struct copy *copy)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof path, "%s/" STORE_KEYS_UNFINISHED, copy->path);
	enum base_failure failure = store_window_keep_shut(&copy->store->window);
	if (failure)
		return base_fail(copy->error, failure, "the store is broken");
	failure = rocks_checkpoint(copy->store->keys, path, copy->error);
	store_window_let(&copy->store->window);
	return failure;
}

static enum base_failure
finish(const struct copy *copy)
{
	SCOPED(scoped_close)
	int above = openat(copy->folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fsync(copy->blobs) < 0 ||
		renameat(copy->folder, STORE_KEYS_UNFINISHED, copy->folder, "keys") < 0 ||
		fsync(copy->folder) < 0 || above < 0 || fsync(above) < 0)
		return fail(copy, "keys");
	return BASE_OK;
}

/* Collect is kept out meanwhile, so every segment that the keys speak of stays. */
enum base_failure
store_checkpoint(struct store *store, const char *folder, struct base_error *error)
{
	struct copy copy = {store, folder, -1, -1, error};
	pthread_mutex_lock(&store->upkeep_lock);
	enum base_failure failure = make_folders(&copy);
	if (!failure)
		failure = copy_keys(&copy);
	if (!failure)
		failure = link_segments(&copy);
	if (!failure)
		failure = finish(&copy);
	pthread_mutex_unlock(&store->upkeep_lock);
	scoped_close(&copy.blobs);
	scoped_close(&copy.folder);
	return failure;
}
