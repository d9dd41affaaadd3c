#include "post/mailbox-internal.h"
#include "post/turn.h"
#include "post/uids-internal.h"

/* \Recent: the border stands in the head; a claim that changes nothing writes nothing. */

static uint32_t
claim_in_memory(struct post_mailbox *mailbox, const struct post_view *view)
{
	pthread_mutex_lock(&mailbox->building);
	uint32_t first = mailbox->recent_first;
	if (view->uid_next > first)
		mailbox->recent_first = view->uid_next;
	pthread_mutex_unlock(&mailbox->building);
	return first;
}

uint32_t
post_recent_told(struct post_mailbox *mailbox, const struct post_view *view)
{
	return claim_in_memory(mailbox, view);
}

static void
move_border(struct post_touched *touched, struct post_mailbox *mailbox, uint32_t border)
{
	SCOPED(post_view_let_scoped) struct post_view *tip = post_mailbox_tip(mailbox);
	touched->head.recent_first = border;
	touched->head.recent = (uint32_t)roaring_bitmap_range_cardinality(
		tip->uids->bitmap, border, (uint64_t)UINT32_MAX + 1);
	touched->changed = true;
}

uint32_t
post_recent_claim(struct post_mailbox *mailbox, const struct post_view *view)
{
	SCOPED(post_turn_release) struct post_turn turn;
	struct post_touched *touched;
	uint32_t in_memory = claim_in_memory(mailbox, view);
	if (post_turn_begin(&turn, mailbox->account, STORE_CHANGE, NULL))
		return in_memory;
	if (post_turn_head(&turn, mailbox->id, &touched))
		return in_memory;
	uint32_t written = touched->head.recent_first;
	if (touched->head.recent && view->uid_next > written) {
		move_border(touched, mailbox, view->uid_next);
		/* An open mailbox is asked for the border, or else the store. */
		turn.kept = post_mailbox_hold(mailbox);
		base_ticket_drop(post_turn_submit(&turn));
	}
	return written > in_memory ? written : in_memory;
}

uint32_t
post_recent_border(struct post_mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->building);
	uint32_t border = mailbox->recent_first;
	pthread_mutex_unlock(&mailbox->building);
	return border;
}

uint32_t
post_recent_peek(struct post_mailbox *mailbox)
{
	struct post_head head;
	struct slice value;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_key key = post_key_head(mailbox->id);
	uint32_t first = post_recent_border(mailbox);
	if (store_get(mailbox->account->space, post_key_slice(&key), arena, &value) ||
		post_head_unpack(value, &head))
		return first;
	return head.recent_first > first ? head.recent_first : first;
}
