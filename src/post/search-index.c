#include "post/search-index.h"
#include "post/attached-internal.h"
#include "post/mailbox-internal.h"
#include "post/search-keep.h"
#include "post/search-tidy.h"

/* A segment, while it is asked. */
struct asking {
	struct search_index *index;
	struct search_opened *opened; /* NULL: between two segments */
	size_t leaf;                  /* the next that is asked of it */
	bool begun;                   /* it is under way: */
	int rank;                     /* of the terms that are looked for … */
	size_t term_at;               /* … from that one on */
	bool all_weak, finding_on;
	struct search_finding finding;
	uint64_t *emails;                /* by document */
	uint64_t *unsure, *found, *term; /* sets of documents */
	size_t words;
	bool damaged;
	bool rest; /* others than found are possible */
};

struct search_index {
	const struct post_view *view;
	struct store *store;
	struct store_space *space;
	struct arena *arena;
	struct search_state state;
	struct search_pair *pairs; /* of the mailbox, by rising UIDs */
	size_t pair_count, pair_room;
	bool damaged;
	struct search_leaf **leaves;
	size_t leaf_count;
	size_t words; /* 64-bit ones, of a set of emails */
	uint64_t *known;
	size_t part; /* the next segment */
	struct search_opened opened;
	struct asking asking;
	struct arena *asking_arena;
	struct search_texts *texts;
};

/* --- sets of emails and documents -------------------------------------------------------
 */

static bool
has_bit(const uint64_t *bits, uint64_t number)
{
	return bits[number / 64] >> number % 64 & 1;
}

static void
set_bit(uint64_t *bits, uint64_t number)
{
	bits[number / 64] |= (uint64_t)1 << number % 64;
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
	search_finding_end(&index->asking.finding);
	if (index->asking.opened)
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
		if (!leaves[i]->alike)
			search_terms_of(leaves[i]->needle, &leaves[i]->terms);
	}
}

/* --- a segment --------------------------------------------------------------------------
 */

static bool
document_seen(void *argument, uint32_t document, uint64_t email, bool unsure)
{
	struct asking *asking = argument;
	asking->emails[document] = email;
	if (unsure)
		set_bit(asking->unsure, document);
	return email < asking->index->state.next;
}

static size_t
count_bits(const uint64_t *bits, size_t words)
{
	size_t count = 0;
	for (size_t i = 0; i < words; i++)
		count += (size_t)__builtin_popcountll(bits[i]);
	return count;
}

/* A short end or beginning of a word is in most messages and costs much to look up. */
#define WEAK_BYTES 3

static bool
is_weak(const struct search_term *term)
{
	return term->match != SEARCH_WHOLE && term->text.length < WEAK_BYTES;
}

static bool
all_weak(const struct search_terms *terms)
{
	for (size_t i = 0; i < terms->count; i++)
		if (!is_weak(&terms->list[i]))
			return false;
	return true;
}

/* Few enough that their texts are looked at sooner than all words once more. */
#define WORDS_PER_LOOK ((size_t)64 << 10)

static bool
few(const struct asking *asking)
{
	size_t count = count_bits(asking->found, asking->words);
	return count <= asking->opened->segment.words.length / WORDS_PER_LOOK;
}

/* Whole words first: they are looked up quickest and say most. */
#define RANKS 3

static int
rank_of(const struct search_term *term)
{
	if (term->match == SEARCH_WHOLE)
		return 0;
	return term->match == SEARCH_BEGINS ? 1 : 2;
}

static bool
is_wanted(const struct asking *asking, const struct search_terms *terms, size_t at)
{
	const struct search_term *term = &terms->list[at];
	if (rank_of(term) != asking->rank)
		return false;
	return terms->exact || ((!is_weak(term) || asking->all_weak) && !few(asking));
}

static bool
next_term(struct asking *asking, const struct search_terms *terms)
{
	for (; asking->rank < RANKS; asking->rank++, asking->term_at = 0)
		for (; asking->term_at < terms->count; asking->term_at++)
			if (is_wanted(asking, terms, asking->term_at))
				return true;
	return false;
}

static void
begin_term(struct asking *asking, const struct search_leaf *leaf)
{
	memset(asking->term, 0, asking->words * sizeof *asking->term);
	search_finding_begin(&asking->finding, &asking->opened->segment,
		&asking->opened->postings, &leaf->terms.list[asking->term_at++],
		leaf->kinds, asking->term);
	asking->finding.whole = leaf->alike;
	asking->finding_on = true;
}

/* When the rest may have the term as well, it says nothing but of the one alone. */
static void
end_term(struct asking *asking, const struct search_leaf *leaf)
{
	asking->damaged = asking->damaged || asking->finding.damaged;
	asking->rest = asking->finding.rest;
	search_finding_end(&asking->finding);
	asking->finding_on = false;
	if (asking->rest && !leaf->terms.exact)
		return;
	for (size_t i = 0; i < asking->words; i++)
		asking->found[i] &= asking->term[i];
}

static void
begin_leaf(struct asking *asking, const struct search_leaf *leaf)
{
	asking->begun = true;
	asking->rank = 0;
	asking->term_at = 0;
	asking->rest = false;
	asking->all_weak = all_weak(&leaf->terms);
	memset(asking->found, 0xff, asking->words * sizeof *asking->found);
}

static void
end_leaf(struct asking *asking, struct search_leaf *leaf)
{
	bool exact = leaf->terms.exact &&
		     (slice_absent(leaf->field) || leaf->kinds != POST_TEXT_OTHER);
	bool rest = asking->rest && leaf->terms.exact;
	for (uint32_t i = 0; i < asking->opened->segment.document_count; i++) {
		if (has_bit(asking->found, i) && exact)
			set_bit(leaf->surely, asking->emails[i]);
		if (has_bit(asking->found, i) || has_bit(asking->unsure, i) || rest)
			set_bit(leaf->possible, asking->emails[i]);
	}
	asking->begun = false;
	asking->leaf++;
}

static void
ask_leaf(struct asking *asking, struct search_leaf *leaf)
{
	if (!asking->begun)
		begin_leaf(asking, leaf);
	if (asking->finding_on) {
		if (!search_finding_step(&asking->finding))
			end_term(asking, leaf);
	} else if (next_term(asking, &leaf->terms)) {
		begin_term(asking, leaf);
	} else {
		end_leaf(asking, leaf);
	}
}

static void
begin_documents(struct search_index *index)
{
	struct asking *asking = &index->asking;
	uint32_t count = index->opened.segment.document_count;
	struct arena *arena = index->asking_arena;
	arena_reset(arena);
	asking->words = ((size_t)count + 63) / 64;
	asking->emails = ARENA_MANY(arena, uint64_t, count);
	asking->unsure = ARENA_MANY(arena, uint64_t, asking->words);
	asking->found = ARENA_MANY(arena, uint64_t, asking->words);
	asking->term = ARENA_MANY(arena, uint64_t, asking->words);
	asking->damaged =
		!search_segment_documents(&index->opened.segment, document_seen, asking);
}

static struct search_cache *
cache_of(const struct search_index *index)
{
	return index->view->mailbox->account->post->search_cache;
}

static void
note_failure(struct search_index *index, enum base_failure failure)
{
	if (failure == BASE_DAMAGED)
		search_note_damage(index->view->mailbox->account);
	if (failure)
		index->asking.opened = NULL;
}

static void
begin_segment(struct search_index *index)
{
	const struct search_part *part = &index->state.parts[index->part++];
	index->asking = (struct asking){.index = index, .opened = &index->opened};
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
	struct asking *asking = &index->asking;
	uint32_t count = index->opened.segment.document_count;
	for (uint32_t i = 0; i < count && !asking->damaged; i++)
		set_bit(index->known, asking->emails[i]);
	if (asking->damaged)
		search_note_damage(index->view->mailbox->account);
	search_finding_end(&asking->finding);
	search_opened_close(&index->opened);
	asking->opened = NULL;
}

bool
search_index_step(struct search_index *index)
{
	struct asking *asking = &index->asking;
	if (asking->opened && !index->opened.ready)
		read_segment(index);
	else if (asking->opened && asking->leaf < index->leaf_count && !asking->damaged)
		ask_leaf(asking, index->leaves[asking->leaf]);
	else if (asking->opened)
		end_segment(index);
	else if (index->part < index->state.part_count)
		begin_segment(index);
	return asking->opened || index->part < index->state.part_count;
}

/* --- answers ----------------------------------------------------------------------------
 */

enum search_said
search_index_says(
	const struct search_index *index, const struct search_leaf *leaf, uint64_t email)
{
	if (email >= index->state.next || !has_bit(index->known, email))
		return SEARCH_SAYS_NOTHING;
	if (has_bit(leaf->surely, email))
		return SEARCH_SAYS_YES;
	return has_bit(leaf->possible, email) ? SEARCH_SAYS_NOTHING : SEARCH_SAYS_NO;
}

/* UIDs that no chunk has are possible: all of the view but those that the index denies. */
void
search_index_uids(const struct search_index *index, const struct search_leaf *leaf,
	struct post_uids **surely, struct post_uids **possible)
{
	SCOPED(post_uids_release) struct post_uids *denied = post_uids_create();
	*surely = post_uids_create();
	*possible = post_uids_copy(index->view->uids);
	for (size_t i = 0; i < index->pair_count; i++) {
		enum search_said said =
			search_index_says(index, leaf, index->pairs[i].email);
		if (said == SEARCH_SAYS_YES)
			post_uids_add(*surely, index->pairs[i].uid);
		else if (said == SEARCH_SAYS_NO)
			post_uids_add(denied, index->pairs[i].uid);
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

/* The text around a place, its kind first. */
static struct slice
text_around(struct slice texts, size_t place)
{
	struct slice before = slice_first(texts, place);
	size_t start = slice_find_last_byte(before, '\n') + 1;
	struct slice rest = slice_from(texts, start);
	return slice_first(rest, slice_find_byte(rest, '\n'));
}

/* In a field's value, behind "name: ". */
static bool
fits_field(struct slice text, const struct search_leaf *leaf, size_t place)
{
	size_t name = leaf->field.length;
	return place >= name + 2 && slice_starts_nocase(text, leaf->field) &&
	       slice_starts(slice_from(text, name), SLICE(": "));
}

/* --- words alike ------------------------------------------------------------------------
 */

void
search_alike_word(void *argument, struct slice word)
{
	struct search_alike *alike = argument;
	for (size_t i = 0; i < alike->terms->count; i++) {
		const struct search_term *term = &alike->terms->list[i];
		if (alike->seen >> i & 1)
			continue;
		bool like = term->match == SEARCH_LIKE ? search_is_like(word, term->text)
			    : term->match == SEARCH_WHOLE
				    ? slice_equal(word, term->text)
				    : slice_find(word, term->text) < word.length;
		if (like)
			alike->seen |= (uint32_t)1 << i;
	}
}

bool
search_alike_all(const struct search_alike *alike)
{
	return alike->seen == ((uint32_t)1 << alike->terms->count) - 1;
}

/* A header field's name is no part of its value; see piece_seen of search-keep.c. */
static struct slice
searched_part(struct slice text, const struct search_leaf *leaf)
{
	if (text.data[0] == POST_TEXT_BODY || leaf->kinds & POST_TEXT_OTHER)
		return slice_from(text, 1);
	size_t name = slice_find(text, SLICE(": "));
	return slice_from(text, name + 2);
}

static bool
texts_are_like(struct slice texts, const struct search_leaf *leaf)
{
	struct search_alike alike = {.terms = &leaf->terms};
	struct search_words words = search_words_begin(search_alike_word, &alike);
	while (texts.length && !search_alike_all(&alike)) {
		struct slice text = slice_cut(&texts, '\n');
		if (slice_empty(text) || !((uint8_t)text.data[0] & leaf->kinds))
			continue;
		search_words_put(&words, searched_part(text, leaf));
		search_words_end(&words);
	}
	return search_alike_all(&alike);
}

bool
search_texts_contain(struct slice texts, const struct search_leaf *leaf)
{
	if (leaf->alike)
		return texts_are_like(texts, leaf);
	for (size_t at = 0; at < texts.length;) {
		size_t place = search_scan(texts, leaf->needle, at);
		if (place >= texts.length)
			return false;
		const char *hit = texts.data + place;
		struct slice text = text_around(texts, place);
		size_t inside = (size_t)(hit - text.data);
		at = place + 1;
		if (!inside || !((uint8_t)text.data[0] & leaf->kinds))
			continue;
		if (slice_absent(leaf->field) ||
			fits_field(slice_from(text, 1), leaf, inside - 1))
			return true;
	}
	return false;
}
