#include "post/partial.h"
#include "post/mailbox-internal.h"
#include "post/removal.h"
#include "post/uids-internal.h"

static void
put_row(struct post_turn *turn, const struct post_partial *partial)
{
	struct post_key key = post_key_partial(partial->mailbox, partial->first);
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	if (post_uids_empty(partial->uids)) {
		store_delete(turn->turn, post_key_slice(&key));
		return;
	}
	buffer_put_byte(&value, POST_RECORD_FORMAT);
	post_uids_pack(partial->uids, &value);
	ASSERT(!buffer_failed(&value));
	post_turn_put(turn, &key, &value);
}

void
post_partial_put(struct post_partial *partial, struct post_turn *turn)
{
	if (!partial->first)
		partial->first = post_uids_least(partial->uids);
	post_uids_settle(partial->uids);
	put_row(turn, partial);
}

enum base_failure
post_partial_end(struct post_account *account, const struct post_partial *partial)
{
	SCOPED(post_turn_release) struct post_turn turn = {0};
	struct post_key key = post_key_partial(partial->mailbox, partial->first);
	if (!partial->first)
		return BASE_OK;
	enum base_failure failure = post_turn_begin(&turn, account, STORE_CHANGE, NULL);
	if (failure)
		return failure;
	store_delete(turn.turn, post_key_slice(&key));
	return base_ticket_await(post_turn_submit(&turn));
}

/* --- taking back ---------------------------------------------------------------------- */

static enum base_failure
take_out_in_turn(struct post_turn *turn, struct post_mailbox *mailbox,
	const struct post_candidates *candidates)
{
	struct post_touched *touched;
	enum base_failure failure = post_turn_head(turn, mailbox->id, &touched);
	if (failure)
		return failure;
	SCOPED(post_view_let_scoped) struct post_view *tip = post_mailbox_tip(mailbox);
	SCOPED(post_uids_release)
	struct post_uids *now = post_candidates_now(candidates, tip, false);
	/* As if moved: not to be restored. */
	if (!post_uids_empty(now))
		post_take_out(turn, touched, tip, now,
			post_candidates_bytes(candidates, now), true);
	return BASE_OK;
}

static enum base_failure
undo_slice(struct post_mailbox *mailbox, struct post_partial *partial)
{
	SCOPED(post_candidates_free) struct post_candidates candidates = {0};
	SCOPED(post_turn_release) struct post_turn turn = {0};
	SCOPED(post_uids_release)
	struct post_uids *part = post_uids_first(partial->uids, POST_SLICE);
	enum base_failure failure =
		post_candidates_load(mailbox, part, false, NULL, &candidates);
	if (!failure)
		failure = post_turn_begin(&turn, mailbox->account, STORE_CHANGE, NULL);
	if (!failure)
		failure = take_out_in_turn(&turn, mailbox, &candidates);
	if (failure)
		return failure;
	post_uids_minus(partial->uids, part);
	put_row(&turn, partial);
	return base_ticket_await(post_turn_submit(&turn));
}

enum base_failure
post_partial_undo(struct post_account *account, struct post_partial *partial)
{
	SCOPED(post_mailbox_let_scoped) struct post_mailbox *mailbox = NULL;
	enum base_failure failure =
		post_mailbox_open_by_id(account, partial->mailbox, &mailbox);
	while (!failure && !post_uids_empty(partial->uids))
		failure = undo_slice(mailbox, partial);
	return failure == BASE_NOT_FOUND ? post_partial_end(account, partial) : failure;
}

enum base_failure
post_partial_take_back(struct post_account *account, struct slice key, struct slice value)
{
	SCOPED(post_uids_release) struct post_uids *uids = NULL;
	struct post_partial partial = {0};
	if (!post_key_take_partial(key, &partial.mailbox, &partial.first) ||
		!post_take_format(&value) || !post_uids_unpack(value, &uids))
		return BASE_DAMAGED;
	LOG(account->post->log, BASE_LOG_INFO, "post.copy-taken-back",
		LOG_NUMBER("account", account->id), LOG_NUMBER("mailbox", partial.mailbox),
		LOG_NUMBER("messages", post_uids_count(uids)));
	partial.uids = uids;
	return post_partial_undo(account, &partial);
}
