#include "post/change.h"
#include "post/mailbox-internal.h"
#include "post/partial.h"
#include "post/uids-internal.h"

/* Changes of any number of messages, slice by slice. */

struct many {
	struct post_mailbox *from;
	const struct post_uids *uids;
	const struct post_flags *within; /* of COPY and MOVE */
	uint32_t done;                   /* of uids, counted */
	post_stop *stop;
	void *argument;
	/* The slice before: waited for when the next is submitted, so that the disk is
	 * never idle and the queue holds two. */
	struct base_ticket *before;
};

static enum base_failure
wait_for_former(struct many *many)
{
	enum base_failure outcome = BASE_OK;
	if (many->before)
		outcome = base_ticket_await(many->before);
	many->before = NULL;
	return outcome;
}

/* What comes meanwhile, by a copy itself if both mailboxes are one, is not among them. */
static struct post_uids *
those_there(struct post_mailbox *mailbox, const struct post_uids *uids)
{
	SCOPED(post_view_release) struct post_view *view = post_view_newest(mailbox);
	struct post_uids *there = post_uids_copy(uids);
	post_uids_and(there, view->uids);
	return there;
}

/* NULL: that was all. */
static struct post_uids *
next_slice(struct many *many)
{
	uint32_t count = post_uids_count(many->uids) - many->done;
	if (!count)
		return NULL;
	count = count < POST_SLICE ? count : POST_SLICE;
	struct post_uids *slice = post_uids_create();
	post_uids_add_range(slice, post_uids_at(many->uids, many->done + 1),
		post_uids_at(many->uids, many->done + count));
	post_uids_and(slice, many->uids);
	many->done += count;
	return slice;
}

/* ticket NULL: error says why. */
static enum base_failure
after_slice(struct many *many, struct base_ticket *ticket, const struct base_error *error)
{
	enum base_failure failure = wait_for_former(many);
	many->before = ticket;
	if (!failure && !ticket)
		failure = error->failure;
	if (!failure && many->stop && many->stop(many->argument))
		failure = BASE_CANCELLED;
	return failure;
}

static enum base_failure
ended(struct many *many, enum base_failure failure)
{
	enum base_failure last = wait_for_former(many);
	return failure ? failure : last;
}

/* --- COPY and MOVE -------------------------------------------------------------------- */

static void
add_copied(struct post_copied *all, const struct post_copied *some)
{
	all->uid_validity = some->uid_validity;
	for (size_t i = 0; i < some->count; i++) {
		all->source[all->count] = some->source[i];
		all->target[all->count++] = some->target[i];
	}
}

static enum base_failure
copy_slice(struct many *many, const struct post_uids *slice, struct post_mailbox *to,
	struct post_partial *partial, struct post_copied *copied)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct base_error error = {0};
	struct post_copied some = {.uid_validity = to->uid_validity};
	struct base_ticket *ticket = partial ? post_partial_copy(partial, many->from, slice,
						       to, arena, &some, &error)
					     : post_copy_within(many->from, slice, to, true,
						       many->within, arena, &some, &error);
	add_copied(copied, &some);
	return after_slice(many, ticket, &error);
}

static enum base_failure
copy_slices(struct many *many, struct post_mailbox *to, struct post_partial *partial,
	struct post_copied *copied)
{
	enum base_failure failure = BASE_OK;
	struct post_uids *slice;
	while (!failure && (slice = next_slice(many))) {
		failure = copy_slice(many, slice, to, partial, copied);
		post_uids_destroy(slice);
	}
	return ended(many, failure);
}

/* What can't be taken back now, the chores will. */
static void
take_back(struct post_account *account, struct post_partial *partial)
{
	enum base_failure failure =
		partial->first ? post_partial_undo(account, partial) : BASE_OK;
	if (failure)
		LOG(account->post->log, BASE_LOG_WARN, "post.copy-not-taken-back",
			LOG_NUMBER("account", account->id), LOG_FAILURE(failure));
}

static enum base_failure
copy_whole(struct many *many, struct post_mailbox *to, struct post_copied *copied)
{
	struct post_account *account = to->account;
	struct post_partial partial = {
		.mailbox = to->id, .uids = post_uids_create(), .within = many->within};
	atomic_fetch_add(&account->copying, 1);
	enum base_failure failure = copy_slices(many, to, &partial, copied);
	if (failure)
		take_back(account, &partial);
	else
		failure = post_partial_end(account, &partial);
	atomic_fetch_sub(&account->copying, 1);
	post_uids_destroy(partial.uids);
	return failure;
}

enum base_failure
post_copy_many(struct post_mailbox *from, const struct post_uids *uids,
	struct post_mailbox *to, bool move, const struct post_flags *within,
	post_stop *stop, void *argument, struct arena *arena, struct post_copied *copied)
{
	SCOPED(post_uids_release) struct post_uids *wanted = those_there(from, uids);
	struct many many = {.from = from,
		.uids = wanted,
		.within = within,
		.stop = stop,
		.argument = argument};
	uint32_t count = post_uids_count(wanted);
	*copied = (struct post_copied){.uid_validity = to->uid_validity,
		.source = ARENA_MANY(arena, uint32_t, count),
		.target = ARENA_MANY(arena, uint32_t, count)};
	return move ? copy_slices(&many, to, NULL, copied) : copy_whole(&many, to, copied);
}

/* --- EXPUNGE -------------------------------------------------------------------------- */

enum base_failure
post_expunge_many(struct post_mailbox *mailbox, const struct post_uids *uids,
	bool only_deleted, post_stop *stop, void *argument)
{
	SCOPED(post_uids_release) struct post_uids *wanted = those_there(mailbox, uids);
	struct many many = {
		.from = mailbox, .uids = wanted, .stop = stop, .argument = argument};
	enum base_failure failure = BASE_OK;
	struct post_uids *slice;
	while (!failure && (slice = next_slice(&many))) {
		struct base_error error = {0};
		struct base_ticket *ticket =
			post_expunge(mailbox, slice, only_deleted, NULL, &error);
		failure = after_slice(&many, ticket, &error);
		post_uids_destroy(slice);
	}
	return ended(&many, failure);
}
