#include "post/search-asking.h"

/* --- documents --------------------------------------------------------------------------
 */

static bool
document_seen(void *argument, uint32_t number, const struct search_document *document)
{
	struct search_asking *asking = argument;
	asking->emails[number] = document->email;
	asking->signatures[number] = (struct search_signature_place){
		document->signature_at, document->signature_length};
	if (document->unsure)
		search_set_bit(asking->unsure, number);
	return document->email < asking->next;
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

/*
 * Few enough that their texts are looked at sooner than a term is looked up. Scanning the
 * words for one that has or ends in something costs most.
 */
#define WORDS_PER_LOOK   ((size_t)256 << 10) /* bytes of words scanned in that time */
#define WORDS_PER_SORTED ((size_t)4 << 20)

static bool
few(const struct search_asking *asking, size_t words_per_look)
{
	size_t count = count_bits(asking->found, asking->words);
	return count <= asking->opened->segment.words.length / words_per_look;
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
is_wanted(const struct search_asking *asking, const struct search_terms *terms, size_t at)
{
	const struct search_term *term = &terms->list[at];
	if (rank_of(term) != asking->rank)
		return false;
	bool sorted = term->match == SEARCH_WHOLE || term->match == SEARCH_BEGINS;
	if (terms->exact)
		return true;
	return (!is_weak(term) || asking->all_weak) &&
	       !few(asking, sorted ? WORDS_PER_SORTED : WORDS_PER_LOOK);
}

static bool
next_term(struct search_asking *asking, const struct search_terms *terms)
{
	for (; asking->rank < RANKS; asking->rank++, asking->term_at = 0)
		for (; asking->term_at < terms->count; asking->term_at++)
			if (is_wanted(asking, terms, asking->term_at))
				return true;
	return false;
}

static void
begin_term(struct search_asking *asking, const struct search_leaf *leaf,
	const struct search_term *term, uint64_t *bits)
{
	memset(bits, 0, asking->words * sizeof *bits);
	search_finding_begin(&asking->finding, &asking->opened->segment,
		&asking->opened->postings, term, leaf->kinds, bits);
	asking->finding.whole = leaf->alike || term->match == SEARCH_PAIR;
	asking->finding_on = true;
}

/* When the rest may have the term as well, it says nothing but of the one alone. */
static void
end_term(struct search_asking *asking, const struct search_leaf *leaf)
{
	asking->damaged = asking->damaged || asking->finding.damaged;
	asking->rest = asking->finding.rest;
	search_finding_end(&asking->finding);
	asking->finding_on = false;
	if (asking->pairs_asked || (asking->rest && !leaf->terms.exact))
		return;
	for (size_t i = 0; i < asking->words; i++)
		asking->found[i] &= asking->term[i];
}

static bool
has_joints(const struct search_asking *asking, uint32_t document,
	const struct search_needle_joints *joints)
{
	const struct search_signature_place *place = &asking->signatures[document];
	struct slice signature =
		slice_part(asking->opened->segment.signatures, place->at, place->length);
	/* Of each meeting the last ones say most. */
	for (size_t i = joints->count; i-- > 0;)
		if (!search_signature_has(signature, joints->list[i]))
			return false;
	return true;
}

/* Messages in which two runs of the needle meet nowhere don't have it. */
static void
leave_joints(struct search_asking *asking, const struct search_needle_joints *joints)
{
	for (size_t i = 0; i < asking->words; i++)
		for (uint64_t left = asking->found[i]; left; left &= left - 1) {
			uint32_t bit = (uint32_t)__builtin_ctzll(left);
			uint32_t document = (uint32_t)(i * 64) + bit;
			if (!has_joints(asking, document, joints))
				asking->found[i] &= ~((uint64_t)1 << bit);
		}
}

/* Reading signatures takes longer than looking at so few messages. */
#define SIGNATURES_PER_LOOK ((size_t)16 << 10)

static bool
signatures_are_worth_it(const struct search_asking *asking)
{
	const struct search_segment *segment = &asking->opened->segment;
	return !slice_absent(segment->signatures) ||
	       count_bits(asking->found, asking->words) >
		       segment->signatures_length / SIGNATURES_PER_LOOK;
}

/* Some of the signatures are read, or all are asked. */
static void
ask_joints(struct search_asking *asking, const struct search_needle_joints *joints)
{
	asking->joints_asked = !joints->count || !signatures_are_worth_it(asking);
	if (asking->joints_asked)
		return;
	if (slice_absent(asking->opened->segment.signatures)) {
		asking->damaged = search_opened_sign(asking->cache, asking->opened);
		return;
	}
	leave_joints(asking, joints);
	asking->joints_asked = true;
}

static void
set_all(struct search_asking *asking)
{
	uint32_t beyond = asking->opened->segment.document_count % 64;
	memset(asking->found, 0xff, asking->words * sizeof *asking->found);
	if (beyond)
		asking->found[asking->words - 1] = ((uint64_t)1 << beyond) - 1;
}

static void
begin_leaf(struct search_asking *asking, const struct search_leaf *leaf)
{
	asking->begun = true;
	asking->pairs_asked = asking->joints_asked = false;
	asking->rank = 0;
	asking->term_at = 0;
	asking->rest = false;
	asking->all_weak = all_weak(&leaf->terms);
	set_all(asking);
	memset(asking->sure, 0, asking->words * sizeof *asking->sure);
}

static void
end_leaf(struct search_asking *asking, struct search_leaf *leaf)
{
	bool decided = slice_absent(leaf->field) || leaf->kinds != POST_TEXT_OTHER;
	bool rest = asking->rest && leaf->terms.exact;
	const uint64_t *sure = leaf->terms.exact ? asking->found : asking->sure;
	for (uint32_t i = 0; i < asking->opened->segment.document_count; i++) {
		if (decided && search_has_bit(sure, i))
			search_set_bit(leaf->surely, asking->emails[i]);
		if (search_has_bit(asking->found, i) || search_has_bit(asking->unsure, i) ||
			rest)
			search_set_bit(leaf->possible, asking->emails[i]);
	}
	asking->begun = false;
}

/* What begins in the needle is looked up first: then few signatures are read. */
static bool
joints_due(const struct search_asking *asking, bool more)
{
	return !asking->joints_asked && (!more || asking->rank > 1);
}

static void
begin_next(struct search_asking *asking, struct search_leaf *leaf)
{
	bool more = !asking->pairs_asked && next_term(asking, &leaf->terms);
	if (joints_due(asking, more)) {
		ask_joints(asking, &leaf->joints);
	} else if (more) {
		begin_term(
			asking, leaf, &leaf->terms.list[asking->term_at++], asking->term);
	} else if (leaf->joints.is_pair && !asking->pairs_asked) {
		asking->pairs_asked = true;
		asking->pair = (struct search_term){SEARCH_PAIR, leaf->needle};
		begin_term(asking, leaf, &asking->pair, asking->sure);
	} else {
		end_leaf(asking, leaf);
	}
}

bool
search_asking_step(struct search_asking *asking, struct search_leaf *leaf)
{
	if (!asking->begun)
		begin_leaf(asking, leaf);
	else if (!asking->finding_on)
		begin_next(asking, leaf);
	else if (!search_finding_step(&asking->finding))
		end_term(asking, leaf);
	return !asking->begun;
}

void
search_asking_begin(struct search_asking *asking, struct search_opened *opened,
	struct search_cache *cache, uint64_t next, struct arena *arena)
{
	uint32_t count = opened->segment.document_count;
	arena_reset(arena);
	*asking = (struct search_asking){.opened = opened, .cache = cache, .next = next};
	asking->words = ((size_t)count + 63) / 64;
	asking->emails = ARENA_MANY(arena, uint64_t, count);
	asking->signatures = ARENA_MANY(arena, struct search_signature_place, count);
	asking->unsure = ARENA_MANY(arena, uint64_t, asking->words);
	asking->sure = ARENA_MANY(arena, uint64_t, asking->words);
	asking->found = ARENA_MANY(arena, uint64_t, asking->words);
	asking->term = ARENA_MANY(arena, uint64_t, asking->words);
	asking->damaged =
		!search_segment_documents(&opened->segment, document_seen, asking);
}

void
search_asking_end(struct search_asking *asking)
{
	search_finding_end(&asking->finding);
}
