#ifndef POST_SEARCH_ASKING_H
#define POST_SEARCH_ASKING_H

#include "post/search-index.h"

/*
 * A segment, while it is asked: which of its documents have a leaf's needle surely, and
 * which may have it. Terms are looked up, those that cost least first, until so few
 * documents are left that looking at their texts is less work; when whole words were, those
 * are left out in which two runs of the needle meet nowhere.
 */
struct search_signature_place {
	uint32_t at, length;
};
struct search_asking {
	uint64_t next; /* email ids are below */
	struct search_cache *cache;
	struct search_opened *opened;
	bool begun;     /* a leaf is under way: */
	int rank;       /* of the terms that are looked for … */
	size_t term_at; /* … from that one on */
	bool all_weak, finding_on, joints_asked, pairs_asked;
	struct search_term pair;
	struct search_finding finding;
	uint64_t *emails;                          /* by document */
	struct search_signature_place *signatures; /* by document */
	uint64_t *unsure, *found, *term, *sure;    /* sets of documents */
	size_t words;
	bool damaged;
	bool rest; /* others than found are possible */
};

/* All that is ready of an opened segment. The arena is emptied. */
void search_asking_begin(struct search_asking *asking, struct search_opened *opened,
	struct search_cache *cache, uint64_t next, struct arena *arena);
/* A part of a leaf; true when it is answered. */
bool search_asking_step(struct search_asking *asking, struct search_leaf *leaf);
void search_asking_end(struct search_asking *asking);

/* Sets of emails and of documents. */
static inline bool
search_has_bit(const uint64_t *bits, uint64_t number)
{
	return bits[number / 64] >> number % 64 & 1;
}

static inline void
search_set_bit(uint64_t *bits, uint64_t number)
{
	bits[number / 64] |= (uint64_t)1 << number % 64;
}

#endif
