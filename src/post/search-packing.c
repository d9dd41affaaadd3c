#include "post/search-keep.h"

/*
 * A pack is at most a blob that the store compresses. One below half of that is written
 * anew with what comes next, as it would stay uncompressed otherwise.
 */
#define PACK_MOST STORE_BLOB_IN_MEMORY_MOST
#define PACK_FULL (PACK_MOST / 2)

struct search_packing {
	struct post_account *account;
	struct search_edit *edit;
	struct buffer bytes;
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
	packing->bytes = buffer_with(PACK_MOST);
	return packing;
}

void
search_packing_release(struct search_packing **released)
{
	struct search_packing *packing = *released;
	if (!packing)
		return;
	buffer_free(&packing->bytes);
	free(packing->texts);
	free(packing);
	*released = NULL;
}

static void
keep_text(struct search_packing *packing, struct search_text text)
{
	if (packing->count == packing->room) {
		packing->room = packing->room ? packing->room * 2 : 256;
		packing->texts =
			reallocarray(packing->texts, packing->room, sizeof *packing->texts);
		ASSERT(packing->texts);
	}
	packing->texts[packing->count++] = text;
}

static enum base_failure
read_pack(struct search_packing *packing, uint64_t number, struct search_pack *pack)
{
	struct slice value;
	struct arena *arena = search_edit_arena(packing->edit);
	struct post_key key = search_key_pack(number);
	enum base_failure failure =
		store_get(packing->account->space, post_key_slice(&key), arena, &value);
	if (failure)
		return failure == BASE_NOT_FOUND ? BASE_DAMAGED : failure;
	return search_pack_unpack(arena, value, pack) && pack->count ? BASE_OK
								     : BASE_DAMAGED;
}

enum base_failure
search_packing_go_on(struct search_packing *packing, uint64_t number)
{
	struct search_pack pack;
	if (!number)
		return BASE_OK;
	enum base_failure failure = read_pack(packing, number, &pack);
	if (failure)
		return failure;
	const struct search_text *end = &pack.texts[pack.count - 1];
	if (end->offset + end->length >= PACK_FULL)
		return BASE_OK;
	failure = search_blob_read(
		packing->account->post->store, &pack.hash, &packing->bytes);
	for (size_t i = 0; i < pack.count && !failure; i++)
		keep_text(packing, pack.texts[i]);
	packing->went_on = !failure;
	packing->old_hash = pack.hash;
	packing->old_count = pack.count;
	return failure;
}

/* The pack as it is; one that was gone on with is replaced, unless nothing came. */
static enum base_failure
put_pack(struct search_packing *packing)
{
	struct store_blob *blob;
	struct search_pack pack = {.texts = packing->texts, .count = packing->count};
	uint64_t number = packing->texts[0].email;
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	enum base_failure failure = search_blob_make(packing->account->post->store,
		buffer_slice(&packing->bytes), &pack.hash, &blob);
	if (failure)
		return failure;
	struct post_key key = search_key_pack(number);
	if (packing->went_on)
		search_edit_let(packing->edit, &packing->old_hash, 'T', number);
	search_edit_refer(packing->edit, blob, 'T', number);
	search_pack_pack(&pack, &value);
	search_edit_put(packing->edit, &key, &value);
	packing->last = number;
	return BASE_OK;
}

static enum base_failure
end_pack(struct search_packing *packing)
{
	enum base_failure failure = BASE_OK;
	if (packing->count > packing->old_count)
		failure = put_pack(packing);
	buffer_clear(&packing->bytes);
	packing->count = packing->old_count = 0;
	packing->went_on = false;
	return failure;
}

enum base_failure
search_packing_add(struct search_packing *packing, uint64_t email, struct slice texts)
{
	enum base_failure failure = BASE_OK;
	if (texts.length > PACK_MOST)
		return BASE_OK;
	if (texts.length > PACK_MOST - packing->bytes.length)
		failure = end_pack(packing);
	if (failure)
		return failure;
	keep_text(packing, (struct search_text){email, (uint32_t)packing->bytes.length,
				   (uint32_t)texts.length});
	buffer_put(&packing->bytes, texts);
	return BASE_OK;
}

enum base_failure
search_packing_end(struct search_packing *packing, uint64_t *last_pack)
{
	enum base_failure failure = end_pack(packing);
	if (!failure && packing->last)
		*last_pack = packing->last;
	return failure;
}
