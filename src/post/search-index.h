#ifndef POST_SEARCH_INDEX_H
#define POST_SEARCH_INDEX_H

#include "post/search-store.h"
#include "post/text-walk.h"
#include "post/view-internal.h"

/*
 * The index asked by one search of one mailbox. What the words alone decide is decided for
 * all messages at once, segment by segment; of the rest the folded texts are looked at.
 * Messages that the index does not cover are possible, and searched without it.
 */
struct search_leaf {
	struct slice needle; /* folded, not empty */
	uint8_t kinds;       /* post_text_kind: where it may stand */
	struct slice field;  /* in that header field's value only; absent: anywhere */
	bool alike;          /* by search_terms_alike */
	struct search_terms terms;
	struct search_needle_joints joints; /* none when it is exact or alike */
	uint64_t *surely, *possible;        /* by email id; the index's */
};

struct search_index;
/* NULL: there is none that can be used. The view must outlive it. */
struct search_index *search_index_open(const struct post_view *view);
void search_index_close(struct search_index *index); /* NULL is fine */

/* Before the first step. leaves stay the caller's and must outlive the index. */
void search_index_ask(
	struct search_index *index, struct search_leaf **leaves, size_t count);
/* A part of one condition of one segment; true while there is more. A damaged segment
 * covers nothing.
 */
bool search_index_step(struct search_index *index);

/* After the last step: UIDs of the view that match, and that may. The caller's. */
void search_index_uids(const struct search_index *index, const struct search_leaf *leaf,
	struct post_uids **surely, struct post_uids **possible);

/* The email id of a UID; false: it came since. UIDs asked for by rising ones cost least. */
bool search_index_email(struct search_index *index, uint32_t uid, uint64_t *email);

enum search_said { SEARCH_SAYS_NO, SEARCH_SAYS_YES, SEARCH_SAYS_NOTHING };
enum search_said search_index_says(
	const struct search_index *index, const struct search_leaf *leaf, uint64_t email);

/*
 * The folded texts of a message, each a line end, its kind, its bytes; false: they are not
 * kept. To be used until the next call.
 */
bool search_index_texts(struct search_index *index, uint64_t email, struct slice *texts);
/* Pure: whether one of the texts has the needle, where the leaf looks. */
bool search_texts_contain(struct slice texts, const struct search_leaf *leaf);

/* Words as they are seen, and which of the terms one was like. */
struct search_alike {
	const struct search_terms *terms;
	uint32_t seen; /* a bit for each term */
};
void search_alike_word(
	void *argument, struct slice word); /* search_word_seen of a struct search_alike */
bool search_alike_all(const struct search_alike *alike);

#endif
