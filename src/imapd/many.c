#include "imapd/many.h"
#include <stdatomic.h>

struct imapd_many {
	atomic_uint references;
	enum imapd_many_change change;
	struct net *net;
	struct post_mailbox *mailbox, *target; /* held; target NULL: EXPUNGE */
	struct post_uids *uids;
	struct post_flags allowed;
	struct arena *arena; /* of what was copied */
	struct post_copied copied;
};

void
imapd_many_drop(struct imapd_many *many)
{
	if (!many || atomic_fetch_sub(&many->references, 1) > 1)
		return;
	post_mailbox_close(many->mailbox);
	post_mailbox_close(many->target);
	post_uids_destroy(many->uids);
	arena_destroy(many->arena);
	free(many);
}

struct post_copied
imapd_many_copied(const struct imapd_many *many)
{
	return many->copied;
}

static bool
stopping(void *argument)
{
	const struct imapd_many *many = argument;
	return net_stopping(many->net);
}

static enum base_failure
run(void *argument, struct arena *moved)
{
	struct imapd_many *many = argument;
	(void)moved;
	enum base_failure failure =
		many->change == IMAPD_MANY_EXPUNGE
			? post_expunge_many(many->mailbox, many->uids, true, stopping, many)
			: post_copy_many(many->mailbox, many->uids, many->target,
				  many->change == IMAPD_MANY_MOVE, &many->allowed, stopping,
				  many, many->arena, &many->copied);
	imapd_many_drop(many);
	return failure;
}

struct imapd_many *
imapd_many_begin(struct imapd_session *session, enum imapd_many_change change,
	const struct post_uids *uids, struct post_mailbox *target,
	const struct post_flags *allowed, struct base_ticket **ticket)
{
	struct imapd_many *many = calloc(1, sizeof *many);
	ASSERT(many);
	*many = (struct imapd_many){.change = change,
		.net = net_of(session->net),
		.mailbox = post_mailbox_hold(session->selected->mailbox),
		.target = target ? post_mailbox_hold(target) : NULL,
		.uids = post_uids_copy(uids),
		.allowed = allowed ? *allowed : (struct post_flags){{0}},
		.arena = arena_create(ARENA_NO_CEILING)};
	atomic_store(&many->references, 2);
	struct arena *moved = arena_create(ARENA_NO_CEILING);
	*ticket = net_errand(many->net, NET_LANE_CHANGES, run, many, moved);
	if (*ticket)
		return many;
	arena_destroy(moved);
	atomic_store(&many->references, 1);
	imapd_many_drop(many);
	return NULL;
}

/* The view may be older than what this client itself flagged: the newest flags count. */
static bool
are_many(const struct imapd_session *session, const struct post_uids *uids)
{
	SCOPED(post_view_release)
	struct post_view *newest = post_view_newest(session->selected->mailbox);
	const struct post_uids *deleted = post_view_flagged(newest, POST_DELETED);
	if (!deleted || post_uids_count(deleted) <= POST_SLICE)
		return false;
	SCOPED(post_uids_release) struct post_uids *some = post_uids_copy(uids);
	post_uids_and(some, deleted);
	return post_uids_count(some) > POST_SLICE;
}

struct base_ticket *
imapd_expunge(struct imapd_session *session, const struct post_uids *uids,
	enum base_failure *failure)
{
	struct base_error error = {.failure = BASE_UNAVAILABLE};
	struct base_ticket *ticket = NULL;
	if (are_many(session, uids))
		imapd_many_drop(imapd_many_begin(
			session, IMAPD_MANY_EXPUNGE, uids, NULL, NULL, &ticket));
	else
		ticket = post_expunge(session->selected->mailbox, uids, true, NULL, &error);
	*failure = error.failure;
	return ticket;
}
