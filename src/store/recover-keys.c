#include "store/keylog.h"
#include "store/manifest.h"
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
	/* At the front of its last batch: where the blobs of that group are. */
	char note[KEYLOG_NOTE_MOST];
	size_t note_length;
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

static void
add_file(struct key_files *files, const char *name, uint64_t number)
{
	if (files->count == files->room) {
		files->room = files->room ? files->room * 2 : 8;
		files->file = realloc(files->file, files->room * sizeof *files->file);
		ASSERT(files->file);
	}
	struct key_file *file = &files->file[files->count++];
	*file = (struct key_file){.number = number};
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
		if (keylog_name_parse(slice_of_text(entry->d_name), &number))
			add_file(&files, entry->d_name, number);
	if (files.count)
		qsort(files.file, files.count, sizeof *files.file, compare_files);
	return files;
}

struct recovery {
	struct store *store;
	int folder;
	const char *path;
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
	if (recovery->store->settings.read_only)
		return BASE_OK;
	SCOPED(scoped_close)
	int descriptor = openat(recovery->folder, name, O_WRONLY | O_CLOEXEC);
	if (descriptor < 0 || ftruncate(descriptor, (off_t)size) < 0 ||
		fsync(descriptor) < 0)
		return fail_file(recovery, base_failure_of_errno(errno), name,
			"its torn end cannot be cut off");
	LOG(recovery->store->settings.log, BASE_LOG_INFO, "store.tail-cut",
		LOG_STRING("file", name), LOG_NUMBER("size", size));
	return BASE_OK;
}

static enum base_failure
fail_damaged(const struct recovery *recovery, const char *name)
{
	return fail_file(recovery, BASE_DAMAGED, name,
		"damaged before its end: keep a copy of the store's folder, and put a "
		"backup in its place");
}

static enum base_failure
look_at_log(const struct recovery *recovery, struct key_file *file, uint64_t sequence)
{
	SCOPED(buffer_free) struct buffer bytes = buffer_with(SIZE_MAX);
	enum base_failure failure = read_file(recovery, file->name, &bytes);
	if (failure)
		return failure;
	struct slice log = buffer_slice(&bytes);
	file->verdict = keylog_look(log, true, sequence);
	if (file->verdict.batches)
		file->note_length = keylog_note(log, file->verdict.last, file->note);
	return file->verdict.end == KEYLOG_DAMAGED ? fail_damaged(recovery, file->name)
						   : BASE_OK;
}

static enum base_failure
look_at_logs(const struct recovery *recovery, struct key_files *logs)
{
	uint64_t sequence = 0;
	const char *torn = NULL;
	for (size_t i = 0; i < logs->count; i++) {
		struct key_file *file = &logs->file[i];
		enum base_failure failure = look_at_log(recovery, file, sequence);
		if (failure)
			return failure;
		if (torn && file->verdict.batches)
			return fail_file(recovery, BASE_DAMAGED, torn,
				"torn, but a later log goes on: keep a copy of the store's "
				"folder, and put a backup in its place");
		if (file->verdict.end == KEYLOG_TORN)
			torn = file->name;
		if (file->verdict.batches)
			sequence = file->verdict.sequence;
	}
	return BASE_OK;
}

/*
 * A group's blobs and its batch are synced side by side, so of the very last batch it is
 * not known whether its blobs came to the disk. Where anything follows, be it a torn batch
 * or a log with nothing in it, they did: then the next was begun.
 */
static enum base_failure
recover_last_group(const struct recovery *recovery, struct key_file *last)
{
	struct store_written written;
	bool whole = true;
	if (last->verdict.end == KEYLOG_TORN || !last->note_length)
		return BASE_OK;
	if (!store_value_take_written(slice_of(last->note, last->note_length), &written))
		return fail_file(recovery, BASE_INVALID, last->name,
			"its last batch has a note of a later release");
	enum base_failure failure =
		store_recover_written(recovery->store, &written, &whole, recovery->error);
	if (failure || whole)
		return failure;
	if (recovery->store->settings.read_only)
		return fail_file(recovery, BASE_UNAVAILABLE, last->name,
			"its last commit is not whole: start once for writing");
	last->verdict.whole = last->verdict.last;
	last->verdict.end = KEYLOG_TORN;
	return BASE_OK;
}

static enum base_failure
cut_logs(const struct recovery *recovery, const struct key_files *logs)
{
	enum base_failure failure = BASE_OK;
	for (size_t i = 0; i < logs->count && !failure; i++) {
		const struct key_file *file = &logs->file[i];
		if (file->verdict.end != KEYLOG_WHOLE)
			failure = cut_file(recovery, file->name, file->verdict.whole);
	}
	return failure;
}

/* Only the newest log with anything in it may be torn: an older one was synced whole. */
static enum base_failure
recover_logs(const struct recovery *recovery, struct key_files *logs)
{
	enum base_failure failure = BASE_OK;
	if (logs->count && !recovery->store->settings.keep_last_group)
		failure = recover_last_group(recovery, &logs->file[logs->count - 1]);
	return failure ? failure : cut_logs(recovery, logs);
}

/* Do the logs hold all changes after those that these records of the MANIFEST have? */
static bool
logs_go_on(const struct key_files *logs, struct slice records)
{
	struct manifest_tables tables;
	if (!manifest_read(records, &tables))
		return false;
	for (size_t i = 0; i < logs->count; i++) {
		const struct key_file *file = &logs->file[i];
		if (file->number >= tables.log && file->verdict.first)
			return file->verdict.first <= tables.sequence + 1;
	}
	return false;
}

/* The list of RocksDB's files has the same format; CURRENT names it. */
static enum base_failure
recover_manifest(const struct recovery *recovery, const struct key_files *logs)
{
	SCOPED(buffer_free) struct buffer current = buffer_with(NAME_MAX);
	if (faccessat(recovery->folder, "CURRENT", F_OK, 0) < 0)
		return BASE_OK;
	enum base_failure failure = read_file(recovery, "CURRENT", &current);
	if (failure)
		return failure;
	char name[NAME_MAX + 1];
	snprintf(name, sizeof name, "%.*s", SLICE_ARG(slice_trim(buffer_slice(&current))));
	SCOPED(buffer_free) struct buffer bytes = buffer_with(SIZE_MAX);
	failure = read_file(recovery, name, &bytes);
	if (failure)
		return failure;
	struct keylog_verdict verdict = keylog_look(buffer_slice(&bytes), false, 0);
	if (verdict.end == KEYLOG_DAMAGED &&
		!logs_go_on(logs, slice_first(buffer_slice(&bytes), verdict.whole)))
		return fail_damaged(recovery, name);
	return verdict.end != KEYLOG_WHOLE ? cut_file(recovery, name, verdict.whole)
					   : BASE_OK;
}

enum base_failure
store_recover_keys(struct store *store, const char *folder, struct base_error *error)
{
	SCOPED(scoped_close)
	int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0)
		return base_fail(error, base_failure_of_errno(errno), "%s: %s", folder,
			strerrordesc_np(errno));
	struct recovery recovery = {store, descriptor, folder, error};
	SCOPED(release_files) struct key_files logs = list_logs(descriptor);
	enum base_failure failure = look_at_logs(&recovery, &logs);
	if (!failure)
		failure = recover_manifest(&recovery, &logs);
	return failure ? failure : recover_logs(&recovery, &logs);
}
