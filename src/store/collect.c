#include "store/collect.h"
#include "store/pack.h"
#include "store/walk.h"

#define BURY_AT_ONCE  64 /* hashes in one commit */
#define MOVE_AT_ONCE  64 /* records in one commit */
#define MOVE_BYTES    ((uint64_t)2 << 20)
#define RECORD_LOADED ((uint64_t)4 << 20) /* larger ones have a segment of their own */

struct collection {
	struct store *store;
	struct arena *arena; /* of one commit */
	uint64_t whole_budget;
	uint64_t budget; /* bytes that may still be rewritten */
	uint64_t freed, moved;
	bool too_busy; /* to compress what came raw */
};

/* Reads candidates until it has a commit's worth, or there are no more. */
static enum base_failure
next_candidates(struct collection *collection, struct store_key *from,
	struct store_hash *hashes, size_t *count)
{
	struct store_key until = store_key_kind_end(STORE_KEY_CANDIDATE);
	SCOPED(rocks_rows_release)
	struct rocks_rows *rows = rocks_rows_open(collection->store->keys, NULL,
		store_key_slice(from), store_key_slice(&until));
	struct slice key, value;
	*count = 0;
	while (*count < BURY_AT_ONCE && rocks_rows_next(rows, &key, &value))
		if (store_key_take_hash(key, &hashes[*count]))
			(*count)++;
	if (*count == BURY_AT_ONCE)
		return BASE_OK;
	return rocks_rows_failure(rows);
}

static enum base_failure
bury_unreferenced(struct collection *collection)
{
	struct store_hash hashes[BURY_AT_ONCE];
	struct store_key from = {.length = 1, .bytes = {STORE_KEY_CANDIDATE}};
	size_t count;
	enum base_failure failure;
	while (!(failure = next_candidates(collection, &from, hashes, &count)) && count) {
		arena_reset(collection->arena);
		failure = store_upkeep_wait(collection->store,
			store_bury_create(collection->arena, hashes, count));
		if (failure)
			return failure;
		from = store_key_hash(STORE_KEY_CANDIDATE, &hashes[count - 1]);
		from.bytes[from.length++] = '\0';
	}
	return failure;
}

/* New checksums must not be made over bytes that have changed. */
static bool
frames_are_right(const struct store_move *move, const struct store_tail *tail)
{
	SCOPED(buffer_free) struct buffer frames = buffer_with(SIZE_MAX);
	store_frames_of_raw(move->body, &frames);
	return slice_equal(buffer_slice(&frames), tail->frames);
}

/* What came in a hurry is compressed now. */
static void
pack_move(struct collection *collection, struct store_move *move,
	const struct store_tail *tail)
{
	SCOPED(buffer_free) struct buffer packed = buffer_with(move->body.length);
	SCOPED(buffer_free) struct buffer frames = buffer_with(SIZE_MAX);
	if (!frames_are_right(move, tail) || !store_pack(move->body, &packed, &frames))
		return;
	struct slice parts[] = {buffer_slice(&frames), tail->trace, tail->references};
	move->record.codec = STORE_CODEC_ZSTD;
	move->record.stored = packed.length;
	move->body = arena_copy(collection->arena, buffer_slice(&packed));
	move->tail = arena_join(collection->arena, parts, 3);
}

static enum base_failure
load_move(struct collection *collection, struct store_walk *walk, struct store_move *move)
{
	uint64_t size = move->from.size;
	if (size > RECORD_LOADED)
		return BASE_TOO_LARGE;
	char *bytes = arena_take(collection->arena, size);
	enum base_failure failure = store_segment_read(
		collection->store->segments, walk->segment, move->from.offset, bytes, size);
	move->body = slice_of(bytes + STORE_RECORD_HEAD, move->record.stored);
	move->tail =
		slice_from(slice_of(bytes, size), STORE_RECORD_HEAD + move->record.stored);
	struct store_tail tail;
	if (!failure && !store_tail_decode(&move->record, move->tail, &tail))
		failure = BASE_DAMAGED;
	if (!failure && move->record.codec == STORE_CODEC_RAW &&
		move->record.length > STORE_PACK_ABOVE)
		pack_move(collection, move, &tail);
	return failure;
}

static enum base_failure
is_alive(struct store *store, const struct store_move *move, bool *alive)
{
	struct store_place place;
	enum base_failure failure = store_place_find(store, &move->record.hash, &place);
	*alive = !failure && place.segment == move->from.segment &&
		 place.offset == move->from.offset;
	return failure == BASE_NOT_FOUND ? BASE_OK : failure;
}

/* Gathers what one commit moves; BASE_NOT_FOUND with the last, at the segment's end. */
static enum base_failure
gather_moves(struct collection *collection, struct store_walk *walk,
	struct store_move *moves, size_t *count)
{
	uint64_t bytes = 0;
	*count = 0;
	while (*count < MOVE_AT_ONCE && bytes < MOVE_BYTES) {
		struct store_move *move = &moves[*count];
		bool alive = false;
		enum base_failure failure =
			store_walk_next(walk, &move->record, &move->from);
		if (!failure)
			failure = is_alive(collection->store, move, &alive);
		if (!failure && alive)
			failure = load_move(collection, walk, move);
		if (failure)
			return failure;
		*count += alive;
		bytes += alive ? move->from.size : 0;
	}
	return BASE_OK;
}

static enum base_failure
move_gathered(struct collection *collection, const struct store_move *moves, size_t count)
{
	if (!count)
		return BASE_OK;
	enum base_failure failure = store_upkeep_wait(
		collection->store, store_move_create(collection->arena, moves, count));
	if (failure)
		return failure;
	for (size_t i = 0; i < count; i++)
		collection->moved += moves[i].from.size;
	return BASE_OK;
}

static enum base_failure
rewrite(struct collection *collection, uint64_t number)
{
	SCOPED(store_walk_close) struct store_walk walk;
	struct store_move moves[MOVE_AT_ONCE];
	enum base_failure failure = store_walk_open(collection->store, number, &walk);
	while (!failure) {
		size_t count;
		arena_reset(collection->arena);
		failure = gather_moves(collection, &walk, moves, &count);
		if (failure && failure != BASE_NOT_FOUND)
			return failure;
		enum base_failure moved = move_gathered(collection, moves, count);
		if (moved)
			return moved;
	}
	return failure == BASE_NOT_FOUND ? BASE_OK : failure;
}

static uint64_t
alive_bytes(const struct store_extent *extent)
{
	return extent->valid - STORE_SEGMENT_HEADER - extent->dead;
}

static enum base_failure
drop_if_empty(struct collection *collection, uint64_t number)
{
	struct store_extent extent =
		store_segments_extent(collection->store->segments, number);
	if (alive_bytes(&extent))
		return BASE_OK;
	arena_reset(collection->arena);
	enum base_failure failure = store_upkeep_wait(
		collection->store, store_drop_segment_create(collection->arena, number));
	if (!failure)
		collection->freed += extent.valid;
	return failure;
}

/* A damaged segment is left as it is: verify tells, nothing alive is thrown away. */
static enum base_failure
skip_damaged(
	const struct collection *collection, uint64_t number, enum base_failure failure)
{
	if (failure != BASE_DAMAGED && failure != BASE_TOO_LARGE)
		return failure;
	LOG(collection->store->settings.log, BASE_LOG_ERROR, "store.collect-skipped",
		LOG_NUMBER("segment", number), LOG_FAILURE(failure));
	return BASE_OK;
}

/* Each is looked at once, in the order of numbers, until there is something else to do. */
static enum base_failure
repack(struct collection *collection, uint64_t number)
{
	struct store *store = collection->store;
	uint64_t size, gained, budget = collection->budget;
	collection->too_busy |= !budget || !store_has_time_to_pack(store);
	if (number <= store->repacked || collection->too_busy)
		return BASE_OK;
	enum base_failure failure =
		store_repack_segment(store, number, budget, &size, &gained);
	/* Next time; but what is larger than any budget is left as it came. */
	collection->too_busy = size > budget && budget < collection->whole_budget;
	if (collection->too_busy)
		return BASE_OK;
	store->repacked = number;
	collection->budget -= size < budget ? size : budget;
	collection->freed += gained;
	return skip_damaged(collection, number, failure);
}

static enum base_failure
collect_segment(struct collection *collection, uint64_t number)
{
	struct store *store = collection->store;
	if (number == atomic_load(&store->active_segment))
		return BASE_OK;
	struct store_extent extent = store_segments_extent(store->segments, number);
	uint64_t alive = alive_bytes(&extent);
	if (alive >= extent.valid / 2)
		return repack(collection, number);
	if (alive > collection->budget)
		return BASE_OK;
	enum base_failure failure = alive ? rewrite(collection, number) : BASE_OK;
	if (failure)
		return skip_damaged(collection, number, failure);
	collection->budget -= alive;
	return drop_if_empty(collection, number);
}

static enum base_failure
collect_segments(struct collection *collection)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	size_t count;
	const uint64_t *numbers =
		store_segments_list(collection->store->segments, arena, &count);
	for (size_t i = 0; i < count; i++) {
		enum base_failure failure = collect_segment(collection, numbers[i]);
		if (failure)
			return failure;
	}
	return BASE_OK;
}

enum base_failure
store_collect(struct store *store, uint64_t budget, uint64_t *freed)
{
	*freed = 0;
	if (store->settings.read_only)
		return BASE_DENIED;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct collection collection = {store, arena, budget, budget, 0, 0, false};
	pthread_mutex_lock(&store->upkeep_lock);
	enum base_failure failure = bury_unreferenced(&collection);
	if (!failure)
		failure = collect_segments(&collection);
	pthread_mutex_unlock(&store->upkeep_lock);
	if (collection.freed > collection.moved)
		*freed = collection.freed - collection.moved;
	return failure;
}
