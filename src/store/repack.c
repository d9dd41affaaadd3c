#include "store/collect.h"
#include "store/pack.h"
#include "store/spill.h"
#include "store/walk.h"
#include <errno.h>
#include <fcntl.h>

struct repack {
	struct store *store;
	struct store_replace replace;
	struct store_record record;
	struct store_spill spill; /* reads the old segment: it is laid out as a spill is */
	struct buffer tail;       /* as it was */
};

static bool
fills_its_segment(const struct store_place *place, const struct store_extent *extent)
{
	return place->offset == STORE_SEGMENT_HEADER && !extent->dead &&
	       place->size == extent->valid - STORE_SEGMENT_HEADER;
}

/* BASE_NOT_FOUND: it is none of those. */
static enum base_failure
look_at(struct repack *repack, uint64_t number)
{
	SCOPED(store_walk_close) struct store_walk walk;
	struct store_place *from = &repack->replace.from;
	struct store_extent extent = store_segments_extent(repack->store->segments, number);
	enum base_failure failure = store_walk_open(repack->store, number, &walk);
	if (!failure)
		failure = store_walk_next(&walk, &repack->record, from);
	if (failure)
		return failure;
	if (!fills_its_segment(from, &extent) || repack->record.codec != STORE_CODEC_RAW ||
		repack->record.length <= STORE_PACK_ABOVE)
		return BASE_NOT_FOUND;
	uint64_t size = store_record_tail_size(&repack->record);
	char *into = buffer_reserve(&repack->tail, size);
	ASSERT(into);
	failure = store_segment_read(repack->store->segments, walk.segment,
		from->offset + from->size - size, into, size);
	buffer_commit(&repack->tail, size);
	repack->replace.hash = repack->record.hash;
	return failure;
}

static enum base_failure
open_old(struct repack *repack, const struct store_tail *tail)
{
	char name[STORE_SEGMENT_NAME_SIZE];
	struct store_spill *spill = &repack->spill;
	store_segment_name(repack->replace.from.segment, name);
	spill->store = repack->store;
	spill->length = repack->record.length;
	buffer_put(&spill->frames, tail->frames);
	spill->descriptor = openat(
		repack->store->blobs_descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return spill->descriptor < 0 ? base_failure_of_errno(errno) : BASE_OK;
}

static enum base_failure
finish(struct repack *repack, const struct store_tail *tail)
{
	struct store_replace *replace = &repack->replace;
	SCOPED(buffer_free) struct buffer behind = buffer_with(SIZE_MAX);
	buffer_put(&behind, buffer_slice(&repack->spill.frames));
	buffer_put(&behind, tail->trace);
	buffer_put(&behind, tail->references);
	enum base_failure failure = store_spill_finish(
		&repack->spill, &repack->record, buffer_slice(&behind), &replace->into);
	if (failure)
		return failure;
	failure = store_upkeep_wait(repack->store, &replace->upkeep);
	if (!replace->taken)
		store_spill_unlink(repack->store, replace->into.segment);
	return failure;
}

static enum base_failure
run(struct repack *repack, uint64_t *gained)
{
	struct store_tail tail;
	if (!store_tail_decode(&repack->record, buffer_slice(&repack->tail), &tail))
		return BASE_DAMAGED;
	enum base_failure failure = open_old(repack, &tail);
	if (!failure)
		failure = store_spill_pack(
			&repack->spill, &repack->record.codec, &repack->record.stored);
	if (failure || repack->record.codec == STORE_CODEC_RAW)
		return failure;
	failure = finish(repack, &tail);
	if (!failure && repack->replace.taken)
		*gained = repack->replace.from.size - repack->replace.into.size;
	return failure;
}

enum base_failure
store_repack_segment(struct store *store, uint64_t number, uint64_t budget, uint64_t *size,
	uint64_t *gained)
{
	struct repack repack = {.store = store,
		.spill = {.descriptor = -1, .frames = buffer_with(SIZE_MAX)},
		.tail = buffer_with(SIZE_MAX)};
	*size = *gained = 0;
	store_replace_init(&repack.replace);
	enum base_failure failure = look_at(&repack, number);
	if (!failure)
		*size = repack.replace.from.size;
	if (!failure && *size <= budget)
		failure = run(&repack, gained);
	scoped_close(&repack.spill.descriptor);
	buffer_free(&repack.spill.frames);
	buffer_free(&repack.tail);
	return failure == BASE_NOT_FOUND ? BASE_OK : failure;
}
