#ifndef POST_QUERY_INTERNAL_H
#define POST_QUERY_INTERNAL_H

#include "post/entries.h"
#include "post/message.h"
#include "post/query.h"
#include "post/search-index.h"
#include "post/view-internal.h"

/*
 * How a search goes. The query becomes a plan: needles folded, children ordered by what
 * they cost. Bitmaps alone say of most messages yes or no; the rest is looked at one by
 * one, the dearest record last: entry, content, body. A body is read in one pass for all
 * needles at once, a piece at a step.
 */
enum post_cost {
	POST_COST_BITMAP,
	POST_COST_ENTRY,
	POST_COST_CONTENT,
	POST_COST_BODY,
};

enum post_answer { POST_NO, POST_YES, POST_UNKNOWN };

struct post_plan {
	const struct post_query *query;
	enum post_cost cost;      /* of the dearest below */
	struct slice needle;      /* folded */
	bool hopeless;            /* it is too long to be found */
	size_t body_index;        /* BODY, TEXT: its bit in what was found */
	struct search_leaf *leaf; /* what the index is asked; NULL: nothing */
	struct post_plan *children;
	size_t count;
};

#define POST_SEARCH_NEEDLE_MOST (16 * 1024) /* folded bytes; longer is found nowhere */
#define POST_SEARCH_BATCH       1024        /* entries read at once */

/* What is known of the message that is being looked at. */
struct post_subject {
	const struct post_view *view;
	uint32_t uid;
	const struct post_entry_record *entry; /* NULL: not read */
	struct arena *arena;                   /* of this message */
	bool with_message;                     /* message is read */
	struct post_message message;
	struct slice fields;        /* all header lines; with_message */
	struct search_index *index; /* NULL: none */
	bool texts_asked;           /* texts are absent: the index does not keep them */
	struct slice texts;
	bool body_read;    /* found says all there is to say */
	const bool *found; /* by body_index */
	enum base_failure failure;
};

/* Whether it asks what only entries say. */
bool post_plan_needs_entries(const struct post_plan *plan);

struct post_plan *post_plan_make(
	struct arena *arena, const struct post_query *query, size_t *bodies);
/* The conditions that an index is asked; how many. leaves may be NULL. */
size_t post_plan_leaves(const struct post_plan *plan, struct search_leaf **leaves);
/*
 * By bitmaps and index (NULL: none): surely is a subset of the result, possible a superset.
 * The caller's.
 */
struct post_bounds {
	struct post_uids *surely, *possible;
};
struct post_bounds post_plan_bounds(const struct post_plan *plan,
	const struct post_view *view, const struct search_index *index);
/* Reads what it needs, but no body. */
enum post_answer post_plan_answer(
	const struct post_plan *plan, struct post_subject *subject);

/* Content record and header; false with failure set. */
bool post_subject_read(struct post_subject *subject);

/* Folded for search: case and composition gone, blanks and line ends one space. */
void post_search_fold(struct slice utf8, struct buffer *into);
bool post_search_contains(struct slice folded, struct slice needle);

/* Walks the texts of a message for all needles of BODY and TEXT. */
struct post_body_search;
struct post_body_search *post_body_search_begin(const struct post_plan *const *plans,
	size_t count, struct post_subject *subject, bool *found);
/* True while there is more. */
bool post_body_search_step(struct post_body_search *search, enum base_failure *failure);
void post_body_search_end(struct post_body_search *search);

#endif
