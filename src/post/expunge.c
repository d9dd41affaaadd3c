#include "post/change.h"
#include "post/removal.h"

static enum base_failure
expunge_in_turn(struct post_turn *turn, struct post_mailbox *mailbox,
	const struct post_candidates *candidates, bool only_deleted,
	struct post_uids **expunged, struct base_error *error)
{
	struct post_touched *touched;
	enum base_failure failure = post_turn_head(turn, mailbox->id, &touched);
	if (failure)
		return base_fail(error, failure, "the mailbox is not there any more");
	SCOPED(post_view_let_scoped) struct post_view *tip = post_mailbox_tip(mailbox);
	struct post_uids *uids = post_candidates_now(candidates, tip, only_deleted);
	if (!post_uids_empty(uids))
		post_take_out(turn, touched, tip, uids,
			post_candidates_bytes(candidates, uids), false);
	*expunged = uids;
	return BASE_OK;
}

struct base_ticket *
post_expunge(struct post_mailbox *mailbox, const struct post_uids *uids, bool only_deleted,
	struct post_uids **expunged, struct base_error *error)
{
	SCOPED(post_candidates_free) struct post_candidates candidates;
	SCOPED(post_turn_release) struct post_turn turn = {0};
	SCOPED(post_uids_release) struct post_uids *gone = NULL;
	if (expunged)
		*expunged = NULL;
	enum base_failure failure =
		post_candidates_load(mailbox, uids, only_deleted, NULL, &candidates);
	if (failure) {
		base_fail(error, failure, "the mailbox's entries can't be read");
		return NULL;
	}
	failure = post_turn_begin(&turn, mailbox->account, STORE_CHANGE, error);
	if (!failure)
		failure = expunge_in_turn(
			&turn, mailbox, &candidates, only_deleted, &gone, error);
	if (failure)
		return NULL;
	bool nothing = post_uids_empty(gone);
	if (expunged) {
		*expunged = gone;
		gone = NULL;
	}
	return nothing ? base_ticket_completed(BASE_OK) : post_turn_submit(&turn);
}
