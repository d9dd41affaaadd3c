#include "post/search-codec.h"
#include "post/search-keep.h"

/*
 * Texts are gathered, and cut to packs when there are many or the round ends. With a
 * dictionary packs are small, as one is read whole by the store; before there is one they
 * may be large, so that there is enough to train it with. One below half of its size is
 * written anew with what comes next.
 */
#define GATHERED_MOST    ((size_t)4 << 20)
#define PACK_BYTES       ((size_t)96 << 10)
#define TRAINED_LEAST    ((size_t)512 << 10)
#define FRAME_LEAST      ((size_t)1 << 10)   /* of what stands before a large text */
#define FIRST_DICTIONARY ((size_t)112 << 10) /* at most: there is little mail yet */
#define DICTIONARY_EMAILS                                              \
	32768 /* another comes after so many, after a small one sooner \
	       */

struct search_packing {
	struct post_account *account;
	struct search_edit *edit;
	struct search_codec *codec;
	bool trains;
	uint64_t dictionary; /* number; 0: none yet */
	struct buffer dictionary_bytes;
	struct buffer bytes; /* gathered */
	struct search_text *texts;
	size_t count, room;
	bool went_on; /* with a pack of old_count texts */
	struct store_hash old_hash;
	size_t old_count;
	uint64_t last; /* number of the last that was put; 0: none */
};

struct search_packing *
search_packing_create(struct post_account *account, struct search_edit *edit)
{
	struct search_packing *packing = calloc(1, sizeof *packing);
	ASSERT(packing);
	packing->account = account;
	packing->edit = edit;
	packing->codec = search_codec_create();
	packing->bytes = buffer_with(GATHERED_MOST);
	packing->dictionary_bytes = buffer_with(SEARCH_DICTIONARY_MOST);
	return packing;
}

void
search_packing_release(struct search_packing **released)
{
	struct search_packing *packing = *released;
	if (!packing)
		return;
	search_codec_destroy(packing->codec);
	buffer_free(&packing->bytes);
	buffer_free(&packing->dictionary_bytes);
	free(packing->texts);
	free(packing);
	*released = NULL;
}

static void
keep_text(struct search_packing *packing, uint64_t email, struct slice text)
{
	if (packing->count == packing->room) {
		packing->room = packing->room ? packing->room * 2 : 256;
		packing->texts =
			reallocarray(packing->texts, packing->room, sizeof *packing->texts);
		ASSERT(packing->texts);
	}
	packing->texts[packing->count++] = (struct search_text){
		email, (uint32_t)packing->bytes.length, (uint32_t)text.length};
	buffer_put(&packing->bytes, text);
}

static size_t
pack_bytes(const struct search_packing *packing)
{
	return packing->dictionary ? PACK_BYTES : SEARCH_PACK_MOST;
}

/* --- dictionaries -----------------------------------------------------------------------
 */

static enum base_failure
find_dictionary(struct search_packing *packing)
{
	struct store *store = packing->account->post->store;
	struct store_space *space = packing->account->space;
	struct buffer *bytes = &packing->dictionary_bytes;
	buffer_clear(bytes);
	enum base_failure failure = search_dictionary_newest(space, &packing->dictionary);
	if (!failure && packing->dictionary)
		failure = search_dictionary_read(store, space, packing->dictionary, bytes);
	if (!failure && !search_codec_use(packing->codec, buffer_slice(bytes)))
		failure = BASE_DAMAGED;
	return failure;
}

static enum base_failure
put_dictionary(struct search_packing *packing)
{
	struct store_blob *blob;
	struct store_hash hash;
	struct slice bytes = buffer_slice(&packing->dictionary_bytes);
	uint64_t number = packing->texts[0].email;
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	enum base_failure failure =
		search_blob_make(packing->account->post->store, bytes, &hash, &blob);
	if (failure)
		return failure;
	struct post_key key = search_key_dictionary(number);
	search_edit_refer(packing->edit, blob, 'D', number);
	search_dictionary_pack(&hash, &value);
	search_edit_put(packing->edit, &key, &value);
	packing->dictionary = number;
	return search_codec_use(packing->codec, bytes) ? BASE_OK : BASE_DAMAGED;
}

static bool
dictionary_due(const struct search_packing *packing)
{
	uint64_t lasts = DICTIONARY_EMAILS * packing->dictionary_bytes.length /
			 SEARCH_DICTIONARY_MOST;
	if (!packing->trains)
		return false;
	return packing->dictionary ? packing->texts[0].email > packing->dictionary + lasts
				   : packing->bytes.length >= TRAINED_LEAST;
}

/* What is gathered, and of what came since the last dictionary. */
static enum base_failure
sample(struct search_packing *packing, struct search_sample *sample)
{
	struct post_account *account = packing->account;
	struct slice gathered = buffer_slice(&packing->bytes);
	for (size_t i = 0; i < packing->count; i++)
		search_sample_add(sample, slice_part(gathered, packing->texts[i].offset,
						  packing->texts[i].length));
	return packing->dictionary ? search_sample_packs(account->post->store,
					     account->space, packing->dictionary, sample)
				   : BASE_OK;
}

/* When nothing comes of it the old one goes on, so that it is not tried in each round. */
static enum base_failure
train(struct search_packing *packing)
{
	SCOPED(buffer_free) struct buffer bytes = buffer_with(SEARCH_DICTIONARY_MOST);
	SCOPED(search_sample_free)
	struct search_sample texts = {.bytes = buffer_with(SEARCH_SAMPLE_MOST)};
	size_t most = packing->dictionary ? SEARCH_DICTIONARY_MOST : FIRST_DICTIONARY;
	enum base_failure failure = sample(packing, &texts);
	if (failure)
		return failure;
	search_dictionary_train(
		texts.bytes.data, texts.lengths, (unsigned)texts.count, most, &bytes);
	if (bytes.length) {
		buffer_clear(&packing->dictionary_bytes);
		buffer_put(&packing->dictionary_bytes, buffer_slice(&bytes));
	}
	return packing->dictionary_bytes.length ? put_dictionary(packing) : BASE_OK;
}

/* --- one pack ---------------------------------------------------------------------------
 */

/* How many texts from first on make a frame: looking at one must not unpack a larger one.
 */
static size_t
frame_count(const struct search_text *texts, size_t first, size_t until)
{
	size_t at = first, length = 0;
	for (; at < until && length < SEARCH_FRAME_BYTES; at++) {
		if (length >= FRAME_LEAST && texts[at].length >= SEARCH_FRAME_BYTES)
			break;
		length += texts[at].length;
	}
	return at - first;
}

/* Texts from first to until, as frames of a few each. */
static void
put_frames(struct search_packing *packing, size_t first, size_t until,
	struct search_frame *frames, size_t *count, struct buffer *into)
{
	const struct search_text *texts = packing->texts;
	*count = 0;
	for (size_t i = first; i < until;) {
		struct search_frame *frame = &frames[(*count)++];
		size_t from = texts[i].offset, length = 0;
		for (size_t left = frame_count(texts, i, until); left; left--)
			length += texts[i++].length;
		frame->length = (uint32_t)length;
		size_t before = into->length;
		(void)!search_codec_put(packing->codec,
			slice_part(buffer_slice(&packing->bytes), from, length), into);
		frame->stored = (uint32_t)(into->length - before);
	}
}

/* The one that was gone on with is replaced, unless nothing came. */
static enum base_failure
put_pack(struct search_packing *packing, size_t first, size_t until)
{
	uint64_t number = packing->texts[first].email;
	struct store_blob *blob;
	struct search_pack pack = {.dictionary = packing->dictionary,
		.texts = packing->texts + first,
		.count = until - first};
	struct search_frame *frames = calloc(pack.count, sizeof *frames);
	SCOPED(buffer_free) struct buffer bytes = buffer_with(STORE_BLOB_IN_MEMORY_MOST);
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	ASSERT(frames);
	pack.frames = frames;
	put_frames(packing, first, until, frames, &pack.frame_count, &bytes);
	enum base_failure failure = buffer_failed(&bytes) ? BASE_TOO_LARGE : BASE_OK;
	if (!failure)
		failure = search_blob_make(packing->account->post->store,
			buffer_slice(&bytes), &pack.hash, &blob);
	if (!failure) {
		struct post_key key = search_key_pack(number);
		search_edit_refer(packing->edit, blob, 'P', number);
		search_pack_pack(&pack, &value);
		search_edit_put(packing->edit, &key, &value);
		packing->last = number;
	}
	free(frames);
	return failure;
}

/* --- gathering --------------------------------------------------------------------------
 */

/* How many texts from first on make a pack; 0: they are too few for a full one. */
static size_t
cut(const struct search_packing *packing, size_t first)
{
	size_t most = pack_bytes(packing), length = 0;
	for (size_t i = first; i < packing->count; i++) {
		if (i > first && length + packing->texts[i].length > most)
			return i - first;
		length += packing->texts[i].length;
	}
	return 0;
}

static void
drop_first(struct search_packing *packing, size_t count)
{
	if (!count)
		return;
	uint32_t gone = count < packing->count ? packing->texts[count].offset
					       : (uint32_t)packing->bytes.length;
	buffer_drop_first(&packing->bytes, gone);
	packing->count -= count;
	memmove(packing->texts, packing->texts + count,
		packing->count * sizeof *packing->texts);
	for (size_t i = 0; i < packing->count; i++)
		packing->texts[i].offset -= gone;
	packing->went_on = false;
	packing->old_count = 0;
}

/* Full packs, and at the end what is left. */
static enum base_failure
flush(struct search_packing *packing, bool end)
{
	enum base_failure failure = BASE_OK;
	size_t done = 0, count;
	if (packing->count == packing->old_count)
		return BASE_OK;
	if (dictionary_due(packing))
		failure = train(packing);
	if (packing->went_on)
		search_edit_let(
			packing->edit, &packing->old_hash, 'P', packing->texts[0].email);
	while (!failure && (count = cut(packing, done))) {
		failure = put_pack(packing, done, done + count);
		done += count;
	}
	if (!failure && end && done < packing->count) {
		failure = put_pack(packing, done, packing->count);
		done = packing->count;
	}
	drop_first(packing, done);
	return failure;
}

enum base_failure
search_packing_put_again(struct search_packing *packing, const struct search_pack *pack,
	search_keep *keep, void *argument)
{
	struct slice bytes;
	SCOPED(search_texts_release)
	struct search_texts *texts =
		search_texts_create(packing->account->post->store, packing->account->space);
	if (!search_texts_use(texts, pack))
		return BASE_DAMAGED;
	for (size_t i = 0; i < pack->count; i++) {
		if (!keep(argument, pack->texts[i].email))
			continue;
		if (!search_texts_get(texts, &pack->texts[i], &bytes))
			return BASE_DAMAGED;
		keep_text(packing, pack->texts[i].email, bytes);
	}
	return BASE_OK;
}

static bool
keep_all(void *argument, uint64_t email)
{
	(void)argument, (void)email;
	return true;
}

enum base_failure
search_packing_go_on(struct search_packing *packing, uint64_t number)
{
	struct search_pack pack;
	enum base_failure failure = find_dictionary(packing);
	packing->trains = true;
	if (!number || failure)
		return failure;
	failure = search_pack_read(
		packing->account->space, number, search_edit_arena(packing->edit), &pack);
	if (failure)
		return failure;
	const struct search_text *end = &pack.texts[pack.count - 1];
	if (end->offset + end->length >= pack_bytes(packing) / 2)
		return BASE_OK;
	failure = search_packing_put_again(packing, &pack, keep_all, NULL);
	packing->went_on = !failure;
	packing->old_hash = pack.hash;
	packing->old_count = pack.count;
	return failure;
}

enum base_failure
search_packing_like(struct search_packing *packing)
{
	return find_dictionary(packing);
}

enum base_failure
search_packing_add(struct search_packing *packing, uint64_t email, struct slice texts)
{
	enum base_failure failure = BASE_OK;
	if (texts.length > SEARCH_PACK_MOST)
		return BASE_OK;
	if (texts.length > GATHERED_MOST - packing->bytes.length)
		failure = flush(packing, false);
	if (!failure)
		keep_text(packing, email, texts);
	return failure;
}

enum base_failure
search_packing_end(struct search_packing *packing, uint64_t *last_pack)
{
	enum base_failure failure = flush(packing, true);
	if (!failure && packing->last)
		*last_pack = packing->last;
	return failure;
}
