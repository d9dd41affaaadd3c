#include "post/search-codec.h"
#include "post/search-store.h"

enum base_failure
search_dictionary_read(struct store *store, struct store_space *space, uint64_t number,
	struct buffer *into)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice value;
	struct store_hash hash;
	struct post_key key = search_key_dictionary(number);
	enum base_failure failure = store_get(space, post_key_slice(&key), arena, &value);
	if (failure)
		return failure == BASE_NOT_FOUND ? BASE_DAMAGED : failure;
	return search_dictionary_unpack(value, &hash) ? search_blob_read(store, &hash, into)
						      : BASE_DAMAGED;
}

static bool
dictionary_row(void *argument, struct slice key, struct slice value)
{
	(void)value;
	uint64_t *number = argument;
	if (!search_key_take_dictionary(key, number))
		*number = 0;
	return false;
}

/* Inverted keys: the newest is the first. */
enum base_failure
search_dictionary_newest(struct store_space *space, uint64_t *number)
{
	struct post_key from = search_key_dictionary(UINT64_MAX);
	struct post_key until = search_key_after_dictionaries();
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 1};
	*number = 0;
	return store_scan(space, &range, dictionary_row, number, NULL);
}

/* --- what one is trained with -----------------------------------------------------------
 */

#define PACKS_MOST 64

struct packs {
	uint64_t *numbers;
	size_t count, room;
};

static bool
number_row(void *argument, struct slice key, struct slice value)
{
	struct packs *packs = argument;
	(void)value;
	if (packs->count == packs->room) {
		packs->room = packs->room * 2 + 64;
		packs->numbers =
			reallocarray(packs->numbers, packs->room, sizeof *packs->numbers);
		ASSERT(packs->numbers);
	}
	return search_key_take_pack(key, &packs->numbers[packs->count++]);
}

static enum base_failure
sample_pack(struct search_texts *texts, const struct search_pack *pack,
	struct search_sample *sample)
{
	struct slice bytes;
	if (!search_texts_use(texts, pack))
		return BASE_DAMAGED;
	for (size_t i = 0; i < pack->count; i++) {
		if (!search_texts_get(texts, &pack->texts[i], &bytes))
			return BASE_DAMAGED;
		search_sample_add(sample, bytes);
	}
	return BASE_OK;
}

void
search_sample_add(struct search_sample *sample, struct slice text)
{
	if (text.length > SEARCH_SAMPLE_MOST - sample->bytes.length)
		return;
	if (sample->count == sample->room) {
		sample->room = sample->room * 2 + 256;
		sample->lengths = reallocarray(
			sample->lengths, sample->room, sizeof *sample->lengths);
		ASSERT(sample->lengths);
	}
	buffer_put(&sample->bytes, text);
	sample->lengths[sample->count++] = text.length;
}

void
search_sample_free(struct search_sample *sample)
{
	buffer_free(&sample->bytes);
	free(sample->lengths);
	*sample = (struct search_sample){0};
}

/* Some of them, evenly: mail changes in the course of time. */
enum base_failure
search_sample_packs(struct store *store, struct store_space *space, uint64_t since,
	struct search_sample *sample)
{
	struct packs packs = {0};
	struct post_key from = search_key_pack(UINT64_MAX), until = search_key_pack(since);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	enum base_failure failure = store_scan(space, &range, number_row, &packs, NULL);
	SCOPED(search_texts_release)
	struct search_texts *texts = search_texts_create(store, space);
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	size_t step = packs.count / PACKS_MOST + 1;
	for (size_t i = 0; i < packs.count && !failure; i += step) {
		struct search_pack pack;
		arena_reset(arena);
		failure = search_pack_read(space, packs.numbers[i], arena, &pack);
		if (!failure)
			failure = sample_pack(texts, &pack, sample);
	}
	free(packs.numbers);
	return failure;
}
