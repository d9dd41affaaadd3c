#ifndef POST_VIEW_INTERNAL_H
#define POST_VIEW_INTERNAL_H

#include "post/feed.h"
#include "post/modseqs.h"
#include "post/view.h"
#include <stdatomic.h>

/*
 * A generation. Immutable but for its counts and its place in the mailbox's list of living
 * ones. references counts all holders; pins those outside the mailbox: each pin holds the
 * mailbox too.
 */
struct post_keyword {
	struct slice name; /* allocated */
	uint64_t since;    /* modseq of the change that gave it the number; 0: not known */
};
struct post_keywords {
	atomic_uint references;
	unsigned count;
	uint64_t modseq; /* the highest since */
	struct post_keyword *list;
};

struct post_view {
	atomic_uint references, pins;
	struct post_mailbox *mailbox;
	struct post_view *older, *newer; /* the mailbox's lock */
	uint64_t modseq;
	uint32_t uid_next;
	unsigned numbers; /* flag numbers below it may have a bitmap */
	struct post_keywords *keywords;
	struct post_modseqs modseqs;
	struct post_uids *uids;
	struct post_uids *flagged[]; /* by number; NULL: no message has it */
};

struct post_view *post_view_share(struct post_view *view); /* a reference, no pin */
void post_view_let(struct post_view *view);                /* gives it back; NULL is fine */
void post_view_let_scoped(struct post_view **view);

/* Puts it into the list of its mailbox's living generations. */
void post_view_enlist(struct post_view *view);

/* What loading finds, or a mailbox without any message; takes over keywords, uids … */
struct post_view *post_view_blank(void);

/* Applies changes, in order of their modseqs, to a copy. Bitmaps are copied once. */
struct post_view_builder;
struct post_view_builder *post_view_build(const struct post_view *from);
void post_view_apply(struct post_view_builder *builder, const struct post_change *change);
struct post_view *post_view_built(struct post_view_builder *builder); /* ends it */

struct post_keywords *post_keywords_create(void);
void post_keywords_drop(struct post_keywords *keywords);
int post_keywords_find(const struct post_keywords *keywords, struct slice name);
/*
 * Only one that nobody shares. The index is that of another keyword, whose number it gets,
 * or the next; false when it is neither, or the table is full.
 */
bool post_keywords_put(
	struct post_keywords *keywords, unsigned index, struct slice name, uint64_t since);

/* The image: a view as bytes, with a checksum. */
bool post_view_pack(const struct post_view *view, struct buffer *into);
MUST_CHECK enum base_failure post_view_unpack(
	struct slice value, struct post_view **unpacked);

#endif
