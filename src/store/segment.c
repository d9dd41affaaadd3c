#include "store/segment.h"
#include "store/record.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <unistd.h>

#define NAME_DIGITS 16
#define NAME_END    ".blobs"

struct store_segments {
	pthread_mutex_t lock;
	struct map *by_number;
	int folder;
	uint64_t next_number;
	size_t open;
	struct store_segment *oldest, *newest;
};

void
store_segment_name(uint64_t number, char name[STORE_SEGMENT_NAME_SIZE])
{
	snprintf(name, STORE_SEGMENT_NAME_SIZE, "%0*" PRIx64 NAME_END, NAME_DIGITS, number);
}

bool
store_segment_name_parse(const char *name, uint64_t *number)
{
	*number = 0;
	if (strlen(name) != NAME_DIGITS + strlen(NAME_END) ||
		strcmp(name + NAME_DIGITS, NAME_END) != 0)
		return false;
	for (size_t i = 0; i < NAME_DIGITS; i++) {
		int digit = byte_hex_value(name[i]);
		if (digit < 0)
			return false;
		*number = *number << 4 | (uint64_t)digit;
	}
	return true;
}

struct store_segments *
store_segments_create(int folder)
{
	struct store_segments *segments = calloc(1, sizeof *segments);
	ASSERT(segments);
	ASSERT(pthread_mutex_init(&segments->lock, NULL) == 0);
	segments->by_number = map_create();
	segments->folder = folder;
	segments->next_number = 1;
	return segments;
}

static struct slice
map_key(const uint64_t *number)
{
	return slice_of(number, sizeof *number);
}

void
store_segments_destroy(struct store_segments *segments)
{
	if (!segments)
		return;
	size_t position = 0;
	struct slice key;
	void *value;
	while (map_next(segments->by_number, &position, &key, &value)) {
		struct store_segment *segment = value;
		ASSERT(segment->pins == 0);
		if (segment->descriptor >= 0)
			close(segment->descriptor);
		free(segment);
	}
	map_destroy(segments->by_number);
	pthread_mutex_destroy(&segments->lock);
	free(segments);
}

uint64_t
store_segments_next_number(struct store_segments *segments)
{
	pthread_mutex_lock(&segments->lock);
	uint64_t number = segments->next_number++;
	pthread_mutex_unlock(&segments->lock);
	return number;
}

void
store_segments_above(struct store_segments *segments, uint64_t number)
{
	pthread_mutex_lock(&segments->lock);
	if (segments->next_number <= number)
		segments->next_number = number + 1;
	pthread_mutex_unlock(&segments->lock);
}

struct store_segment *
store_segments_add(
	struct store_segments *segments, uint64_t number, const struct store_extent *extent)
{
	struct store_segment *segment = calloc(1, sizeof *segment);
	ASSERT(segment);
	segment->number = number;
	segment->extent = *extent;
	segment->descriptor = -1;
	pthread_mutex_lock(&segments->lock);
	void *before = map_put(segments->by_number, map_key(&number), segment);
	ASSERT(!before);
	pthread_mutex_unlock(&segments->lock);
	return segment;
}

struct store_segment *
store_segments_pin(struct store_segments *segments, uint64_t number)
{
	pthread_mutex_lock(&segments->lock);
	struct store_segment *segment = map_get(segments->by_number, map_key(&number));
	if (segment && segment->doomed)
		segment = NULL;
	if (segment)
		segment->pins++;
	pthread_mutex_unlock(&segments->lock);
	return segment;
}

static void
unlink_from_order(struct store_segments *segments, struct store_segment *segment)
{
	*(segment->older ? &segment->older->newer : &segments->oldest) = segment->newer;
	*(segment->newer ? &segment->newer->older : &segments->newest) = segment->older;
	segment->older = segment->newer = NULL;
}

static void
link_as_newest(struct store_segments *segments, struct store_segment *segment)
{
	segment->older = segments->newest;
	*(segments->newest ? &segments->newest->newer : &segments->oldest) = segment;
	segments->newest = segment;
}

static void
close_descriptor(struct store_segments *segments, struct store_segment *segment)
{
	if (segment->descriptor < 0)
		return;
	unlink_from_order(segments, segment);
	close(segment->descriptor);
	segment->descriptor = -1;
	segments->open--;
}

/* The last one leaves: the file goes, at last. */
static void
bury_if_due(struct store_segments *segments, struct store_segment *segment)
{
	if (!segment->doomed || segment->pins)
		return;
	char name[STORE_SEGMENT_NAME_SIZE];
	store_segment_name(segment->number, name);
	close_descriptor(segments, segment);
	unlinkat(segments->folder, name, 0);
	map_remove(segments->by_number, map_key(&segment->number));
	free(segment);
}

void
store_segments_unpin(struct store_segments *segments, struct store_segment *segment)
{
	pthread_mutex_lock(&segments->lock);
	ASSERT(segment->pins > 0);
	segment->pins--;
	bury_if_due(segments, segment);
	pthread_mutex_unlock(&segments->lock);
}

void
store_segments_doom(struct store_segments *segments, uint64_t number)
{
	pthread_mutex_lock(&segments->lock);
	struct store_segment *segment = map_get(segments->by_number, map_key(&number));
	ASSERT(segment);
	segment->doomed = true;
	bury_if_due(segments, segment);
	pthread_mutex_unlock(&segments->lock);
}

size_t
store_segments_count(struct store_segments *segments)
{
	pthread_mutex_lock(&segments->lock);
	size_t count = map_count(segments->by_number);
	pthread_mutex_unlock(&segments->lock);
	return count;
}

uint64_t
store_segments_kept(struct store_segments *segments)
{
	uint64_t kept = 0;
	size_t position = 0;
	struct slice key;
	void *value;
	pthread_mutex_lock(&segments->lock);
	while (map_next(segments->by_number, &position, &key, &value)) {
		const struct store_segment *segment = value;
		const struct store_extent *extent = &segment->extent;
		if (!segment->doomed && extent->valid > STORE_SEGMENT_HEADER + extent->dead)
			kept += extent->valid - STORE_SEGMENT_HEADER - extent->dead;
	}
	pthread_mutex_unlock(&segments->lock);
	return kept;
}

static int
compare_numbers(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
	return (left > right) - (left < right);
}

uint64_t *
store_segments_list(struct store_segments *segments, struct arena *arena, size_t *count)
{
	pthread_mutex_lock(&segments->lock);
	uint64_t *numbers = ARENA_MANY(arena, uint64_t, map_count(segments->by_number));
	size_t position = 0;
	struct slice key;
	void *value;
	*count = 0;
	while (map_next(segments->by_number, &position, &key, &value)) {
		const struct store_segment *segment = value;
		if (!segment->doomed)
			numbers[(*count)++] = segment->number;
	}
	pthread_mutex_unlock(&segments->lock);
	if (*count)
		qsort(numbers, *count, sizeof *numbers, compare_numbers);
	return numbers;
}

void
store_segments_set_extent(
	struct store_segments *segments, uint64_t number, const struct store_extent *extent)
{
	pthread_mutex_lock(&segments->lock);
	struct store_segment *segment = map_get(segments->by_number, map_key(&number));
	ASSERT(segment);
	segment->extent = *extent;
	pthread_mutex_unlock(&segments->lock);
}

struct store_extent
store_segments_extent(struct store_segments *segments, uint64_t number)
{
	struct store_extent extent = {0, 0};
	pthread_mutex_lock(&segments->lock);
	const struct store_segment *segment =
		map_get(segments->by_number, map_key(&number));
	if (segment)
		extent = segment->extent;
	pthread_mutex_unlock(&segments->lock);
	return extent;
}

static void
close_longest_unused(struct store_segments *segments)
{
	struct store_segment *segment = segments->oldest;
	while (segments->open > STORE_SEGMENT_FILES_MOST && segment) {
		struct store_segment *newer = segment->newer;
		if (!segment->readers)
			close_descriptor(segments, segment);
		segment = newer;
	}
}

/* A descriptor that stays open until release_descriptor, or a negative errno. */
static int
take_descriptor(struct store_segments *segments, struct store_segment *segment)
{
	pthread_mutex_lock(&segments->lock);
	if (segment->descriptor >= 0) {
		unlink_from_order(segments, segment);
		link_as_newest(segments, segment);
	} else {
		char name[STORE_SEGMENT_NAME_SIZE];
		store_segment_name(segment->number, name);
		segment->descriptor =
			openat(segments->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (segment->descriptor >= 0) {
			segments->open++;
			link_as_newest(segments, segment);
		}
	}
	int descriptor = segment->descriptor < 0 ? -errno : segment->descriptor;
	if (descriptor >= 0)
		segment->readers++;
	close_longest_unused(segments);
	pthread_mutex_unlock(&segments->lock);
	return descriptor;
}

static void
release_descriptor(struct store_segments *segments, struct store_segment *segment)
{
	pthread_mutex_lock(&segments->lock);
	segment->readers--;
	pthread_mutex_unlock(&segments->lock);
}

enum base_failure
store_segment_read(struct store_segments *segments, struct store_segment *segment,
	uint64_t offset, char *into, size_t size)
{
	int descriptor = take_descriptor(segments, segment);
	if (descriptor < 0)
		return descriptor == -ENOENT ? BASE_DAMAGED : BASE_UNAVAILABLE;
	enum base_failure failure = store_read_whole(descriptor, offset, into, size);
	release_descriptor(segments, segment);
	return failure;
}

enum base_failure
store_read_whole(int descriptor, uint64_t offset, char *into, size_t size)
{
	while (size) {
		ssize_t got = pread(descriptor, into, size, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EIO ? BASE_DAMAGED : base_failure_of_errno(errno);
		if (got == 0)
			return BASE_DAMAGED;
		into += got;
		offset += (uint64_t)got;
		size -= (size_t)got;
	}
	return BASE_OK;
}

/* Goes past what was written; returns how many parts are through. */
static size_t
skip_written(struct iovec *parts, size_t count, size_t written)
{
	size_t through = 0;
	while (through < count && written >= parts[through].iov_len)
		written -= parts[through++].iov_len;
	if (through < count) {
		parts[through].iov_base = (char *)parts[through].iov_base + written;
		parts[through].iov_len -= written;
	}
	return through;
}

enum base_failure
store_write_whole(int descriptor, struct iovec *parts, size_t count, uint64_t offset)
{
	size_t through = skip_written(parts, count, 0);
	while (through < count) {
		parts += through;
		count -= through;
		int at_once = count < IOV_MAX ? (int)count : IOV_MAX;
		ssize_t wrote = pwritev(descriptor, parts, at_once, (off_t)offset);
		if (wrote < 0 && errno != EINTR)
			return base_failure_of_errno(errno);
		if (wrote == 0)
			return BASE_UNAVAILABLE;
		size_t written = wrote < 0 ? 0 : (size_t)wrote;
		offset += written;
		through = skip_written(parts, count, written);
	}
	return BASE_OK;
}
