#include "store/keylog.h"
#include "store/recover.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct key_file {
	uint64_t number;
	char name[NAME_MAX + 1];
	struct keylog_verdict verdict;
};

struct key_files {
	struct key_file *file;
	size_t count, room;
};

static void
release_files(struct key_files *files)
{
	free(files->file);
}

static void
close_folder(DIR **folder)
{
	if (*folder)
		closedir(*folder);
}

/* "000042.log", as RocksDB names its logs. */
static bool
is_log(struct slice name, uint64_t *number)
{
	struct slice end = SLICE(".log");
	return slice_ends(name, end) &&
	       slice_to_u64(slice_first(name, name.length - end.length), number);
}

static void
add_file(struct key_files *files, const char *name, uint64_t number)
{
	if (files->count == files->room) {
		files->room = files->room ? files->room * 2 : 8;
		files->file = realloc(files->file, files->room * sizeof *files->file);
		ASSERT(files->file);
	}
	struct key_file *file = &files->file[files->count++];
	file->number = number;
	snprintf(file->name, sizeof file->name, "%s", name);
}

static int
compare_files(const void *a, const void *b)
{
	const struct key_file *left = a, *right = b;
	return (left->number > right->number) - (left->number < right->number);
}

static struct key_files
list_logs(int folder)
{
	struct key_files files = {0};
	int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SCOPED(close_folder) DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	uint64_t number;
	while (entries && (entry = readdir(entries)))
		if (is_log(slice_of_text(entry->d_name), &number))
			add_file(&files, entry->d_name, number);
	if (files.count)
		qsort(files.file, files.count, sizeof *files.file, compare_files);
	return files;
}

struct recovery {
	int folder;
	const char *path;
	bool read_only;
	struct base_log *log;
	struct base_error *error;
};

static enum base_failure
fail_file(const struct recovery *recovery, enum base_failure failure, const char *name,
	const char *what)
{
	return base_fail(recovery->error, failure, "%s/%s: %s", recovery->path, name, what);
}

static enum base_failure
read_file(const struct recovery *recovery, const char *name, struct buffer *into)
{
	SCOPED(scoped_close)
	int descriptor = openat(recovery->folder, name, O_RDONLY | O_CLOEXEC);
	struct stat state;
	if (descriptor < 0 || fstat(descriptor, &state) < 0)
		return fail_file(recovery, base_failure_of_errno(errno), name,
			strerrordesc_np(errno));
	size_t size = (size_t)state.st_size;
	if (!size)
		return BASE_OK;
	char *room = buffer_reserve(into, size);
	if (!room)
		return fail_file(recovery, BASE_DAMAGED, name, "larger than it can be");
	enum base_failure failure = store_read_whole(descriptor, 0, room, size);
	if (failure)
		return fail_file(recovery, failure, name, "cannot be read");
	buffer_commit(into, size);
	return BASE_OK;
}

static enum base_failure
cut_file(const struct recovery *recovery, const char *name, uint64_t size)
{
	if (recovery->read_only)
		return BASE_OK;
	SCOPED(scoped_close)
	int descriptor = openat(recovery->folder, name, O_WRONLY | O_CLOEXEC);
	if (descriptor < 0 || ftruncate(descriptor, (off_t)size) < 0 ||
		fsync(descriptor) < 0)
		return fail_file(recovery, base_failure_of_errno(errno), name,
			"its torn end cannot be cut off");
	LOG(recovery->log, BASE_LOG_INFO, "store.tail-cut", LOG_STRING("file", name),
		LOG_NUMBER("size", size));
	return BASE_OK;
}

static enum base_failure
look_at(const struct recovery *recovery, const char *name, bool batches,
	struct keylog_verdict *verdict)
{
	SCOPED(buffer_free) struct buffer bytes = buffer_with(SIZE_MAX);
	enum base_failure failure = read_file(recovery, name, &bytes);
	if (failure)
		return failure;
	*verdict = keylog_look(buffer_slice(&bytes), batches, verdict->sequence);
	if (verdict->end != KEYLOG_DAMAGED)
		return BASE_OK;
	return fail_file(recovery, BASE_DAMAGED, name,
		"damaged before its end: restore a backup, or salvage what is left");
}

static enum base_failure
look_at_logs(const struct recovery *recovery, struct key_files *logs)
{
	struct keylog_verdict verdict = {0};
	const char *torn = NULL;
	for (size_t i = 0; i < logs->count; i++) {
		const char *name = logs->file[i].name;
		enum base_failure failure = look_at(recovery, name, true, &verdict);
		if (failure)
			return failure;
		if (torn && verdict.batches)
			return fail_file(recovery, BASE_DAMAGED, torn,
				"torn, but a later log goes on: restore a backup");
		if (verdict.end == KEYLOG_TORN)
			torn = name;
		logs->file[i].verdict = verdict;
	}
	return BASE_OK;
}

/* Only the newest log with anything in it may be torn: an older one was synced whole. */
static enum base_failure
recover_logs(const struct recovery *recovery)
{
	SCOPED(release_files) struct key_files logs = list_logs(recovery->folder);
	enum base_failure failure = look_at_logs(recovery, &logs);
	for (size_t i = 0; i < logs.count && !failure; i++) {
		const struct key_file *file = &logs.file[i];
		if (file->verdict.end == KEYLOG_TORN)
			failure = cut_file(recovery, file->name, file->verdict.whole);
	}
	return failure;
}

/* The list of RocksDB's files has the same format; CURRENT names it. */
static enum base_failure
recover_manifest(const struct recovery *recovery)
{
	SCOPED(buffer_free) struct buffer current = buffer_with(NAME_MAX);
	if (faccessat(recovery->folder, "CURRENT", F_OK, 0) < 0)
		return BASE_OK;
	enum base_failure failure = read_file(recovery, "CURRENT", &current);
	if (failure)
		return failure;
	char name[NAME_MAX + 1];
	snprintf(name, sizeof name, "%.*s", SLICE_ARG(slice_trim(buffer_slice(&current))));
	struct keylog_verdict verdict = {0};
	failure = look_at(recovery, name, false, &verdict);
	if (failure || verdict.end == KEYLOG_WHOLE)
		return failure;
	return cut_file(recovery, name, verdict.whole);
}

enum base_failure
store_recover_keys(
	const char *folder, bool read_only, struct base_log *log, struct base_error *error)
{
	SCOPED(scoped_close)
	int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0)
		return base_fail(error, base_failure_of_errno(errno), "%s: %s", folder,
			strerrordesc_np(errno));
	struct recovery recovery = {descriptor, folder, read_only, log, error};
	enum base_failure failure = recover_manifest(&recovery);
	return failure ? failure : recover_logs(&recovery);
}
