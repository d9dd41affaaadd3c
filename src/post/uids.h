#ifndef POST_UIDS_H
#define POST_UIDS_H

#include "base/base.h"

/*
 * A set of UIDs (or of sequence numbers): a compressed bitmap. Sequence number to UID is
 * select, back is rank. Owned by whoever made it; those inside a view are const and shared.
 */
struct post_uids;

struct post_uids *post_uids_create(void);
struct post_uids *post_uids_copy(const struct post_uids *uids);
struct post_uids *post_uids_first(const struct post_uids *uids, uint32_t count);
void post_uids_destroy(struct post_uids *uids);  /* NULL is fine */
void post_uids_release(struct post_uids **uids); /* for SCOPED */

void post_uids_add(struct post_uids *uids, uint32_t uid);
void post_uids_add_range(
	struct post_uids *uids, uint32_t first, uint32_t last); /* both in */
void post_uids_remove(struct post_uids *uids, uint32_t uid);
bool post_uids_has(const struct post_uids *uids, uint32_t uid);
uint32_t post_uids_count(const struct post_uids *uids);
bool post_uids_empty(const struct post_uids *uids);
uint32_t post_uids_least(const struct post_uids *uids); /* 0 when empty */
uint32_t post_uids_most(const struct post_uids *uids);  /* 0 when empty */
uint32_t post_uids_at(
	const struct post_uids *uids, uint32_t rank); /* rank from 1; 0: none */
uint32_t post_uids_rank(const struct post_uids *uids, uint32_t uid); /* from 1; 0: not in */
bool post_uids_equal(const struct post_uids *a, const struct post_uids *b);

/* The first operand is changed. */
void post_uids_and(struct post_uids *into, const struct post_uids *other);
void post_uids_or(struct post_uids *into, const struct post_uids *other);
void post_uids_minus(struct post_uids *into, const struct post_uids *other);
void post_uids_xor(struct post_uids *into, const struct post_uids *other);

/*
 * Ascending walk: start with after = 0; the next member greater than it, 0 at the end.
 * For long walks use the cursor, which does not search from the top each time.
 */
uint32_t post_uids_next(const struct post_uids *uids, uint32_t after);
struct post_uids_cursor;
struct post_uids_cursor *post_uids_walk(
	const struct post_uids *uids);                           /* uids must outlive it */
uint32_t post_uids_cursor_next(struct post_uids_cursor *cursor); /* 0 at the end */
void post_uids_cursor_destroy(struct post_uids_cursor *cursor);
void post_uids_cursor_release(struct post_uids_cursor **cursor);
/* The next members greater than after, at most so many: to go through a set by pieces. */
struct post_uids *post_uids_some(
	const struct post_uids *uids, uint32_t after, uint32_t most);
/* Ascending maximal ranges, for compact texts "1:5,7": false at the end; start *last = 0.
 */
bool post_uids_next_range(const struct post_uids *uids, uint32_t *first, uint32_t *last);

bool post_uids_pack(const struct post_uids *uids, struct buffer *into);
MUST_CHECK bool post_uids_unpack(struct slice bytes, struct post_uids **uids);

#endif
