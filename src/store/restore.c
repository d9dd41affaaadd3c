#include "store/internal.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE   4096
#define FOLDER_MODE 0700
#define FILE_MODE   0600

struct store_restore {
	char folder[PATH_SIZE], incoming[PATH_SIZE];
	int above; /* with a lock: one restore at a time */
	int top, keys, blobs;
	int file; /* that is being written; -1 */
	char name[PATH_SIZE];
	bool began, finished;
};

static enum base_failure
fail(const struct store_restore *restore, const char *name, struct base_error *error)
{
	return base_fail(error, base_failure_of_errno(errno), "%s%s%s: %s",
		restore->incoming, *name ? "/" : "", name, strerrordesc_np(errno));
}

/* --- what a restore that was cut short left ------------------------------------------- */

static bool empty_folder(int folder);

static bool
remove_entry(int parent, const char *name)
{
	if (unlinkat(parent, name, 0) == 0)
		return true;
	SCOPED(scoped_close)
	int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return folder >= 0 && empty_folder(folder) &&
	       unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

/* False with errno. It is two folders deep. */
static bool
empty_folder(int folder)
{
	int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	bool empty = entries != NULL;
	while (empty && (entry = readdir(entries)))
		empty = strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0 ||
			remove_entry(folder, entry->d_name);
	int why = errno;
	if (entries)
		closedir(entries);
	errno = why;
	return empty;
}

/* --- begin ---------------------------------------------------------------------------- */

static enum base_failure
take_lock(struct store_restore *restore, struct base_error *error)
{
	char folder[PATH_SIZE];
	snprintf(folder, sizeof folder, "%s", restore->folder);
	restore->above = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (restore->above < 0)
		return fail(restore, "", error);
	if (flock(restore->above, LOCK_EX | LOCK_NB) < 0)
		return base_fail(error, BASE_CONFLICT,
			"%s: another process restores a backup", restore->incoming);
	return BASE_OK;
}

static enum base_failure
fail_there(const struct store_restore *restore, struct base_error *error)
{
	return base_fail(error, BASE_EXISTS,
		"%s is there already, and nothing is written over it: move it away, then "
		"ask again",
		restore->folder);
}

static enum base_failure
check_free(const struct store_restore *restore, struct base_error *error)
{
	struct stat status;
	bool free = lstat(restore->folder, &status) < 0 && errno == ENOENT;
	return free ? BASE_OK : fail_there(restore, error);
}

/* The one that is there, or a new one. */
static int
enter_folder(int parent, const char *name)
{
	if (mkdirat(parent, name, FOLDER_MODE) < 0 && errno != EEXIST)
		return -1;
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Durable before any of its files: it keeps others from here. */
static enum base_failure
enter_top(struct store_restore *restore, struct base_error *error)
{
	restore->top = enter_folder(AT_FDCWD, restore->incoming);
	if (restore->top < 0 || fsync(restore->above) < 0)
		return fail(restore, "", error);
	restore->began = true;
	return empty_folder(restore->top) ? BASE_OK : fail(restore, "", error);
}

static enum base_failure
make_folders(struct store_restore *restore, struct base_error *error)
{
	enum base_failure failure = enter_top(restore, error);
	if (failure)
		return failure;
	restore->keys = enter_folder(restore->top, "keys");
	restore->blobs = enter_folder(restore->top, "blobs");
	if (restore->keys < 0 || restore->blobs < 0)
		return fail(restore, "", error);
	return BASE_OK;
}

static struct store_restore *
restore_create(const char *folder)
{
	struct store_restore *restore = calloc(1, sizeof *restore);
	ASSERT(restore);
	restore->above = restore->top = restore->keys = restore->blobs = restore->file = -1;
	snprintf(restore->folder, sizeof restore->folder, "%s", folder);
	snprintf(restore->incoming, sizeof restore->incoming, "%s" STORE_INCOMING, folder);
	return restore;
}

enum base_failure
store_restore_begin(
	const char *folder, struct store_restore **restore, struct base_error *error)
{
	*restore = restore_create(folder);
	enum base_failure failure = take_lock(*restore, error);
	if (!failure)
		failure = check_free(*restore, error);
	if (!failure)
		failure = make_folders(*restore, error);
	if (failure)
		store_restore_end(restore);
	return failure;
}

/* --- files ---------------------------------------------------------------------------- */

static enum base_failure
end_file(struct store_restore *restore, struct base_error *error)
{
	if (restore->file < 0)
		return BASE_OK;
	if (fsync(restore->file) < 0)
		return fail(restore, restore->name, error);
	scoped_close(&restore->file);
	return BASE_OK;
}

static bool
is_plain(struct slice name)
{
	return name.length && name.data[0] != '.' &&
	       slice_find_byte(name, '/') == name.length;
}

/* Where a file of a store belongs; -1: there is no such file. */
static int
place_of(const struct store_restore *restore, const char *path, const char **name)
{
	uint64_t number;
	if (strncmp(path, "keys/", 5) == 0 && is_plain(slice_of_text(path + 5))) {
		*name = path + 5;
		return restore->keys;
	}
	if (strncmp(path, "blobs/", 6) == 0 &&
		store_segment_name_parse(path + 6, &number)) {
		*name = path + 6;
		return restore->blobs;
	}
	*name = path;
	return strcmp(path, "lock") == 0 ? restore->top : -1;
}

static enum base_failure
fail_foreign(const struct store_restore *restore, struct base_error *error)
{
	if (strncmp(restore->name, STORE_KEYS_UNFINISHED "/",
		    sizeof STORE_KEYS_UNFINISHED) == 0)
		return base_fail(error, BASE_INVALID,
			"that was left by a backup that did not come to its end");
	return base_fail(error, BASE_INVALID,
		"that is no backup: none has a file \"%.100s\"", restore->name);
}

enum base_failure
store_restore_file(
	struct store_restore *restore, struct slice path, struct base_error *error)
{
	const char *name;
	enum base_failure failure = end_file(restore, error);
	if (failure)
		return failure;
	snprintf(restore->name, sizeof restore->name, "%.*s", SLICE_ARG(path));
	int place = place_of(restore, restore->name, &name);
	if (place < 0)
		return fail_foreign(restore, error);
	restore->file =
		openat(place, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	return restore->file < 0 ? fail(restore, restore->name, error) : BASE_OK;
}

enum base_failure
store_restore_write(
	struct store_restore *restore, struct slice bytes, struct base_error *error)
{
	while (bytes.length) {
		ssize_t written = write(restore->file, bytes.data, bytes.length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return fail(restore, restore->name, error);
		bytes = slice_from(bytes, (size_t)written);
	}
	return BASE_OK;
}

/* --- the end -------------------------------------------------------------------------- */

static enum base_failure
sync_folders(const struct store_restore *restore, struct base_error *error)
{
	if (fsync(restore->keys) < 0 || fsync(restore->blobs) < 0 ||
		fsync(restore->top) < 0)
		return fail(restore, "", error);
	return BASE_OK;
}

/* Without its first file RocksDB would begin a new one. */
enum base_failure
store_restore_arrived(struct store_restore *restore, struct base_error *error)
{
	enum base_failure failure = end_file(restore, error);
	if (failure)
		return failure;
	if (faccessat(restore->keys, "CURRENT", F_OK, 0) < 0)
		return base_fail(error, BASE_INVALID,
			"that is no backup, or not all of one: it has no keys/CURRENT");
	return sync_folders(restore, error);
}

const char *
store_restore_folder(const struct store_restore *restore)
{
	return restore->incoming;
}

/* Replaces nothing: of a store that was made meanwhile the folder is not empty. */
enum base_failure
store_restore_finish(struct store_restore *restore, struct base_error *error)
{
	enum base_failure failure = sync_folders(restore, error);
	if (failure)
		return failure;
	if (rename(restore->incoming, restore->folder) < 0)
		return errno == ENOTEMPTY || errno == EEXIST ? fail_there(restore, error)
							     : fail(restore, "", error);
	restore->finished = true;
	return fsync(restore->above) < 0 ? fail(restore, "", error) : BASE_OK;
}

/* The folder stays: while it is there nobody makes an empty store. */
static void
take_away(const struct store_restore *restore)
{
	if (restore->began && !restore->finished)
		(void)empty_folder(restore->top);
}

void
store_restore_end(struct store_restore **ended)
{
	struct store_restore *restore = *ended;
	if (!restore)
		return;
	take_away(restore);
	scoped_close(&restore->file);
	scoped_close(&restore->keys);
	scoped_close(&restore->blobs);
	scoped_close(&restore->top);
	scoped_close(&restore->above);
	free(restore);
	*ended = NULL;
}
