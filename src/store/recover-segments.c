#include "store/recover.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static enum base_failure
check_file(struct store *store, uint64_t number, const struct store_extent *extent,
	struct base_error *error)
{
	char name[STORE_SEGMENT_NAME_SIZE];
	store_segment_name(number, name);
	struct stat state;
	if (fstatat(store->blobs_descriptor, name, &state, AT_SYMLINK_NOFOLLOW) < 0)
		return base_fail(error,
			errno == ENOENT ? BASE_DAMAGED : base_failure_of_errno(errno),
			"%s/blobs/%s: %s", store->folder, name, strerrordesc_np(errno));
	if ((uint64_t)state.st_size < extent->valid)
		return base_fail(error, BASE_DAMAGED,
			"%s/blobs/%s: %lld bytes, but %llu were recorded: keep a copy of "
			"this folder, and put a backup in its place",
			store->folder, name, (long long)state.st_size,
			(unsigned long long)extent->valid);
	return BASE_OK;
}

static enum base_failure
load_segments(struct store *store, struct base_error *error)
{
	struct store_key from = store_key_segment(0);
	struct store_key until = store_key_kind_end(STORE_KEY_SEGMENT);
	SCOPED(rocks_rows_release)
	struct rocks_rows *rows = rocks_rows_open(
		store->keys, NULL, store_key_slice(&from), store_key_slice(&until));
	struct slice key, value;
	while (rocks_rows_next(rows, &key, &value)) {
		uint64_t number;
		struct store_extent extent;
		if (!store_key_take_segment(key, &number) ||
			!store_value_take_extent(value, &extent))
			return base_fail(error, BASE_DAMAGED, "%s/keys: a segment's record",
				store->folder);
		enum base_failure failure = check_file(store, number, &extent, error);
		if (failure)
			return failure;
		store_segments_add(store->segments, number, &extent);
		store_segments_above(store->segments, number);
	}
	return rocks_rows_failure(rows);
}

static void
release_folder(DIR **folder)
{
	if (*folder)
		closedir(*folder);
}

static bool
is_known(struct store *store, uint64_t number)
{
	struct store_segment *segment = store_segments_pin(store->segments, number);
	if (segment)
		store_segments_unpin(store->segments, segment);
	return segment != NULL;
}

static void
meet_file(struct store *store, const char *name)
{
	uint64_t number;
	if (!store_segment_name_parse(name, &number))
		return;
	store_segments_above(store->segments, number);
	if (is_known(store, number) || store->settings.read_only)
		return;
	LOG(store->settings.log, BASE_LOG_INFO, "store.segment-removed",
		LOG_STRING("file", name), LOG_STRING("why", "no key speaks of it"));
	unlinkat(store->blobs_descriptor, name, 0);
}

enum base_failure
store_recover_segments(struct store *store, struct base_error *error)
{
	enum base_failure failure = load_segments(store, error);
	if (failure)
		return failure;
	int copy = openat(store->blobs_descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SCOPED(release_folder) DIR *folder = copy < 0 ? NULL : fdopendir(copy);
	if (!folder)
		return base_fail(error, base_failure_of_errno(errno), "%s/blobs: %s",
			store->folder, strerrordesc_np(errno));
	const struct dirent *entry;
	while ((entry = readdir(folder)))
		meet_file(store, entry->d_name);
	return BASE_OK;
}
