#include "post/search-store.h"
#include "post/search-press.h"

#define WINDOW         (16 * 1024) /* of lists, read at once */
#define SIGNED_AT_ONCE ((size_t)1 << 20)

enum base_failure
search_state_read(
	struct store_space *space, struct arena *arena, struct search_state *state)
{
	struct slice value;
	struct post_key key = search_key_state();
	enum base_failure failure = store_get(space, post_key_slice(&key), arena, &value);
	*state = (struct search_state){
		.words_version = SEARCH_WORDS_VERSION, .next = 1, .number_next = 1};
	if (failure == BASE_NOT_FOUND)
		return BASE_OK;
	if (failure)
		return failure;
	return search_state_unpack(arena, value, state) ? BASE_OK : BASE_DAMAGED;
}

enum base_failure
search_pack_read(struct store_space *space, uint64_t number, struct arena *arena,
	struct search_pack *pack)
{
	struct slice value;
	struct post_key key = search_key_pack(number);
	enum base_failure failure = store_get(space, post_key_slice(&key), arena, &value);
	if (failure)
		return failure == BASE_NOT_FOUND ? BASE_DAMAGED : failure;
	return search_pack_unpack(arena, value, pack) && pack->count ? BASE_OK
								     : BASE_DAMAGED;
}

static enum base_failure
spill(struct store *store, struct slice bytes, const struct store_hash *hash,
	struct store_blob **blob)
{
	struct store_spill *spill;
	enum base_failure failure = store_spill_create(store, &spill);
	if (failure)
		return failure;
	failure = store_spill_write(spill, bytes);
	if (!failure)
		failure = store_blob_of_spill(store, hash, SLICE(""), &spill, blob);
	store_spill_destroy(spill);
	return failure;
}

enum base_failure
search_blob_make(struct store *store, struct slice bytes, struct store_hash *hash,
	struct store_blob **blob)
{
	*blob = NULL;
	base_sha256_of(bytes, hash->bytes);
	if (bytes.length > STORE_BLOB_IN_MEMORY_MOST)
		return spill(store, bytes, hash, blob);
	struct buffer copy = buffer_with(STORE_BLOB_IN_MEMORY_MOST);
	buffer_put(&copy, bytes);
	*blob = store_blob_of_memory(store, hash, SLICE(""), &copy);
	return BASE_OK;
}

enum base_failure
search_segment_make(struct store *store, struct slice segment, struct search_part *part,
	struct store_blob **blob)
{
	SCOPED(buffer_free) struct buffer bytes = buffer_with(SEARCH_SEGMENT_BYTES_MOST);
	*blob = NULL;
	if (!search_press(segment, &bytes))
		return BASE_TOO_LARGE;
	part->bytes = bytes.length;
	return search_blob_make(store, buffer_slice(&bytes), &part->hash, blob);
}

enum base_failure
search_range_read(
	struct store_reader *reader, uint64_t offset, size_t length, struct buffer *into)
{
	size_t got = 0;
	char *room = buffer_reserve(into, length);
	if (!room && length)
		return BASE_TOO_LARGE;
	while (length) {
		enum base_failure failure =
			store_reader_read(reader, offset, room, length, &got);
		if (failure || !got)
			return failure ? failure : BASE_DAMAGED;
		buffer_commit(into, got);
		room += got;
		offset += got;
		length -= got;
	}
	return BASE_OK;
}

enum base_failure
search_blob_read(struct store *store, const struct store_hash *hash, struct buffer *into)
{
	struct store_reader *reader;
	enum base_failure failure = store_reader_open(store, hash, &reader);
	if (failure)
		return failure;
	failure = search_range_read(reader, 0, store_reader_size(reader), into);
	store_reader_close(reader);
	return failure;
}

/* --- an opened segment -----------------------------------------------------------------
 */

/* Those behind one another, so that each part is read once. */
static bool
read_postings(void *argument, uint32_t offset, uint32_t length, struct slice *bytes)
{
	struct search_opened *opened = argument;
	uint64_t all = opened->segment.lists_length, from = opened->whole ? 0 : offset;
	uint64_t wanted = opened->whole ? all : length;
	if (offset < opened->window_at ||
		(uint64_t)offset + length > opened->window_at + opened->window.length) {
		wanted = wanted > WINDOW ? wanted : WINDOW;
		if (wanted > all - from)
			wanted = all - from;
		buffer_clear(&opened->window);
		opened->window_at = (uint32_t)from;
		if (search_range_read(opened->reader, opened->head->lists_at + from,
			    (size_t)wanted, &opened->window))
			return false;
	}
	*bytes = slice_part(
		buffer_slice(&opened->window), offset - opened->window_at, length);
	return bytes->length == length;
}

/* Some bytes at the place that is next. */
static enum base_failure
read_next(struct search_opened *opened, size_t length, struct buffer *into)
{
	buffer_clear(into);
	enum base_failure failure =
		search_range_read(opened->reader, opened->stored_at, length, into);
	opened->stored_at += length;
	return failure;
}

static enum base_failure
read_head_size(struct search_opened *opened)
{
	struct slice head;
	SCOPED(buffer_free) struct buffer bytes = buffer_with(SEARCH_PRESS_HEAD);
	enum base_failure failure = read_next(opened, SEARCH_PRESS_HEAD, &bytes);
	if (failure)
		return failure;
	if (!search_press_head(buffer_slice(&bytes), &head, &opened->head_size))
		return BASE_DAMAGED;
	search_head_room(opened->head, opened->head_size);
	buffer_put(&opened->head->bytes, head);
	opened->codec = search_codec_create();
	return BASE_OK;
}

/* They are asked whenever they are there. */
static void
find_signatures(struct search_cache *cache, struct search_opened *opened)
{
	if (!opened->signatures && cache)
		opened->signatures = search_cache_take(
			cache, &opened->head->hash, SEARCH_CACHED_SIGNATURES);
	if (opened->signatures)
		opened->segment.signatures = buffer_slice(&opened->signatures->bytes);
}

static bool
parse_head(const struct search_opened *opened)
{
	struct search_head *head = opened->head;
	bool whole = search_segment_parse(buffer_slice(&head->bytes), &head->segment);
	head->signatures_at = opened->stored_at;
	head->lists_at = head->signatures_at + head->segment.signatures_length;
	return whole && head->segment.signatures_at == head->bytes.length &&
	       head->lists_at + head->segment.lists_length ==
		       store_reader_size(opened->reader);
}

static enum base_failure
read_piece(struct search_opened *opened)
{
	struct search_piece piece;
	struct buffer *restored = &opened->head->bytes;
	SCOPED(buffer_free) struct buffer bytes = buffer_with(SEARCH_STORED_MOST);
	enum base_failure failure = read_next(opened, SEARCH_PIECE_HEAD, &bytes);
	if (!failure &&
		!search_press_piece(buffer_slice(restored), buffer_slice(&bytes), &piece))
		failure = BASE_DAMAGED;
	if (!failure)
		failure = read_next(opened, piece.stored, &bytes);
	if (!failure &&
		!search_press_take(opened->codec, &piece, buffer_slice(&bytes), restored))
		failure = BASE_DAMAGED;
	return failure;
}

enum base_failure
search_opened_more(struct search_cache *cache, struct search_opened *opened)
{
	enum base_failure failure =
		opened->head_size ? read_piece(opened) : read_head_size(opened);
	if (!failure && opened->head->bytes.length == opened->head_size) {
		opened->ready = parse_head(opened);
		opened->segment = opened->head->segment;
		find_signatures(cache, opened);
		failure = opened->ready ? BASE_OK : BASE_DAMAGED;
	}
	if (failure)
		search_opened_close(opened);
	else if (opened->ready && cache)
		search_cache_keep(cache, opened->head);
	return failure;
}

enum base_failure
search_opened_begin(struct store *store, struct search_cache *cache,
	const struct store_hash *hash, struct search_opened *opened)
{
	*opened = (struct search_opened){.window = buffer_with(SEARCH_SEGMENT_BYTES_MOST),
		.whole = !cache,
		.postings = {read_postings, opened}};
	enum base_failure failure = store_reader_open(store, hash, &opened->reader);
	if (failure) {
		search_opened_close(opened);
		return failure;
	}
	opened->head = cache ? search_cache_take(cache, hash, SEARCH_CACHED_HEAD) : NULL;
	opened->ready = opened->head != NULL;
	if (opened->ready) {
		opened->segment = opened->head->segment;
		find_signatures(cache, opened);
	} else {
		opened->head = search_head_create(hash, SEARCH_CACHED_HEAD);
	}
	return BASE_OK;
}

static void
begin_signatures(struct search_opened *opened)
{
	opened->signatures =
		search_head_create(&opened->head->hash, SEARCH_CACHED_SIGNATURES);
	search_head_room(opened->signatures, opened->segment.signatures_length);
}

static enum base_failure
read_signatures(struct search_opened *opened, size_t left)
{
	struct buffer *bytes = &opened->signatures->bytes;
	return search_range_read(opened->reader,
		opened->head->signatures_at + bytes->length,
		left < SIGNED_AT_ONCE ? left : SIGNED_AT_ONCE, bytes);
}

enum base_failure
search_opened_sign(struct search_cache *cache, struct search_opened *opened)
{
	struct search_segment *segment = &opened->segment;
	ASSERT(slice_absent(segment->signatures));
	if (!opened->signatures)
		begin_signatures(opened);
	struct buffer *bytes = &opened->signatures->bytes;
	size_t left = segment->signatures_length - bytes->length;
	enum base_failure failure = left ? read_signatures(opened, left) : BASE_OK;
	if (failure || bytes->length < segment->signatures_length)
		return failure;
	segment->signatures = buffer_slice(bytes);
	if (cache)
		search_cache_keep(cache, opened->signatures);
	return BASE_OK;
}

enum base_failure
search_opened_open(struct store *store, struct search_cache *cache,
	const struct store_hash *hash, struct search_opened *opened)
{
	enum base_failure failure = search_opened_begin(store, cache, hash, opened);
	while (!failure && !opened->ready)
		failure = search_opened_more(cache, opened);
	while (!failure && !cache && slice_absent(opened->segment.signatures)) {
		failure = search_opened_sign(cache, opened);
		if (failure)
			search_opened_close(opened);
	}
	return failure;
}

void
search_opened_close(struct search_opened *opened)
{
	store_reader_close(opened->reader);
	search_head_drop(opened->head);
	search_head_drop(opened->signatures);
	search_codec_destroy(opened->codec);
	buffer_free(&opened->window);
	opened->codec = NULL;
	opened->reader = NULL;
	opened->head = opened->signatures = NULL;
}
