#include "store/internal.h"
#include <inttypes.h>

#define NO_FRAME     UINT64_MAX
#define TRIES        8 /* a blob may move between the look-up and the pin */
#define READ_AT_ONCE ((uint64_t)192 << 10) /* records up to this are one read */

struct store_reader {
	struct store *store;
	struct store_segment *segment; /* pinned */
	struct store_place place;
	struct store_record record;
	struct store_tail tail; /* in memory */
	char *memory;           /* the whole record when it is small, else its tail */
	bool whole;
	/* Where the walk along the frame table stands. */
	uint64_t walked, walked_offset;
	char *frame; /* room for a decoded one */
	/* The frame that was last asked for in part. */
	const char *part;
	uint64_t frame_index;
	char *packed;
};

static enum base_failure
pin_place(struct store *store, const struct store_hash *hash, struct store_reader *reader)
{
	for (int i = 0; i < TRIES; i++) {
		enum base_failure failure = store_place_find(store, hash, &reader->place);
		if (failure)
			return failure;
		reader->segment =
			store_segments_pin(store->segments, reader->place.segment);
		if (reader->segment)
			return BASE_OK;
	}
	return BASE_DAMAGED;
}

static enum base_failure
damaged(const struct store_reader *reader, const char *what)
{
	char name[STORE_SEGMENT_NAME_SIZE];
	store_segment_name(reader->place.segment, name);
	LOG(reader->store->settings.log, BASE_LOG_ERROR, "store.damaged",
		LOG_STRING("segment", name), LOG_NUMBER("offset", reader->place.offset),
		LOG_STRING("what", what));
	return BASE_DAMAGED;
}

static enum base_failure
read_at(struct store_reader *reader, uint64_t offset, char *into, size_t size)
{
	enum base_failure failure = store_segment_read(reader->store->segments,
		reader->segment, reader->place.offset + offset, into, size);
	return failure == BASE_DAMAGED ? damaged(reader, "it ends too early") : failure;
}

static char *
memory_of(uint64_t size)
{
	char *memory = malloc(size ? size : 1);
	ASSERT(memory);
	return memory;
}

static bool
head_fits(struct store_reader *reader, const struct store_hash *hash, const char *head)
{
	return store_record_decode(slice_of(head, STORE_RECORD_HEAD), &reader->record) &&
	       memcmp(&reader->record.hash, hash, sizeof *hash) == 0 &&
	       store_record_size(&reader->record) == reader->place.size;
}

/* Head and tail, and of a small record the body with the same read. */
static enum base_failure
read_record(struct store_reader *reader, const struct store_hash *hash)
{
	uint64_t size = reader->place.size;
	char head[STORE_RECORD_HEAD];
	reader->whole = size <= READ_AT_ONCE;
	if (reader->whole)
		reader->memory = memory_of(size);
	enum base_failure failure = reader->whole ? read_at(reader, 0, reader->memory, size)
						  : read_at(reader, 0, head, sizeof head);
	if (failure)
		return failure;
	if (size < STORE_RECORD_HEAD ||
		!head_fits(reader, hash, reader->whole ? reader->memory : head))
		return damaged(reader, "a record's head");
	uint64_t tail_size = store_record_tail_size(&reader->record);
	uint64_t tail_offset = size - tail_size;
	if (!reader->whole) {
		reader->memory = memory_of(tail_size);
		failure = read_at(reader, tail_offset, reader->memory, tail_size);
		if (failure)
			return failure;
	}
	struct slice tail =
		slice_of(reader->memory + (reader->whole ? tail_offset : 0), tail_size);
	return store_tail_decode(&reader->record, tail, &reader->tail)
		       ? BASE_OK
		       : damaged(reader, "a record's tail");
}

enum base_failure
store_reader_open(
	struct store *store, const struct store_hash *hash, struct store_reader **reader)
{
	struct store_reader *made = calloc(1, sizeof *made);
	ASSERT(made);
	made->store = store;
	made->frame_index = NO_FRAME;
	enum base_failure failure = pin_place(store, hash, made);
	if (!failure)
		failure = read_record(made, hash);
	if (failure) {
		store_reader_close(made);
		made = NULL;
	}
	*reader = made;
	return failure;
}

void
store_reader_close(struct store_reader *reader)
{
	if (!reader)
		return;
	if (reader->segment)
		store_segments_unpin(reader->store->segments, reader->segment);
	free(reader->memory);
	free(reader->frame);
	free(reader->packed);
	free(reader);
}

uint64_t
store_reader_size(const struct store_reader *reader)
{
	return reader->record.length;
}

struct slice
store_reader_trace(const struct store_reader *reader)
{
	return reader->tail.trace;
}

/* Frames differ in their stored length, so the offset is a sum; reading on is cheap. */
static uint64_t
offset_of_frame(struct store_reader *reader, uint64_t index)
{
	if (index < reader->walked)
		reader->walked = reader->walked_offset = 0;
	for (; reader->walked < index; reader->walked++)
		reader->walked_offset +=
			store_frame_at(reader->tail.frames, reader->walked).stored;
	return reader->walked_offset;
}

static enum base_failure
fetch_frame(struct store_reader *reader, uint64_t index, char *into)
{
	struct store_frame frame = store_frame_at(reader->tail.frames, index);
	uint64_t length = store_frame_length(&reader->record, index);
	uint64_t offset = offset_of_frame(reader, index);
	if (frame.stored > length || offset + frame.stored > reader->record.stored)
		return damaged(reader, "a frame table");
	if (!reader->packed && !reader->whole && frame.stored < length)
		reader->packed = memory_of(STORE_FRAME_SIZE);
	char *stored = frame.stored < length ? reader->packed : into;
	if (reader->whole) {
		stored = reader->memory + STORE_RECORD_HEAD + offset;
	} else {
		enum base_failure failure =
			read_at(reader, STORE_RECORD_HEAD + offset, stored, frame.stored);
		if (failure)
			return failure;
	}
	return store_frame_decode(&frame, slice_of(stored, frame.stored), into, length)
		       ? BASE_OK
		       : damaged(reader, "a frame");
}

/* A raw one of a small record is in memory already, and only checked. */
static char *
room_for_frame(struct store_reader *reader, uint64_t index)
{
	struct store_frame frame = store_frame_at(reader->tail.frames, index);
	uint64_t most = reader->record.length < STORE_FRAME_SIZE ? reader->record.length
								 : STORE_FRAME_SIZE;
	if (reader->whole && frame.stored == store_frame_length(&reader->record, index))
		return reader->memory + STORE_RECORD_HEAD + offset_of_frame(reader, index);
	if (!reader->frame)
		reader->frame = memory_of(most);
	return reader->frame;
}

/* Of a frame that is wanted in part, all is kept: the next range is likely in it, too. */
static enum base_failure
read_part(struct store_reader *reader, uint64_t index, uint64_t start, char *into,
	size_t size)
{
	if (reader->frame_index != index) {
		char *room = room_for_frame(reader, index);
		reader->frame_index = NO_FRAME;
		enum base_failure failure = fetch_frame(reader, index, room);
		if (failure)
			return failure;
		reader->part = room;
		reader->frame_index = index;
	}
	memcpy(into, reader->part + start, size);
	return BASE_OK;
}

enum base_failure
store_reader_read(
	struct store_reader *reader, uint64_t offset, char *into, size_t size, size_t *got)
{
	uint64_t length = reader->record.length;
	*got = 0;
	while (*got < size && offset < length) {
		uint64_t index = offset / STORE_FRAME_SIZE;
		uint64_t start = offset % STORE_FRAME_SIZE;
		uint64_t frame_length = store_frame_length(&reader->record, index);
		size_t part = size - *got;
		if (part > frame_length - start)
			part = frame_length - start;
		enum base_failure failure =
			part == frame_length
				? fetch_frame(reader, index, into + *got)
				: read_part(reader, index, start, into + *got, part);
		if (failure)
			return failure;
		*got += part;
		offset += part;
	}
	return BASE_OK;
}
