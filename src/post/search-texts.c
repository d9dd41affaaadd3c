#include "post/search-codec.h"
#include "post/search-rows.h"
#include "post/search-store.h"

#define NO_FRAME SIZE_MAX

_Static_assert(SEARCH_FRAME_MOST >= SEARCH_PACK_MOST, "a frame may be a whole pack");

/* Who opens many packs has all rows of packs read at once: finding one costs a seek. */
#define OPENED_SINGLY 64

struct search_texts {
	struct store *store;
	struct store_space *space;
	struct search_cache *cache; /* NULL: rows are not shared */
	struct store_hash name;     /* of these */
	unsigned opened;            /* packs */
	struct search_head *rows;   /* NULL: not read */
	struct search_codec *codec;
	uint64_t dictionary; /* the codec's */
	/* The pack that was opened last. */
	struct arena *arena;
	struct search_pack pack;
	struct store_reader *reader;
	struct buffer stored;
	struct slice frame; /* the codec's */
	size_t frame_index; /* of frame */
};

struct search_texts *
search_texts_create(struct store *store, struct store_space *space)
{
	struct search_texts *texts = calloc(1, sizeof *texts);
	ASSERT(texts);
	texts->store = store;
	texts->space = space;
	texts->codec = search_codec_create();
	texts->arena = arena_create(ARENA_NO_CEILING);
	texts->stored = buffer_with(STORE_BLOB_IN_MEMORY_MOST);
	texts->frame_index = NO_FRAME;
	return texts;
}

void
search_texts_share(struct search_texts *texts, struct search_cache *cache,
	const struct store_hash *name)
{
	texts->cache = cache;
	texts->name = *name;
}

static void
forget_pack(struct search_texts *texts)
{
	store_reader_close(texts->reader);
	texts->reader = NULL;
	texts->pack = (struct search_pack){0};
	texts->frame_index = NO_FRAME;
}

void
search_texts_release(struct search_texts **released)
{
	struct search_texts *texts = *released;
	if (!texts)
		return;
	forget_pack(texts);
	search_codec_destroy(texts->codec);
	buffer_free(&texts->stored);
	arena_destroy(texts->arena);
	search_head_drop(texts->rows);
	free(texts);
	*released = NULL;
}

static bool
use_dictionary(struct search_texts *texts, uint64_t number)
{
	SCOPED(buffer_free) struct buffer bytes = buffer_with(SEARCH_DICTIONARY_MOST);
	if (number == texts->dictionary)
		return true;
	if (number && search_dictionary_read(texts->store, texts->space, number, &bytes))
		return false;
	texts->dictionary = number;
	return search_codec_use(texts->codec, buffer_slice(&bytes));
}

/* --- packs ------------------------------------------------------------------------------
 */

struct pack_search {
	struct search_texts *texts;
	bool fits;
};

static bool
take_row(void *argument, struct slice key, struct slice value)
{
	struct pack_search *search = argument;
	uint64_t first;
	search->fits =
		search_key_take_pack(key, &first) &&
		search_pack_unpack(search->texts->arena, value, &search->texts->pack);
	return false;
}

static bool
covers(const struct search_pack *pack, uint64_t email)
{
	return pack->count && email >= pack->texts[0].email &&
	       email <= pack->texts[pack->count - 1].email;
}

/* False: there is none, or it is not that email's. */
static bool
find_row(struct search_texts *texts, uint64_t email)
{
	struct slice row;
	if (!texts->rows && texts->opened++ == OPENED_SINGLY)
		texts->rows = search_rows_take(texts->cache, texts->space, &texts->name);
	return texts->rows && search_rows_find(texts->rows, email, &row) &&
	       search_pack_unpack(texts->arena, row, &texts->pack) &&
	       covers(&texts->pack, email);
}

static bool
find_pack(struct search_texts *texts, uint64_t email)
{
	struct pack_search search = {.texts = texts};
	struct post_key from = search_key_pack(email), until = search_key_after_packs();
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 1};
	return !store_scan(texts->space, &range, take_row, &search, NULL) && search.fits &&
	       covers(&texts->pack, email);
}

static bool
open_blob(struct search_texts *texts)
{
	return !store_reader_open(texts->store, &texts->pack.hash, &texts->reader) &&
	       use_dictionary(texts, texts->pack.dictionary);
}

/* A row that was read before may be older than what the store keeps. */
static bool
open_pack(struct search_texts *texts, uint64_t email)
{
	forget_pack(texts);
	arena_reset(texts->arena);
	if (find_row(texts, email) && open_blob(texts))
		return true;
	forget_pack(texts);
	return find_pack(texts, email) && open_blob(texts);
}

bool
search_texts_use(struct search_texts *texts, const struct search_pack *pack)
{
	forget_pack(texts);
	texts->pack = *pack;
	return !store_reader_open(texts->store, &pack->hash, &texts->reader) &&
	       use_dictionary(texts, pack->dictionary);
}

/* --- texts ------------------------------------------------------------------------------
 */

static size_t
frame_of(const struct search_pack *pack, uint32_t offset)
{
	size_t low = 0, high = pack->frame_count;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;
		if (pack->frames[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static bool
read_frame(struct search_texts *texts, size_t index)
{
	const struct search_frame *frame = &texts->pack.frames[index];
	if (index == texts->frame_index)
		return true;
	texts->frame_index = NO_FRAME;
	buffer_clear(&texts->stored);
	if (search_range_read(
		    texts->reader, frame->stored_at, frame->stored, &texts->stored) ||
		!search_codec_read(texts->codec, buffer_slice(&texts->stored),
			frame->length, &texts->frame))
		return false;
	texts->frame_index = index;
	return true;
}

bool
search_texts_get(
	struct search_texts *texts, const struct search_text *text, struct slice *bytes)
{
	if (!texts->reader || !texts->pack.frame_count)
		return false;
	size_t index = frame_of(&texts->pack, text->offset);
	const struct search_frame *frame = &texts->pack.frames[index];
	if (text->offset < frame->offset ||
		text->offset - frame->offset + text->length > frame->length ||
		!read_frame(texts, index))
		return false;
	*bytes = slice_part(texts->frame, text->offset - frame->offset, text->length);
	return true;
}

static const struct search_text *
text_in_pack(const struct search_pack *pack, uint64_t email)
{
	size_t low = 0, high = pack->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (pack->texts[middle].email == email)
			return &pack->texts[middle];
		if (pack->texts[middle].email < email)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool
search_texts_of(struct search_texts *texts, uint64_t email, struct slice *bytes)
{
	if (!covers(&texts->pack, email) && !open_pack(texts, email))
		return false;
	const struct search_text *text = text_in_pack(&texts->pack, email);
	return text && search_texts_get(texts, text, bytes);
}
