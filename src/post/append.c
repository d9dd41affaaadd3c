#include "post/append.h"
#include "post/arrival.h"
#include "post/flags.h"
#include "post/mailbox-internal.h"

/* APPEND and import: sealed messages, all in one commit. */

static uint64_t
total_size(struct post_incoming *const *incoming, size_t count)
{
	uint64_t total = 0;
	for (size_t i = 0; i < count; i++)
		total += incoming[i]->size + incoming[i]->trace.length;
	return total;
}

enum base_failure
post_turn_check_room(const struct post_turn *turn, const struct post_touched *touched,
	uint64_t count, uint64_t bytes, const struct post_quota *quota,
	struct base_error *error)
{
	const struct post_usage used = {turn->ledger.bytes, turn->ledger.messages};
	if (!post_quota_has_room(quota, &used, count, bytes))
		return base_fail(error, BASE_QUOTA, "the account is over its quota");
	if (count >= UINT32_MAX - touched->head.uid_next)
		return base_fail(error, BASE_TOO_LARGE, "the mailbox has no UIDs left");
	return BASE_OK;
}

static enum base_failure
append_one(struct post_turn *turn, struct post_touched *touched,
	struct post_flagging *flagging, const struct post_incoming *incoming,
	struct post_append *append, struct base_error *error)
{
	int64_t now = post_now_ms(turn->account->post) / 1000;
	struct post_arrival arrival = {
		.incoming = incoming,
		.internal_date = append->has_date ? append->internal_date : now,
		.save_date = now,
		.zone = append->zone,
	};
	post_arrive(turn, touched, &arrival);
	append->uid = arrival.uid;
	return post_flagging_arrived(
		flagging, arrival.uid, append->flags, append->flag_count, error);
}

enum base_failure
post_append_in_turn(struct post_turn *turn, struct post_mailbox *mailbox,
	struct post_incoming *const *incoming, struct post_append *appends, size_t count,
	struct base_error *error)
{
	struct post_quota quota;
	struct post_touched *touched;
	SCOPED(post_flagging_release) struct post_flagging flagging = {0};
	enum base_failure failure = post_account_quota(mailbox->account, &quota);
	failure = failure ? failure : post_turn_head(turn, mailbox->id, &touched);
	if (failure)
		return base_fail(error, failure, "the mailbox is not there any more");
	failure = post_turn_check_room(
		turn, touched, count, total_size(incoming, count), &quota, error);
	if (failure)
		return failure;
	post_flagging_begin(&flagging, turn, touched, mailbox);
	for (size_t i = 0; i < count && !failure; i++) {
		failure = append_one(
			turn, touched, &flagging, incoming[i], &appends[i], error);
		appends[i].uid_validity = mailbox->uid_validity;
	}
	if (!failure)
		post_flagging_end(&flagging);
	return failure;
}

struct base_ticket *
post_append_messages(struct post_mailbox *mailbox, struct post_incoming *const *incoming,
	struct post_append *appends, size_t count, struct base_error *error)
{
	SCOPED(post_turn_release) struct post_turn turn;
	if (!count)
		return base_ticket_completed(BASE_OK);
	enum base_failure failure =
		post_turn_begin(&turn, mailbox->account, STORE_NEW_MAIL, error);
	if (!failure)
		failure = post_append_in_turn(
			&turn, mailbox, incoming, appends, count, error);
	if (failure)
		return NULL;
	struct base_ticket *ticket = post_turn_submit(&turn);
	post_account_settle(mailbox->account);
	return ticket;
}
