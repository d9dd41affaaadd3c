#include "store/record.h"
#include "store/whole.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
decode_frames(const struct store_record *record, struct slice frames, struct slice body)
{
	static char into[STORE_FRAME_SIZE];
	uint64_t count = store_record_frames(record);
	for (uint64_t i = 0; i < count; i++) {
		struct store_frame frame = store_frame_at(frames, i);
		struct slice stored = slice_first(body, frame.stored);
		body = slice_from(body, frame.stored);
		if (!store_frame_decode(
			    &frame, stored, into, store_frame_length(record, i)))
			return;
	}
}

/* Walks records as collect does; each head must come out again as it went in. */
static void
walk(struct slice rest)
{
	struct store_record record;
	while (store_record_decode(rest, &record)) {
		char again[STORE_RECORD_HEAD];
		store_record_encode(&record, again);
		ASSERT(memcmp(again, rest.data, sizeof again) == 0);
		uint64_t whole = store_record_size(&record);
		struct slice body = slice_part(rest, STORE_RECORD_HEAD, record.stored);
		struct slice bytes = slice_part(rest, STORE_RECORD_HEAD + record.stored,
			store_record_tail_size(&record));
		struct store_tail tail;
		if (whole > rest.length || !store_tail_decode(&record, bytes, &tail))
			return;
		decode_frames(&record, tail.frames, body);
		uint64_t space;
		struct slice owner;
		while (store_record_take_reference(&tail.references, &space, &owner))
			;
		rest = slice_from(rest, whole);
	}
}

/* As the segment's first group, and as a later one. */
static void
look_whole(struct slice bytes)
{
	struct store_written first = {1, 0, bytes.length};
	struct store_written later = {
		1, STORE_SEGMENT_HEADER, STORE_SEGMENT_HEADER + bytes.length};
	ASSERT(!bytes.length || !store_written_is_whole(&first, bytes) ||
		!store_written_is_whole(&later, bytes));
}

static void
put_crc(char *at, uint32_t crc)
{
	for (size_t i = 0; i < 4; i++)
		at[i] = (char)(crc >> (8 * (3 - i)));
}

/* Makes checksums right, so that what is behind them is reached. */
static void
repair(char *bytes, size_t size)
{
	while (size >= STORE_RECORD_HEAD) {
		struct store_record record;
		struct slice head = slice_of(bytes, STORE_RECORD_HEAD);
		put_crc(bytes + 76, base_crc32c(0, slice_first(head, 76)));
		if (!store_record_decode(head, &record))
			return;
		uint64_t whole = store_record_size(&record);
		uint64_t tail = store_record_tail_size(&record);
		if (whole > size)
			return;
		put_crc(bytes + 72, base_crc32c(0, slice_of(bytes + whole - tail, tail)));
		put_crc(bytes + 76, base_crc32c(0, slice_first(head, 76)));
		bytes += whole;
		size -= whole;
	}
}

static void
try_segment(struct slice bytes)
{
	uint64_t number;
	if (store_segment_header_decode(bytes, &number)) {
		char again[STORE_SEGMENT_HEADER];
		store_segment_header_encode(number, again);
		uint64_t same;
		ASSERT(store_segment_header_decode(slice_of(again, sizeof again), &same));
		ASSERT(same == number);
	}
	walk(slice_from(bytes, STORE_SEGMENT_HEADER));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_segment(slice_of(data, size));
	look_whole(slice_of(data, size));
	char *copy = malloc(size + 1);
	ASSERT(copy);
	memcpy(copy, data, size);
	if (size > STORE_SEGMENT_HEADER)
		repair(copy + STORE_SEGMENT_HEADER, size - STORE_SEGMENT_HEADER);
	try_segment(slice_of(copy, size));
	look_whole(slice_of(copy, size));
	free(copy);
	return 0;
}
