#include "post/image.h"
#include "post/turn.h"

static void
delete_mailbox_range(
	struct post_turn *turn, const struct post_key *from, const struct post_key *until)
{
	store_delete_range(turn->turn, post_key_slice(from), post_key_slice(until));
}

static void
put_pieces(struct post_turn *turn, uint32_t mailbox, uint64_t modseq, struct slice packed)
{
	for (uint16_t piece = 0; !slice_empty(packed); piece++) {
		struct post_key key = post_key_image(mailbox, modseq, piece);
		store_put(turn->turn, post_key_slice(&key),
			slice_first(packed, POST_IMAGE_PIECE));
		packed = slice_from(packed, POST_IMAGE_PIECE);
	}
}

/* Images before the last one, and feed rows that neither an image nor a client needs. */
static void
trim(struct post_turn *turn, struct post_touched *touched)
{
	struct post_head *head = &touched->head;
	uint32_t id = touched->mailbox;
	struct post_key images = post_key_of_mailbox(POST_KEY_OF_IMAGE, id);
	struct post_key kept = post_key_image(id, head->image_before, 0);
	delete_mailbox_range(turn, &images, &kept);
	uint64_t first = head->image_before + 1;
	if (head->modseq - first < POST_FEED_KEPT)
		first = head->modseq > POST_FEED_KEPT ? head->modseq - POST_FEED_KEPT : 0;
	if (first <= head->feed_first)
		return;
	struct post_key from = post_key_feed(id, head->feed_first);
	struct post_key until = post_key_feed(id, first);
	delete_mailbox_range(turn, &from, &until);
	head->feed_first = first;
}

static enum base_failure
write_in_turn(struct post_turn *turn, struct post_mailbox *mailbox, uint64_t modseq,
	struct slice packed)
{
	struct post_touched *touched;
	enum base_failure failure = post_turn_head(turn, mailbox->id, &touched);
	if (failure)
		return failure;
	if (modseq <= touched->head.image)
		return BASE_EXISTS;
	touched->head.image_before = touched->head.image;
	touched->head.image = modseq;
	touched->changed = true;
	put_pieces(turn, mailbox->id, modseq, packed);
	if (touched->head.image_before)
		trim(turn, touched);
	return BASE_OK;
}

enum base_failure
post_image_write(struct post_mailbox *mailbox)
{
	SCOPED(post_turn_release) struct post_turn turn = {0};
	SCOPED(buffer_free) struct buffer packed = buffer_with(ARENA_NO_CEILING);
	SCOPED(post_view_let_scoped) struct post_view *view = post_mailbox_newest(mailbox);
	post_view_pack(view, &packed);
	enum base_failure failure =
		post_turn_begin(&turn, mailbox->account, STORE_CHANGE, NULL);
	if (!failure)
		failure =
			write_in_turn(&turn, mailbox, view->modseq, buffer_slice(&packed));
	if (failure)
		return failure == BASE_EXISTS ? BASE_OK : failure;
	failure = base_ticket_await(post_turn_submit(&turn));
	if (failure)
		return failure;
	mailbox->image = view->modseq;
	base_metric_add(mailbox->account->post->counters.images, 1);
	return BASE_OK;
}
