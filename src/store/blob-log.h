#ifndef STORE_BLOB_LOG_H
#define STORE_BLOB_LOG_H

#include "store/ahead.h"

/*
 * The end of the active segment, where the committer appends. Records are gathered for a
 * group, written with one call, and synced; before that no reader is told of them. Keys
 * that speak of them may come to the disk earlier: the start looks (docs/decisions/005).
 *
 * Ahead of small groups the file is filled with zeros: a sync of blocks that are there
 * already leaves the file system's own blocks alone, and takes half the time. Large groups
 * would only be written twice, so they just make the file longer. The zeros are written by
 * a thread of their own (ahead.h); a group that reaches into those under way waits until
 * they are there.
 */

struct store_blob_log {
	struct store *store;
	int descriptor; /* -1: the next append begins a segment */
	uint64_t number;
	uint64_t settled; /* offset up to which keys speak of it; 0: the segment is new */
	uint64_t end;     /* with what was gathered */
	uint64_t filled;  /* up to here none are under way; but for a gap they are there */
	uint64_t asked;   /* up to here zeros may be under way */
	uint64_t last;    /* bytes of the group before */
	struct store_ahead *ahead;
	struct iovec *parts;
	size_t part_count, part_room;
	char header[STORE_SEGMENT_HEADER];
};

void store_blob_log_init(struct store_blob_log *log, struct store *store);
void store_blob_log_close(struct store_blob_log *log);

/*
 * Gathers one record: body and tail stay the caller's until the group is over. tail_crc is
 * filled in here. Fails when a new segment could not be made; then nothing is gathered.
 */
enum base_failure store_blob_log_add(struct store_blob_log *log, struct arena *arena,
	struct store_record *record, struct slice body, struct slice tail,
	struct store_place *place) MUST_CHECK;
bool store_blob_log_gathered(const struct store_blob_log *log);

/* BASE_DISK_FULL: nothing is promised yet, undo; any other failure is final. */
enum base_failure store_blob_log_write(struct store_blob_log *log) MUST_CHECK;
/* The range that the group gathered. */
struct store_written store_blob_log_written(const struct store_blob_log *log);
enum base_failure store_blob_log_sync(struct store_blob_log *log) MUST_CHECK;
/* Between groups: asks for zeros for those to come, when they are likely small. */
void store_blob_log_fill_ahead(struct store_blob_log *log);
/* Leaves the segment, with what was written past the settled end cut off. */
void store_blob_log_undo(struct store_blob_log *log);
/* What the keys have to say about the active segment, and that they now do. */
struct store_extent store_blob_log_extent(const struct store_blob_log *log);
void store_blob_log_settle(struct store_blob_log *log);

#endif
