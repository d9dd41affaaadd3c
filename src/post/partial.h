#ifndef POST_PARTIAL_H
#define POST_PARTIAL_H

#include "post/change.h"
#include "post/turn.h"

/*
 * A COPY in slices happens whole or not at all, too (RFC 3501 6.4.7): each slice's commit
 * has a row with the UIDs that were made so far, and the last commit takes the row away. A
 * row that no running copy answers for tells what is to be taken back.
 */
struct post_partial {
	uint32_t mailbox;
	uint32_t first; /* UID, the row's key; 0: there is no row yet */
	struct post_uids *uids;
	const struct post_flags *within; /* as post_copy_within */
};

/* In a slice's turn, after its UIDs were added. */
void post_partial_put(struct post_partial *partial, struct post_turn *turn);
/* A slice: as post_copy, in one commit. */
struct base_ticket *post_partial_copy(struct post_partial *partial,
	struct post_mailbox *from, const struct post_uids *uids, struct post_mailbox *to,
	struct arena *arena, struct post_copied *copied, struct base_error *error);

/* The rest wait for their commits. It is whole: the row goes. */
enum base_failure post_partial_end(
	struct post_account *account, const struct post_partial *partial) MUST_CHECK;
/* It is not: its messages go, then the row. */
enum base_failure post_partial_undo(
	struct post_account *account, struct post_partial *partial) MUST_CHECK;
enum base_failure post_partial_take_back(
	struct post_account *account, struct slice key, struct slice value) MUST_CHECK;

#endif
