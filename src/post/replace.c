/* REPLACE (RFC 8508): messages come in where others go, in one commit. */
#include "post/append.h"
#include "post/mailbox-internal.h"
#include "post/publication.h"
#include "post/removal.h"

static enum base_failure
take_out_replaced(struct post_turn *turn, struct post_mailbox *from,
	const struct post_candidates *candidates, struct base_error *error)
{
	struct post_touched *touched;
	enum base_failure failure = post_turn_head(turn, from->id, &touched);
	if (failure)
		return base_fail(error, failure, "the mailbox is not there any more");
	SCOPED(post_view_let_scoped) struct post_view *tip = post_mailbox_tip(from);
	SCOPED(post_uids_release)
	struct post_uids *uids = post_candidates_now(candidates, tip, false);
	if (post_uids_empty(uids))
		return base_fail(error, BASE_NOT_FOUND, "the message is gone");
	post_take_out(
		turn, touched, tip, uids, post_candidates_bytes(candidates, uids), false);
	return BASE_OK;
}

/* Both mailboxes in one turn, or, of two accounts, in a set of two. */
struct replacing {
	struct store_set *set; /* NULL: one turn */
	struct post_turn turn; /* of the target */
	struct post_turn other;
	struct post_turn *source_turn;
};

static void
replacing_release(struct replacing *replacing)
{
	if (replacing->turn.account)
		post_turn_release(&replacing->turn);
	if (replacing->other.account)
		post_turn_release(&replacing->other);
	if (replacing->set)
		store_set_abandon(replacing->set);
}

static enum base_failure
begin_two(struct replacing *replacing, struct post_account *from, struct post_account *to,
	struct base_error *error)
{
	struct store_space *spaces[] = {to->space, from->space};
	enum base_failure failure = store_set_begin(
		to->post->store, spaces, 2, STORE_NEW_MAIL, &replacing->set);
	replacing->source_turn = &replacing->other;
	if (!failure)
		failure = post_turn_join(
			&replacing->turn, to, store_set_turn(replacing->set, 0));
	if (!failure)
		failure = post_turn_join(
			&replacing->other, from, store_set_turn(replacing->set, 1));
	return failure ? base_fail(error, failure, "the store can't take mail now: %s",
				 base_failure_name(failure))
		       : BASE_OK;
}

static enum base_failure
begin_replacing(struct replacing *replacing, struct post_account *from,
	struct post_account *to, struct base_error *error)
{
	if (from != to)
		return begin_two(replacing, from, to, error);
	replacing->source_turn = &replacing->turn;
	return post_turn_begin(&replacing->turn, to, STORE_NEW_MAIL, error);
}

static struct base_ticket *
submit_replacing(struct replacing *replacing)
{
	struct post *post = replacing->turn.account->post;
	if (!replacing->set)
		return post_turn_submit(&replacing->turn);
	post_turn_finish(&replacing->turn);
	post_turn_finish(&replacing->other);
	struct base_ticket *ticket = store_set_submit(&replacing->set);
	post_await_later(post, ticket);
	return ticket;
}

struct base_ticket *
post_replace_messages(struct post_mailbox *from, const struct post_uids *uids,
	struct post_mailbox *to, struct post_incoming *const *incoming,
	struct post_append *appends, size_t count, struct base_error *error)
{
	SCOPED(post_candidates_free) struct post_candidates candidates;
	SCOPED(replacing_release) struct replacing replacing = {0};
	enum base_failure failure =
		post_candidates_load(from, uids, false, NULL, &candidates);
	if (failure) {
		base_fail(error, failure, "the mailbox's entries can't be read");
		return NULL;
	}
	failure = begin_replacing(&replacing, from->account, to->account, error);
	/* What goes makes room: a full account must be able to save its draft anew. */
	if (!failure)
		failure =
			take_out_replaced(replacing.source_turn, from, &candidates, error);
	if (!failure)
		failure = post_append_in_turn(
			&replacing.turn, to, incoming, appends, count, error);
	if (failure)
		return NULL;
	struct base_ticket *ticket = submit_replacing(&replacing);
	post_account_settle(to->account);
	if (from->account != to->account)
		post_account_settle(from->account);
	return ticket;
}
