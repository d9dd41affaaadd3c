#include "post/removal.h"
#include "post/uids-internal.h"

static uint32_t
count_common(const struct post_uids *a, const struct post_uids *b)
{
	return a && b ? (uint32_t)roaring_bitmap_and_cardinality(a->bitmap, b->bitmap) : 0;
}

static void
subtract_counts(struct post_turn *turn, struct post_touched *touched,
	const struct post_view *tip, const struct post_uids *uids, uint64_t bytes)
{
	struct post_head *head = &touched->head;
	uint32_t count = post_uids_count(uids);
	head->messages -= count;
	head->unseen -= count - count_common(post_view_flagged(tip, POST_SEEN), uids);
	head->deleted -= count_common(post_view_flagged(tip, POST_DELETED), uids);
	head->recent -= (uint32_t)roaring_bitmap_range_cardinality(
		uids->bitmap, head->recent_first, (uint64_t)UINT32_MAX + 1);
	head->bytes -= bytes;
	turn->ledger.bytes -= bytes;
	turn->ledger.messages -= count;
	turn->ledger_changed = true;
}

static struct post_expunged
remember(const struct post_view *tip, const struct post_uids *uids, int64_t now_ms)
{
	struct post_expunged expunged = {.time_ms = now_ms, .uids = post_uids_copy(uids)};
	for (unsigned i = 0; i < tip->numbers; i++) {
		const struct post_uids *flagged = post_view_flagged(tip, i);
		struct post_flags set = {{0}};
		if (i == POST_DELETED || !count_common(flagged, uids))
			continue;
		struct post_uids *common = post_uids_copy(flagged);
		post_uids_and(common, uids);
		post_flags_set(&set, i);
		if (i < POST_KEYWORD_FIRST)
			post_expunged_add_group(&expunged, common, &set);
		else
			post_expunged_add_keyword(
				&expunged, common, post_flag_name(tip, i));
	}
	return expunged;
}

void
post_take_out(struct post_turn *turn, struct post_touched *touched,
	const struct post_view *tip, const struct post_uids *uids, uint64_t bytes,
	bool moved)
{
	struct post *post = turn->account->post;
	struct post_change *change = post_turn_change(turn, touched);
	uint64_t keep = moved ? 0 : post->settings.keep_expunged_ms;
	SCOPED(post_expunged_clear)
	struct post_expunged expunged = remember(tip, uids, change->time_ms);
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	struct post_key key = post_key_expunged(
		(uint64_t)change->time_ms + keep, touched->mailbox, change->modseq);
	expunged.moved = moved;
	post_expunged_pack(&expunged, &value);
	post_turn_put(turn, &key, &value);
	change->expunged = post_uids_copy(uids);
	post_uids_settle(change->expunged);
	subtract_counts(turn, touched, tip, uids, bytes);
	base_metric_add(post->counters.expunged, post_uids_count(uids));
}

/* --- candidates ----------------------------------------------------------------------- */

enum base_failure
post_candidates_load(struct post_mailbox *mailbox, const struct post_uids *uids,
	bool only_deleted, struct arena *arena, struct post_candidates *candidates)
{
	SCOPED(post_view_let_scoped) struct post_view *tip = post_mailbox_tip(mailbox);
	*candidates = (struct post_candidates){
		.view = post_view_newest(mailbox), .uids = post_uids_copy(uids)};
	post_uids_and(candidates->uids, candidates->view->uids);
	struct post_uids *now = post_candidates_now(candidates, tip, only_deleted);
	post_uids_destroy(candidates->uids);
	candidates->uids = now;
	enum base_failure failure = post_entries_load(mailbox->account, mailbox->id,
		candidates->uids, arena, &candidates->entries);
	if (!failure && candidates->entries.count != post_uids_count(candidates->uids))
		failure = BASE_DAMAGED;
	return failure;
}

void
post_candidates_free(struct post_candidates *candidates)
{
	post_entries_free(&candidates->entries);
	post_uids_destroy(candidates->uids);
	post_view_drop(candidates->view);
	*candidates = (struct post_candidates){0};
}

struct post_uids *
post_candidates_now(const struct post_candidates *candidates, const struct post_view *tip,
	bool only_deleted)
{
	struct post_uids *uids = post_uids_copy(candidates->uids);
	const struct post_uids *deleted = post_view_flagged(tip, POST_DELETED);
	post_uids_and(uids, tip->uids);
	if (only_deleted && deleted)
		post_uids_and(uids, deleted);
	else if (only_deleted)
		post_uids_minus(uids, uids);
	return uids;
}

uint64_t
post_candidates_bytes(
	const struct post_candidates *candidates, const struct post_uids *uids)
{
	const struct post_kept_entries *entries = &candidates->entries;
	uint64_t bytes = 0;
	for (size_t i = 0; i < entries->count; i++)
		if (post_uids_has(uids, entries->list[i].uid))
			bytes += entries->list[i].record.size;
	return bytes;
}
