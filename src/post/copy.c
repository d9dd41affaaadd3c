#include "post/copy.h"
#include "post/partial.h"
#include "post/uids-internal.h"

/*
 * COPY and MOVE: new entries of the same contents. How many entries a content has beyond
 * its first is counted in a row of its own.
 *
 * A COPY is one commit, as it happens whole or not at all (RFC 3501 6.4.7), or part of a
 * larger one (partial.h). A MOVE need not (RFC 6851 3.3): it goes in slices, so that
 * deliveries find the account's turn free.
 */
#define MOVE_SLICE 2000

static void
end_slice(struct post_copying *copying)
{
	post_flagging_release(&copying->flagging);
	copying->flagging = (struct post_flagging){0};
	post_uids_release(&copying->uids);
	copying->uids = NULL;
	post_view_let(copying->source_tip);
	copying->source_tip = NULL;
	if (copying->is_across)
		post_across_end(copying);
	else
		post_turn_release(&copying->turn);
}

static void
copying_release(struct post_copying *copying)
{
	post_candidates_free(&copying->candidates);
}

/* Those of the slice that the tip still shows. */
static void
choose(struct post_copying *copying)
{
	const struct post_kept_entries *entries = &copying->candidates.entries;
	copying->uids = post_uids_create();
	copying->bytes = 0;
	for (size_t i = copying->first; i < copying->end; i++) {
		if (!post_uids_has(copying->source_tip->uids, entries->list[i].uid))
			continue;
		post_uids_add(copying->uids, entries->list[i].uid);
		copying->bytes += entries->list[i].record.size;
	}
}

static bool
goes_along(const struct post_copying *copying, unsigned number)
{
	const struct post_uids *flagged = post_view_flagged(copying->source_tip, number);
	return flagged && (!copying->within || post_flags_has(copying->within, number)) &&
	       roaring_bitmap_intersect(flagged->bitmap, copying->uids->bitmap);
}

/* What the target's table has already is not displaced by what it has not. */
static void
keep_flags(struct post_copying *copying)
{
	for (unsigned i = 0; i < POST_FLAG_NUMBERS; i++) {
		struct slice name = post_flag_name(copying->source_tip, i);
		if (goes_along(copying, i))
			post_flagging_keep(&copying->flagging, &name, 1);
	}
}

/* A keyword for which the target's table has no room is lost on the way. */
static void
map_flags(struct post_copying *copying)
{
	for (unsigned i = 0; i < POST_FLAG_NUMBERS; i++) {
		struct slice name = post_flag_name(copying->source_tip, i);
		struct post_flags flags;
		copying->numbers[i] = -1;
		if (!goes_along(copying, i))
			continue;
		if (post_flagging_numbers(&copying->flagging, &name, 1, true, &flags, NULL))
			continue;
		for (unsigned n = 0; n < POST_FLAG_NUMBERS; n++)
			if (post_flags_has(&flags, n))
				copying->numbers[i] = (int)n;
	}
}

static struct post_flags
flags_there(const struct post_copying *copying, uint32_t uid)
{
	struct post_flags here = post_view_flags(copying->source_tip, uid);
	struct post_flags there = {{0}};
	for (unsigned i = 0; i < POST_FLAG_NUMBERS; i++)
		if (post_flags_has(&here, i) && copying->numbers[i] >= 0)
			post_flags_set(&there, (unsigned)copying->numbers[i]);
	return there;
}

void
post_put_copy(struct post_turn *turn, struct post_touched *target,
	const struct post_entry_record *of, uint32_t *uid)
{
	struct post_entry_record entry = *of;
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	struct post_key key = post_key_entry(target->mailbox, target->head.uid_next);
	*uid = target->head.uid_next;
	entry.save_date = post_now_ms(turn->account->post) / 1000;
	post_entry_pack(&entry, &value);
	post_turn_put(turn, &key, &value);
	post_turn_count_arrival(turn, target, entry.size);
}

void
post_count_copy(struct post_turn *turn, const struct post_entry_record *of)
{
	struct post_key copies = post_key_copies(of->email);
	store_add(turn->turn, post_key_slice(&copies), 1);
}

/* After all entries, as rows that are put in the order of their keys cost the least. */
static void
count_all(struct post_copying *copying)
{
	const struct post_kept_entries *entries = &copying->candidates.entries;
	for (size_t i = copying->first; i < copying->end; i++)
		if (post_uids_has(copying->uids, entries->list[i].uid))
			post_count_copy(&copying->turn, &entries->list[i].record);
}

static void
copy_all(struct post_copying *copying, struct post_copied *copied)
{
	const struct post_kept_entries *entries = &copying->candidates.entries;
	for (size_t i = copying->first; i < copying->end; i++) {
		uint32_t uid = entries->list[i].uid, there;
		if (!post_uids_has(copying->uids, uid))
			continue;
		struct post_flags flags = flags_there(copying, uid);
		if (copying->is_across)
			post_across_put(copying, i, &there);
		else
			post_put_copy(&copying->turn, copying->target,
				&entries->list[i].record, &there);
		post_flagging_arrived_as(&copying->flagging, there, &flags);
		copied->source[copied->count] = uid;
		copied->target[copied->count++] = there;
		if (copying->partial)
			post_uids_add(copying->partial->uids, there);
	}
	if (!copying->is_across)
		count_all(copying);
	post_flagging_end(&copying->flagging);
}

static enum base_failure
find_heads(struct post_copying *copying, struct base_error *error)
{
	enum base_failure failure =
		post_turn_head(&copying->turn, copying->from->id, &copying->source);
	if (!failure)
		failure = post_turn_head(
			copying->target_turn, copying->to->id, &copying->target);
	return failure ? base_fail(error, failure, "the mailbox is not there any more")
		       : BASE_OK;
}

/* A move takes no room, but for the moment until it is purged. */
static enum base_failure
check_room(struct post_copying *copying, bool move, struct base_error *error)
{
	struct post_quota quota = {0};
	enum base_failure failure =
		move && !copying->is_across
			? BASE_OK
			: post_account_quota(copying->to->account, &quota);
	if (failure)
		return base_fail(error, failure, "the account is disabled");
	return post_turn_check_room(copying->target_turn, copying->target,
		post_uids_count(copying->uids), copying->bytes, &quota, error);
}

static enum base_failure
copy_in_turn(struct post_copying *copying, bool move, struct post_copied *copied,
	struct base_error *error)
{
	enum base_failure failure = find_heads(copying, error);
	if (failure)
		return failure;
	copying->source_tip = post_mailbox_tip(copying->from);
	choose(copying);
	failure = check_room(copying, move, error);
	if (failure || post_uids_empty(copying->uids))
		return failure;
	post_flagging_begin(
		&copying->flagging, copying->target_turn, copying->target, copying->to);
	keep_flags(copying);
	map_flags(copying);
	copy_all(copying, copied);
	if (copying->partial)
		post_partial_put(copying->partial, copying->target_turn);
	if (move)
		post_take_out(&copying->turn, copying->source, copying->source_tip,
			copying->uids, copying->bytes, true);
	return BASE_OK;
}

static enum base_failure
begin_turn(struct post_copying *copying, bool move, struct base_error *error)
{
	copying->target_turn = &copying->turn;
	return copying->is_across ? post_across_begin(copying, error)
				  : post_turn_begin(&copying->turn, copying->from->account,
					    move ? STORE_CHANGE : STORE_NEW_MAIL, error);
}

static struct base_ticket *
submit(struct post_copying *copying, bool move)
{
	return copying->is_across ? post_across_submit(copying, move)
				  : post_turn_submit(&copying->turn);
}

/* NULL with a failure in *error. */
static struct base_ticket *
copy_slice(struct post_copying *copying, bool move, struct post_copied *copied,
	struct base_error *error)
{
	struct base_ticket *ticket = NULL;
	enum base_failure failure = begin_turn(copying, move, error);
	if (!failure)
		failure = copy_in_turn(copying, move, copied, error);
	if (!failure)
		ticket = post_uids_empty(copying->uids) ? base_ticket_completed(BASE_OK)
							: submit(copying, move);
	end_slice(copying);
	return ticket;
}

static struct base_ticket *
copy_in_slices(struct post_copying *copying, bool move, struct arena *arena,
	struct post_copied *copied, struct base_error *error)
{
	size_t all = copying->candidates.entries.count, count = 0;
	size_t each = move ? MOVE_SLICE : all;
	struct base_ticket **tickets =
		ARENA_MANY(arena, struct base_ticket *, each ? all / each + 1 : 1);
	do {
		copying->first = copying->end;
		copying->end = all - copying->first > each ? copying->first + each : all;
		struct base_ticket *ticket = copy_slice(copying, move, copied, error);
		if (!ticket) {
			base_ticket_drop(base_ticket_all(tickets, count));
			return NULL;
		}
		tickets[count++] = ticket;
	} while (copying->end < all);
	return base_ticket_all(tickets, count);
}

static enum base_failure
load(struct post_copying *copying, const struct post_uids *uids, struct arena *arena,
	struct base_error *error)
{
	copying->is_across = copying->from->account != copying->to->account;
	enum base_failure failure = post_candidates_load(
		copying->from, uids, false, arena, &copying->candidates);
	if (!failure && copying->is_across)
		failure = post_across_load(copying, arena);
	if (failure == BASE_TOO_LARGE)
		return base_fail(error, failure,
			"that is too much to copy into another account at once");
	return failure ? base_fail(error, failure, "the mailbox's entries can't be read")
		       : BASE_OK;
}

static struct base_ticket *
copy_candidates(struct post_copying *copying, const struct post_uids *uids, bool move,
	struct arena *arena, struct post_copied *copied, struct base_error *error)
{
	SCOPED(arena_release) struct arena *read = arena_create(ARENA_NO_CEILING);
	if (load(copying, uids, read, error))
		return NULL;
	size_t count = copying->candidates.entries.count;
	*copied = (struct post_copied){.uid_validity = copying->to->uid_validity,
		.source = ARENA_MANY(arena, uint32_t, count),
		.target = ARENA_MANY(arena, uint32_t, count)};
	struct base_ticket *ticket = copy_in_slices(copying, move, arena, copied, error);
	post_account_settle(copying->to->account);
	if (copying->is_across && move)
		post_account_settle(copying->from->account);
	return ticket;
}

struct base_ticket *
post_copy(struct post_mailbox *from, const struct post_uids *uids, struct post_mailbox *to,
	bool move, struct arena *arena, struct post_copied *copied,
	struct base_error *error)
{
	return post_copy_within(from, uids, to, move, NULL, arena, copied, error);
}

struct base_ticket *
post_copy_within(struct post_mailbox *from, const struct post_uids *uids,
	struct post_mailbox *to, bool move, const struct post_flags *within,
	struct arena *arena, struct post_copied *copied, struct base_error *error)
{
	SCOPED(copying_release)
	struct post_copying copying = {.from = from, .to = to, .within = within};
	return copy_candidates(&copying, uids, move, arena, copied, error);
}

struct base_ticket *
post_partial_copy(struct post_partial *partial, struct post_mailbox *from,
	const struct post_uids *uids, struct post_mailbox *to, struct arena *arena,
	struct post_copied *copied, struct base_error *error)
{
	SCOPED(copying_release)
	struct post_copying copying = {
		.from = from, .to = to, .within = partial->within, .partial = partial};
	return copy_candidates(&copying, uids, false, arena, copied, error);
}
