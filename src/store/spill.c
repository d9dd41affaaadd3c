#include "store/spill.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum base_failure
store_spill_open_file(struct store *store, int *descriptor)
{
	*descriptor =
		openat(store->blobs_descriptor, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return *descriptor < 0 ? base_failure_of_errno(errno) : BASE_OK;
}

enum base_failure
store_spill_create(struct store *store, struct store_spill **spill)
{
	*spill = NULL;
	if (store->settings.read_only)
		return BASE_DENIED;
	if (store_room_free(store) < store->settings.reserve_bytes)
		return BASE_DISK_FULL;
	int descriptor;
	enum base_failure failure = store_spill_open_file(store, &descriptor);
	if (failure)
		return failure;
	struct store_spill *made = calloc(1, sizeof *made);
	ASSERT(made);
	made->store = store;
	made->descriptor = descriptor;
	made->frames = buffer_with(SIZE_MAX);
	*spill = made;
	return BASE_OK;
}

void
store_spill_destroy(struct store_spill *spill)
{
	if (!spill)
		return;
	close(spill->descriptor);
	buffer_free(&spill->frames);
	free(spill);
}

static void
end_frame(struct store_spill *spill)
{
	char entry[STORE_FRAME_ENTRY];
	store_frame_encode(&spill->frame, entry);
	buffer_put(&spill->frames, slice_of(entry, sizeof entry));
	spill->frame = (struct store_frame){0};
}

static void
count_frames(struct store_spill *spill, struct slice bytes)
{
	while (bytes.length) {
		struct slice part =
			slice_first(bytes, STORE_FRAME_SIZE - spill->frame.stored);
		spill->frame.crc = base_crc32c(spill->frame.crc, part);
		spill->frame.stored += (uint32_t)part.length;
		if (spill->frame.stored == STORE_FRAME_SIZE)
			end_frame(spill);
		bytes = slice_from(bytes, part.length);
	}
}

static enum base_failure
write_at(struct store_spill *spill, uint64_t offset, struct slice bytes)
{
	struct iovec part = {
		.iov_base = (void *)(uintptr_t)bytes.data, .iov_len = bytes.length};
	return store_write_whole(spill->descriptor, &part, 1, offset);
}

enum base_failure
store_spill_write(struct store_spill *spill, struct slice bytes)
{
	if (bytes.length > STORE_BLOB_MOST - spill->length)
		return BASE_TOO_LARGE;
	enum base_failure failure =
		write_at(spill, STORE_SPILL_BODY + spill->length, bytes);
	if (failure)
		return failure;
	count_frames(spill, bytes);
	spill->length += bytes.length;
	return BASE_OK;
}

enum base_failure
store_spill_read(
	struct store_spill *spill, uint64_t offset, char *into, size_t size, size_t *got)
{
	uint64_t left = offset < spill->length ? spill->length - offset : 0;
	*got = size < left ? size : left;
	return store_read_whole(spill->descriptor, STORE_SPILL_BODY + offset, into, *got);
}

static enum base_failure
write_around(struct store_spill *spill, uint64_t number, struct store_record *record,
	struct slice tail)
{
	char front[STORE_SPILL_BODY];
	record->tail_crc = base_crc32c(0, tail);
	store_segment_header_encode(number, front);
	store_record_encode(record, front + STORE_SEGMENT_HEADER);
	enum base_failure failure = write_at(spill, 0, slice_of(front, sizeof front));
	if (!failure)
		failure = write_at(spill, STORE_SPILL_BODY + record->stored, tail);
	return failure;
}

/* Bytes first, then the name, then the folder: a name always leads to whole bytes. */
static enum base_failure
sync_and_link(const struct store_spill *spill, uint64_t number)
{
	char from[64], name[STORE_SEGMENT_NAME_SIZE];
	int blobs = spill->store->blobs_descriptor;
	snprintf(from, sizeof from, "/proc/self/fd/%d", spill->descriptor);
	store_segment_name(number, name);
	if (fsync(spill->descriptor) < 0 ||
		linkat(AT_FDCWD, from, blobs, name, AT_SYMLINK_FOLLOW) < 0)
		return base_failure_of_errno(errno);
	if (fsync(blobs) < 0) {
		enum base_failure failure = base_failure_of_errno(errno);
		unlinkat(blobs, name, 0);
		return failure;
	}
	return BASE_OK;
}

enum base_failure
store_spill_finish(struct store_spill *spill, struct store_record *record,
	struct slice tail, struct store_place *place)
{
	uint64_t number = store_segments_next_number(spill->store->segments);
	enum base_failure failure = write_around(spill, number, record, tail);
	if (!failure)
		failure = sync_and_link(spill, number);
	*place = (struct store_place){.segment = number,
		.offset = STORE_SEGMENT_HEADER,
		.size = store_record_size(record),
		.length = record->length};
	return failure;
}

void
store_spill_unlink(struct store *store, uint64_t segment)
{
	char name[STORE_SEGMENT_NAME_SIZE];
	store_segment_name(segment, name);
	unlinkat(store->blobs_descriptor, name, 0);
}

static enum base_failure
make_segment(struct store_spill *spill, struct slice trace, struct store_blob *blob)
{
	struct store_record *record = &blob->record;
	struct store_place place;
	if (spill->frame.stored)
		end_frame(spill);
	record->length = spill->length;
	enum base_failure failure =
		store_spill_pack(spill, &record->codec, &record->stored);
	if (failure)
		return failure;
	buffer_put(&blob->tail, buffer_slice(&spill->frames));
	buffer_put(&blob->tail, trace);
	failure = store_spill_finish(spill, record, buffer_slice(&blob->tail), &place);
	if (failure)
		return failure;
	blob->spilled = place;
	blob->spilled_valid = STORE_SEGMENT_HEADER + place.size;
	return BASE_OK;
}

enum base_failure
store_blob_of_spill(struct store *store, const struct store_hash *hash, struct slice trace,
	struct store_spill **spill, struct store_blob **blob)
{
	struct store_blob *made = store_blob_create(store, hash, trace);
	enum base_failure failure = make_segment(*spill, trace, made);
	store_spill_destroy(*spill);
	*spill = NULL;
	*blob = failure ? NULL : made;
	if (failure)
		store_blob_drop(made);
	return failure;
}
