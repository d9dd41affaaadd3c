#include "store/blob-log.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void
store_blob_log_init(struct store_blob_log *log, struct store *store)
{
	*log = (struct store_blob_log){
		.store = store, .descriptor = -1, .ahead = store_ahead_start(store)};
}

/* Need not succeed: bytes past the settled end count for nothing. */
static void
cut_at_settled(struct store_blob_log *log)
{
	int done = ftruncate(log->descriptor, (off_t)log->settled);
	(void)done;
}

/* Zeros that were asked for are there, or never will be. */
static void
note_zeros(struct store_blob_log *log, enum store_ahead_state state)
{
	if (state == STORE_AHEAD_DONE)
		log->filled = log->asked;
}

static void
leave_segment(struct store_blob_log *log)
{
	store_ahead_wait(log->ahead); /* the zeros would come behind the cut */
	/* What was gathered and not settled, keys may speak of all the same. */
	if (log->asked > log->end && !store_blob_log_gathered(log))
		cut_at_settled(log);
	if (log->descriptor >= 0)
		close(log->descriptor);
	log->descriptor = -1;
	log->settled = log->end = log->filled = log->asked = log->last = 0;
	log->part_count = 0;
	atomic_store(&log->store->active_segment, 0);
}

void
store_blob_log_close(struct store_blob_log *log)
{
	leave_segment(log);
	store_ahead_stop(log->ahead);
	free(log->parts);
	log->parts = NULL;
}

static void
add_part(struct store_blob_log *log, struct slice s)
{
	if (log->part_count == log->part_room) {
		log->part_room = log->part_room ? log->part_room * 2 : 64;
		log->parts = realloc(log->parts, log->part_room * sizeof *log->parts);
		ASSERT(log->parts);
	}
	log->parts[log->part_count++] =
		(struct iovec){.iov_base = (void *)(uintptr_t)s.data, .iov_len = s.length};
	log->end += s.length;
}

static enum base_failure
begin_segment(struct store_blob_log *log)
{
	struct store *store = log->store;
	char name[STORE_SEGMENT_NAME_SIZE];
	log->number = store_segments_next_number(store->segments);
	store_segment_name(log->number, name);
	log->descriptor = openat(store->blobs_descriptor, name,
		O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (log->descriptor < 0)
		return base_failure_of_errno(errno);
	atomic_store(&store->active_segment, log->number);
	store_segment_header_encode(log->number, log->header);
	add_part(log, slice_of(log->header, sizeof log->header));
	return BASE_OK;
}

enum base_failure
store_blob_log_add(struct store_blob_log *log, struct arena *arena,
	struct store_record *record, struct slice body, struct slice tail,
	struct store_place *place)
{
	if (log->settled >= STORE_SEGMENT_SIZE && !store_blob_log_gathered(log))
		leave_segment(log);
	enum base_failure failure = log->descriptor < 0 ? begin_segment(log) : BASE_OK;
	if (failure)
		return failure;
	record->tail_crc = base_crc32c(0, tail);
	char *head = arena_take(arena, STORE_RECORD_HEAD);
	store_record_encode(record, head);
	*place = (struct store_place){.segment = log->number,
		.offset = log->end,
		.size = store_record_size(record),
		.length = record->length};
	add_part(log, slice_of(head, STORE_RECORD_HEAD));
	add_part(log, body);
	add_part(log, tail);
	ASSERT(log->end == place->offset + place->size);
	return BASE_OK;
}

bool
store_blob_log_gathered(const struct store_blob_log *log)
{
	return log->end > log->settled;
}

enum base_failure
store_blob_log_write(struct store_blob_log *log)
{
	/* A large group would reach into what is being filled. */
	if (log->end > log->filled && log->asked > log->filled)
		note_zeros(log, store_ahead_wait(log->ahead));
	enum base_failure failure = store_write_whole(
		log->descriptor, log->parts, log->part_count, log->settled);
	log->part_count = 0;
	return failure;
}

struct store_written
store_blob_log_written(const struct store_blob_log *log)
{
	return (struct store_written){log->number, log->settled, log->end};
}

/* A new file is found again only when its folder is synced, too. */
enum base_failure
store_blob_log_sync(struct store_blob_log *log)
{
	bool synced = fdatasync(log->descriptor) == 0 &&
		      (log->settled || fsync(log->store->blobs_descriptor) == 0);
	return synced ? BASE_OK : BASE_UNAVAILABLE;
}

void
store_blob_log_undo(struct store_blob_log *log)
{
	char name[STORE_SEGMENT_NAME_SIZE];
	store_segment_name(log->number, name);
	store_ahead_wait(log->ahead); /* the zeros would come behind the cut */
	if (log->descriptor >= 0 && log->settled)
		cut_at_settled(log);
	else if (log->descriptor >= 0)
		unlinkat(log->store->blobs_descriptor, name, 0);
	leave_segment(log);
}

struct store_extent
store_blob_log_extent(const struct store_blob_log *log)
{
	struct store_extent extent =
		store_segments_extent(log->store->segments, log->number);
	extent.valid = log->end;
	return extent;
}

void
store_blob_log_settle(struct store_blob_log *log)
{
	struct store_extent extent = store_blob_log_extent(log);
	if (log->settled)
		store_segments_set_extent(log->store->segments, log->number, &extent);
	else
		store_segments_add(log->store->segments, log->number, &extent);
	log->last = log->end - log->settled;
	log->settled = log->end;
}

static bool
wants_zeros(const struct store_blob_log *log)
{
	struct store *store = log->store;
	return log->last && log->last <= STORE_AHEAD_GROUP_MOST &&
	       log->filled < log->settled + STORE_AHEAD_LOW &&
	       log->settled < STORE_SEGMENT_SIZE &&
	       store_room_free(store) > store->settings.reserve_bytes + STORE_AHEAD_BYTES;
}

/* What was promised is synced already, so a failure costs the segment and no more. */
void
store_blob_log_fill_ahead(struct store_blob_log *log)
{
	if (log->descriptor < 0 || store_blob_log_gathered(log))
		return;
	enum store_ahead_state state = store_ahead_look(log->ahead);
	note_zeros(log, state);
	if (state == STORE_AHEAD_FAILED && log->asked > log->filled) {
		cut_at_settled(log);
		leave_segment(log);
	} else if (state != STORE_AHEAD_BUSY && wants_zeros(log)) {
		uint64_t from = log->filled > log->settled ? log->filled
							   : log->settled + STORE_AHEAD_GAP;
		log->filled = from;
		log->asked = from + STORE_AHEAD_BYTES;
		store_ahead_segment(log->ahead, log->number, from);
	}
}
