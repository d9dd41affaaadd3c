#include "post/change.h"
#include "post/flags.h"
#include "post/uids-internal.h"

/* STORE: one feed row, whatever the number of messages. */

static struct post_uids *
wanted_uids(const struct post_view *tip, const struct post_uids *uids)
{
	struct post_uids *wanted = post_uids_copy(uids);
	post_uids_and(wanted, tip->uids);
	return wanted;
}

/* RFC 7162 3.1.3: those changed since are left alone, and named. */
static void
take_conflicts(const struct post_view *tip, struct post_uids *wanted,
	struct post_flag_change *change)
{
	if (!change->conditional)
		return;
	post_modseqs_since(
		&tip->modseqs, change->unchanged_since, wanted, change->conflicts);
	post_uids_minus(wanted, change->conflicts);
}

/* Those of wanted that do not have the flag, or those that have it. */
static void
add_affected(const struct post_uids *wanted, const struct post_uids *flagged, bool setting,
	struct post_uids *affected)
{
	if (!flagged && !setting)
		return;
	SCOPED(post_uids_release) struct post_uids *part = post_uids_copy(wanted);
	if (!setting)
		post_uids_and(part, flagged);
	else if (flagged)
		post_uids_minus(part, flagged);
	post_uids_or(affected, part);
}

static struct post_uids *
affected_uids(const struct post_view *tip, const struct post_uids *wanted,
	const struct post_flags *set, const struct post_flags *clear)
{
	struct post_uids *affected = post_uids_create();
	for (unsigned i = 0; i < POST_FLAG_NUMBERS; i++) {
		const struct post_uids *flagged = post_view_flagged(tip, i);
		if (post_flags_has(set, i))
			add_affected(wanted, flagged, true, affected);
		else if (post_flags_has(clear, i))
			add_affected(wanted, flagged, false, affected);
	}
	return affected;
}

static uint32_t
count_flagged(const struct post_view *tip, const struct post_uids *uids, unsigned number)
{
	const struct post_uids *flagged = post_view_flagged(tip, number);
	return flagged ? (uint32_t)roaring_bitmap_and_cardinality(
				 flagged->bitmap, uids->bitmap)
		       : 0;
}

/* How many of uids get the flag: negative when they lose it. */
static int64_t
gain(const struct post_view *tip, const struct post_uids *uids,
	const struct post_flag_group *group, unsigned number)
{
	int64_t have = count_flagged(tip, uids, number);
	if (post_flags_has(&group->set, number))
		return post_uids_count(uids) - have;
	return post_flags_has(&group->clear, number) ? -have : 0;
}

/* Those that a message of the mailbox has. */
static struct post_flags
in_use(const struct post_view *tip)
{
	struct post_flags flags = {{0}};
	for (unsigned i = 0; i < tip->numbers; i++)
		if (tip->flagged[i])
			post_flags_set(&flags, i);
	return flags;
}

static enum base_failure
masks(struct post_flagging *flagging, const struct post_flag_change *change,
	struct post_flag_group *group, struct base_error *error)
{
	struct post_flags named;
	bool removing = change->action == POST_FLAGS_REMOVE;
	enum base_failure failure = post_flagging_numbers(
		flagging, change->names, change->count, !removing, &named, error);
	*group = (struct post_flag_group){0};
	if (removing)
		group->clear = named;
	else
		group->set = named;
	if (change->action == POST_FLAGS_REPLACE)
		group->clear = in_use(flagging->tip);
	for (size_t i = 0; i < POST_FLAG_WORDS; i++) {
		uint64_t may = change->within ? change->within->words[i] : UINT64_MAX;
		group->set.words[i] &= may;
		group->clear.words[i] &= may & ~group->set.words[i];
	}
	return failure;
}

/* The change as one group; false when nothing would be different. */
static bool
put_group(struct post_flagging *flagging, const struct post_flag_group *group,
	const struct post_uids *wanted)
{
	const struct post_view *tip = flagging->tip;
	struct post_head *head = &flagging->touched->head;
	struct post_uids *affected = affected_uids(tip, wanted, &group->set, &group->clear);
	if (post_uids_empty(affected)) {
		post_uids_destroy(affected);
		return flagging->touched->changed;
	}
	head->unseen = (uint32_t)(head->unseen - gain(tip, affected, group, POST_SEEN));
	head->deleted =
		(uint32_t)(head->deleted + gain(tip, affected, group, POST_DELETED));
	post_uids_settle(affected);
	post_change_add_group(post_turn_change(flagging->turn, flagging->touched), affected,
		&group->set, &group->clear);
	return true;
}

static enum base_failure
change_in_turn(struct post_turn *turn, struct post_mailbox *mailbox,
	const struct post_uids *uids, struct post_flag_change *change, bool *changed,
	struct base_error *error)
{
	struct post_touched *touched;
	struct post_flag_group group;
	SCOPED(post_flagging_release) struct post_flagging flagging = {0};
	enum base_failure failure = post_turn_head(turn, mailbox->id, &touched);
	if (failure)
		return base_fail(error, failure, "the mailbox is not there any more");
	post_flagging_begin(&flagging, turn, touched, mailbox);
	const struct post_view *tip = post_flagging_tip(&flagging);
	SCOPED(post_uids_release) struct post_uids *wanted = wanted_uids(tip, uids);
	take_conflicts(tip, wanted, change);
	if (!post_uids_empty(wanted)) {
		failure = masks(&flagging, change, &group, error);
		*changed = !failure && put_group(&flagging, &group, wanted);
	}
	change->modseq = touched->head.modseq;
	return failure;
}

struct base_ticket *
post_flags_change(struct post_mailbox *mailbox, const struct post_uids *uids,
	struct post_flag_change *change, struct base_error *error)
{
	SCOPED(post_turn_release) struct post_turn turn;
	bool changed = false;
	change->conflicts = post_uids_create();
	enum base_failure failure =
		post_turn_begin(&turn, mailbox->account, STORE_CHANGE, error);
	if (!failure)
		failure = change_in_turn(&turn, mailbox, uids, change, &changed, error);
	if (failure) {
		post_uids_release(&change->conflicts);
		return NULL;
	}
	return changed ? post_turn_submit(&turn) : base_ticket_completed(BASE_OK);
}
