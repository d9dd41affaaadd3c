#include "store/recover.h"
#include "store/whole.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static enum base_failure
fail(const struct store *store, const char *name, enum base_failure failure,
	struct base_error *error)
{
	return base_fail(error, failure, "%s/blobs/%s: its last group can't be %s",
		store->folder, name, store->settings.read_only ? "read" : "synced");
}

/*
 * After a failed sync the pages look clean though they are not on the disk, so the bytes
 * are written once more.
 */
static bool
make_durable(const struct store *store, int descriptor, uint64_t from, struct slice bytes)
{
	struct iovec part = {
		.iov_base = (void *)(uintptr_t)bytes.data, .iov_len = bytes.length};
	return store_write_whole(descriptor, &part, 1, from) == BASE_OK &&
	       fdatasync(descriptor) == 0 && (from || fsync(store->blobs_descriptor) == 0);
}

static enum base_failure
look_at(const struct store *store, int descriptor, const char *name,
	const struct store_written *written, bool *whole, struct base_error *error)
{
	size_t size = written->until - written->from;
	SCOPED(buffer_free) struct buffer bytes = buffer_with(SIZE_MAX);
	char *into = buffer_reserve(&bytes, size);
	if (!into || store_read_whole(descriptor, written->from, into, size))
		return fail(store, name, BASE_UNAVAILABLE, error);
	buffer_commit(&bytes, size);
	*whole = store_written_is_whole(written, buffer_slice(&bytes));
	if (!*whole || store->settings.read_only ||
		make_durable(store, descriptor, written->from, buffer_slice(&bytes)))
		return BASE_OK;
	return fail(store, name, BASE_UNAVAILABLE, error);
}

enum base_failure
store_recover_written(struct store *store, const struct store_written *written, bool *whole,
	struct base_error *error)
{
	char name[STORE_SEGMENT_NAME_SIZE];
	struct stat state;
	store_segment_name(written->segment, name);
	SCOPED(scoped_close)
	int descriptor = openat(store->blobs_descriptor, name,
		(store->settings.read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOFOLLOW);
	*whole = false;
	if (descriptor < 0 && errno == ENOENT) {
		*whole = written->from != 0;
		return BASE_OK;
	}
	if (descriptor < 0 || fstat(descriptor, &state) < 0)
		return fail(store, name, base_failure_of_errno(errno), error);
	uint64_t size = (uint64_t)state.st_size;
	if (size < written->until) {
		*whole = size < written->from;
		return BASE_OK;
	}
	return look_at(store, descriptor, name, written, whole, error);
}
