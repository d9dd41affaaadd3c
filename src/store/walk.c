#include "store/walk.h"

static enum base_failure
check_header(struct store_walk *walk)
{
	char header[STORE_SEGMENT_HEADER];
	uint64_t number;
	if (walk->valid < sizeof header)
		return BASE_DAMAGED;
	enum base_failure failure = store_segment_read(
		walk->store->segments, walk->segment, 0, header, sizeof header);
	if (failure)
		return failure;
	bool fits = store_segment_header_decode(slice_of(header, sizeof header), &number) &&
		    number == walk->segment->number;
	return fits ? BASE_OK : BASE_DAMAGED;
}

enum base_failure
store_walk_open(struct store *store, uint64_t number, struct store_walk *walk)
{
	*walk = (struct store_walk){.store = store, .offset = STORE_SEGMENT_HEADER};
	walk->segment = store_segments_pin(store->segments, number);
	if (!walk->segment)
		return BASE_NOT_FOUND;
	walk->valid = store_segments_extent(store->segments, number).valid;
	return check_header(walk);
}

void
store_walk_close(struct store_walk *walk)
{
	if (walk->segment)
		store_segments_unpin(walk->store->segments, walk->segment);
	walk->segment = NULL;
}

enum base_failure
store_walk_next(
	struct store_walk *walk, struct store_record *record, struct store_place *place)
{
	char head[STORE_RECORD_HEAD];
	uint64_t left = walk->valid - walk->offset;
	if (left == 0)
		return BASE_NOT_FOUND;
	if (left < sizeof head)
		return BASE_DAMAGED;
	enum base_failure failure = store_segment_read(
		walk->store->segments, walk->segment, walk->offset, head, sizeof head);
	if (failure)
		return failure;
	if (!store_record_decode(slice_of(head, sizeof head), record) ||
		store_record_size(record) > left)
		return BASE_DAMAGED;
	*place = (struct store_place){.segment = walk->segment->number,
		.offset = walk->offset,
		.size = store_record_size(record),
		.length = record->length};
	walk->offset += place->size;
	return BASE_OK;
}
