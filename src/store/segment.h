#ifndef STORE_SEGMENT_H
#define STORE_SEGMENT_H

#include "store/keys.h"
#include <sys/uio.h>

/*
 * The segment files and who looks at them. A pinned segment keeps its file; descriptors
 * for reading are shared, opened when first needed, and closed again, the longest unused
 * first, so that never more than STORE_SEGMENT_FILES_MOST stay open.
 *
 * valid and dead change on the committer thread only (and while opening).
 */
#define STORE_SEGMENT_FILES_MOST 128
#define STORE_SEGMENT_SIZE       ((uint64_t)128 << 20) /* a new one begins above it */

struct store_segments;

struct store_segment {
	uint64_t number;
	struct store_extent extent;
	unsigned pins;
	bool doomed; /* the file goes with the last pin */
	int descriptor;
	unsigned readers;                    /* inside a read at this moment */
	struct store_segment *older, *newer; /* of those with a descriptor */
};

#define STORE_SEGMENT_NAME_SIZE 32
void store_segment_name(uint64_t number, char name[STORE_SEGMENT_NAME_SIZE]);
MUST_CHECK bool store_segment_name_parse(const char *name, uint64_t *number);

/* folder: descriptor of the blob folder, lent. */
struct store_segments *store_segments_create(int folder);
void store_segments_destroy(struct store_segments *segments); /* NULL is fine */

/* Numbers rise and are never used twice. */
uint64_t store_segments_next_number(struct store_segments *segments);
void store_segments_above(struct store_segments *segments, uint64_t number);

struct store_segment *store_segments_add(struct store_segments *segments, uint64_t number,
	const struct store_extent *extent);
/* NULL when there is none (any more). Unpin it. */
struct store_segment *store_segments_pin(struct store_segments *segments, uint64_t number);
void store_segments_unpin(struct store_segments *segments, struct store_segment *segment);
/* No new pins; the file is removed when the last one is gone. */
void store_segments_doom(struct store_segments *segments, uint64_t number);
size_t store_segments_count(struct store_segments *segments);
/* Bytes of records that are alive. */
uint64_t store_segments_kept(struct store_segments *segments);
/* All numbers there are, in order. Lives in the arena. */
uint64_t *store_segments_list(
	struct store_segments *segments, struct arena *arena, size_t *count);
void store_segments_set_extent(struct store_segments *segments, uint64_t number,
	const struct store_extent *extent);
struct store_extent store_segments_extent(struct store_segments *segments, uint64_t number);

/* All of size, or BASE_DAMAGED (it ends before that), or what errno means. */
enum base_failure store_segment_read(struct store_segments *segments,
	struct store_segment *segment, uint64_t offset, char *into, size_t size) MUST_CHECK;

/* pread and pwritev that go on after a part; shared with spills. BASE_DISK_FULL: ENOSPC. */
enum base_failure store_read_whole(
	int descriptor, uint64_t offset, char *into, size_t size) MUST_CHECK;
enum base_failure store_write_whole(
	int descriptor, struct iovec *parts, size_t count, uint64_t offset) MUST_CHECK;

#endif
