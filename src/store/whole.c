#include "store/whole.h"
#include "store/record.h"

static bool
add_frame(const struct store_record *record, const struct store_tail *tail, uint64_t index,
	struct slice *body, struct base_sha256 *sha256)
{
	SCOPED(scoped_free) void *owned = malloc(STORE_FRAME_SIZE);
	char *bytes = owned;
	ASSERT(bytes);
	struct store_frame frame = store_frame_at(tail->frames, index);
	uint64_t length = store_frame_length(record, index);
	struct slice stored;
	if (!take_bytes(body, frame.stored, &stored) ||
		!store_frame_decode(&frame, stored, bytes, length))
		return false;
	base_sha256_add(sha256, slice_of(bytes, length));
	return true;
}

static bool
body_is_whole(
	const struct store_record *record, const struct store_tail *tail, struct slice body)
{
	struct base_sha256 *sha256 = base_sha256_create();
	uint8_t hash[BASE_SHA256_SIZE];
	bool fits = true;
	for (uint64_t i = 0; i < store_record_frames(record) && fits; i++)
		fits = add_frame(record, tail, i, &body, sha256);
	base_sha256_end(sha256, hash);
	base_sha256_destroy(sha256);
	return fits && slice_empty(body) &&
	       memcmp(hash, record->hash.bytes, sizeof hash) == 0;
}

/* Takes one record off the front. */
static bool
take_record(struct slice *bytes)
{
	struct store_record record;
	struct store_tail tail;
	struct slice head, body, end;
	return take_bytes(bytes, STORE_RECORD_HEAD, &head) &&
	       store_record_decode(head, &record) &&
	       take_bytes(bytes, record.stored, &body) &&
	       take_bytes(bytes, store_record_tail_size(&record), &end) &&
	       store_tail_decode(&record, end, &tail) &&
	       body_is_whole(&record, &tail, body);
}

bool
store_written_is_whole(const struct store_written *written, struct slice bytes)
{
	struct slice header;
	uint64_t number = 0;
	bool whole = bytes.length == written->until - written->from;
	if (whole && written->from == 0)
		whole = take_bytes(&bytes, STORE_SEGMENT_HEADER, &header) &&
			store_segment_header_decode(header, &number) &&
			number == written->segment;
	while (whole && bytes.length)
		whole = take_record(&bytes);
	return whole;
}
