#include "post/search-index.h"
#include "post/attached-internal.h"
#include "post/mailbox-internal.h"
#include "post/search-asking.h"
#include "post/search-keep.h"
#include "post/search-tidy.h"

struct search_index {
	const struct post_view *view;
	struct store *store;
	struct store_space *space;
	struct arena *arena;
	struct search_state state;
	struct search_pair *pairs; /* of the mailbox, by rising UIDs */
	size_t pair_count, pair_room;
	size_t pair_at; /* the one that was asked for last */
	bool damaged;
	struct search_leaf **leaves;
	size_t leaf_count;
	size_t words; /* 64-bit ones, of a set of emails */
	uint64_t *known;
	size_t part; /* the next segment */
	struct search_opened opened;
	bool is_open; /* it is one; else between two */
	size_t leaf;  /* the next that it is asked */
	struct search_asking asking;
	struct arena *asking_arena;
	struct search_texts *texts;
};

static struct search_cache *
cache_of(const struct search_index *index)
{
	return index->view->mailbox->account->post->search_cache;
}

/* --- opening ----------------------------------------------------------------------------
 */

static bool
chunk_row(void *argument, struct slice key, struct slice value)
{
	struct search_index *index = argument;
	uint32_t mailbox, chunk;
	size_t count;
	if (index->pair_room - index->pair_count < SEARCH_CHUNK) {
		index->pair_room = index->pair_room * 2 + 2 * SEARCH_CHUNK;
		index->pairs =
			reallocarray(index->pairs, index->pair_room, sizeof *index->pairs);
		ASSERT(index->pairs);
	}
	index->damaged = !search_key_take_chunk(key, &mailbox, &chunk) ||
			 !search_chunk_unpack(
				 value, chunk, index->pairs + index->pair_count, &count);
	index->pair_count += index->damaged ? 0 : count;
	return !index->damaged;
}

static bool
read_chunks(struct search_index *index)
{
	uint32_t mailbox = index->view->mailbox->id;
	struct post_key from = search_key_chunk(mailbox, 0);
	struct post_key until = search_key_chunk(mailbox, UINT32_MAX);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	return !store_scan(index->space, &range, chunk_row, index, NULL) && !index->damaged;
}

static bool
usable(const struct search_state *state)
{
	return state->words_version == SEARCH_WORDS_VERSION && state->part_count &&
	       state->next <= SEARCH_EMAILS_MOST;
}

/* Attachments were read that it does not know of. */
static bool
is_old(struct store_space *space)
{
	struct post_attached_state state;
	return post_attached_state_read(space, &state) || state.index_old;
}

/* What the rows of packs that this state's time has are called by. */
static void
share_rows(struct search_index *index)
{
	struct store_hash name;
	SCOPED(buffer_free) struct buffer bytes = buffer_with(STORE_VALUE_MOST);
	buffer_put_be64(&bytes, index->view->mailbox->account->id);
	if (!search_state_pack(&index->state, &bytes))
		return;
	base_sha256_of(buffer_slice(&bytes), name.bytes);
	search_texts_share(index->texts, cache_of(index), &name);
}

struct search_index *
search_index_open(const struct post_view *view)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct search_index *index = ARENA_NEW(arena, struct search_index);
	index->view = view;
	index->arena = arena;
	index->store = view->mailbox->account->post->store;
	index->space = view->mailbox->account->space;
	index->asking_arena = arena_create(ARENA_NO_CEILING);
	index->texts = search_texts_create(index->store, index->space);
	if (search_state_read(index->space, arena, &index->state) ||
		!usable(&index->state) || is_old(index->space) || !read_chunks(index)) {
		if (index->damaged)
			search_note_damage(view->mailbox->account);
		search_index_close(index);
		return NULL;
	}
	share_rows(index);
	index->words = (size_t)(index->state.next + 63) / 64;
	index->known = ARENA_MANY(arena, uint64_t, index->words);
	return index;
}

void
search_index_close(struct search_index *index)
{
	if (!index)
		return;
	free(index->pairs);
	search_texts_release(&index->texts);
	search_asking_end(&index->asking);
	if (index->is_open)
		search_opened_close(&index->opened);
	arena_destroy(index->asking_arena);
	arena_destroy(index->arena);
}

void
search_index_ask(struct search_index *index, struct search_leaf **leaves, size_t count)
{
	index->leaves = leaves;
	index->leaf_count = count;
	for (size_t i = 0; i < count; i++) {
		leaves[i]->surely = ARENA_MANY(index->arena, uint64_t, index->words);
		leaves[i]->possible = ARENA_MANY(index->arena, uint64_t, index->words);
		if (leaves[i]->alike)
			continue;
		search_terms_of(leaves[i]->needle, &leaves[i]->terms);
		if (!leaves[i]->terms.exact)
			search_joints_of(leaves[i]->needle, &leaves[i]->joints);
	}
}

/* --- segments ----------------------------------------------------------------------------
 */

static void
note_failure(struct search_index *index, enum base_failure failure)
{
	if (failure == BASE_DAMAGED)
		search_note_damage(index->view->mailbox->account);
	if (failure)
		index->is_open = false;
}

static void
begin_documents(struct search_index *index)
{
	index->leaf = 0;
	search_asking_begin(&index->asking, &index->opened, cache_of(index),
		index->state.next, index->asking_arena);
}

static void
begin_segment(struct search_index *index)
{
	const struct search_part *part = &index->state.parts[index->part++];
	index->is_open = true;
	enum base_failure failure = search_opened_begin(
		index->store, cache_of(index), &part->hash, &index->opened);
	note_failure(index, failure);
	if (!failure && index->opened.ready)
		begin_documents(index);
}

static void
read_segment(struct search_index *index)
{
	enum base_failure failure = search_opened_more(cache_of(index), &index->opened);
	note_failure(index, failure);
	if (!failure && index->opened.ready)
		begin_documents(index);
}

/* Emails are known only when all of their segment could be read. */
static void
end_segment(struct search_index *index)
{
	struct search_asking *asking = &index->asking;
	uint32_t count = index->opened.segment.document_count;
	for (uint32_t i = 0; i < count && !asking->damaged; i++)
		search_set_bit(index->known, asking->emails[i]);
	if (asking->damaged)
		search_note_damage(index->view->mailbox->account);
	search_asking_end(asking);
	search_opened_close(&index->opened);
	index->is_open = false;
}

bool
search_index_step(struct search_index *index)
{
	if (!index->is_open && index->part < index->state.part_count)
		begin_segment(index);
	else if (index->is_open && !index->opened.ready)
		read_segment(index);
	else if (index->is_open && index->leaf < index->leaf_count &&
		 !index->asking.damaged)
		index->leaf +=
			search_asking_step(&index->asking, index->leaves[index->leaf]);
	else if (index->is_open)
		end_segment(index);
	return index->is_open || index->part < index->state.part_count;
}

/* --- answers ----------------------------------------------------------------------------
 */

enum search_said
search_index_says(
	const struct search_index *index, const struct search_leaf *leaf, uint64_t email)
{
	if (email >= index->state.next || !search_has_bit(index->known, email))
		return SEARCH_SAYS_NOTHING;
	if (search_has_bit(leaf->surely, email))
		return SEARCH_SAYS_YES;
	return search_has_bit(leaf->possible, email) ? SEARCH_SAYS_NOTHING : SEARCH_SAYS_NO;
}

static size_t
pair_from(const struct search_index *index, uint32_t uid)
{
	size_t low = 0, high = index->pair_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (index->pairs[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
search_index_email(struct search_index *index, uint32_t uid, uint64_t *email)
{
	size_t next = index->pair_at + 1;
	bool is_next = next < index->pair_count && index->pairs[next].uid == uid;
	index->pair_at = is_next ? next : pair_from(index, uid);
	if (index->pair_at == index->pair_count || index->pairs[index->pair_at].uid != uid)
		return false;
	*email = index->pairs[index->pair_at].email;
	return true;
}

/* Neighbours of which the same is said are put into a set at once. */
static void
put_said(const struct search_index *index, size_t from, size_t until, enum search_said said,
	struct post_uids *surely, struct post_uids *denied)
{
	uint32_t first = index->pairs[from].uid, last = index->pairs[until - 1].uid;
	if (said == SEARCH_SAYS_YES)
		post_uids_add_range(surely, first, last);
	else if (said == SEARCH_SAYS_NO)
		post_uids_add_range(denied, first, last);
}

/* UIDs that no chunk has are possible: all of the view but those that the index denies.
 * */
void
search_index_uids(const struct search_index *index, const struct search_leaf *leaf,
	struct post_uids **surely, struct post_uids **possible)
{
	SCOPED(post_uids_release) struct post_uids *denied = post_uids_create();
	*surely = post_uids_create();
	*possible = post_uids_copy(index->view->uids);
	for (size_t i = 0, from = 0; i < index->pair_count; from = i) {
		enum search_said said =
			search_index_says(index, leaf, index->pairs[from].email);
		do
			i++;
		while (i < index->pair_count &&
			index->pairs[i].uid == index->pairs[i - 1].uid + 1 &&
			search_index_says(index, leaf, index->pairs[i].email) == said);
		put_said(index, from, i, said, *surely, denied);
	}
	post_uids_and(*surely, index->view->uids);
	post_uids_minus(*possible, denied);
}

/* --- texts ------------------------------------------------------------------------------
 */

bool
search_index_texts(struct search_index *index, uint64_t email, struct slice *texts)
{
	return email < index->state.next && search_texts_of(index->texts, email, texts);
}
