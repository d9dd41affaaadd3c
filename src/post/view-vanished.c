#include "post/mailbox-internal.h"
#include "post/uids-internal.h"

/* What was expunged since a modseq: read from the feed, as a generation has no memory. */

struct vanished {
	uint64_t expected, until;
	bool complete;
	struct post_uids *uids;
	enum base_failure failure;
};

static bool
vanished_row(void *argument, struct slice key, struct slice value)
{
	struct vanished *vanished = argument;
	uint32_t mailbox;
	uint64_t modseq;
	SCOPED(post_change_release) struct post_change *change = NULL;
	if (!post_key_take_feed(key, &mailbox, &modseq) || modseq > vanished->until)
		return false;
	vanished->complete = vanished->complete && modseq == vanished->expected++;
	vanished->failure = post_change_unpack(value, mailbox, modseq, &change);
	if (vanished->failure)
		return false;
	if (change->expunged)
		post_uids_or(vanished->uids, change->expunged);
	return true;
}

/* All UIDs that the view does not show: what is said when the feed does not reach back. */
static void
add_all_missing(const struct post_view *view, struct post_uids *uids)
{
	if (view->uid_next > 1)
		post_uids_add_range(uids, 1, view->uid_next - 1);
	post_uids_minus(uids, view->uids);
}

enum base_failure
post_view_vanished_since(
	const struct post_view *view, uint64_t modseq, struct post_uids **vanished)
{
	const struct post_mailbox *mailbox = view->mailbox;
	struct vanished walk = {
		.expected = modseq + 1, .until = view->modseq, .complete = true};
	*vanished = NULL;
	walk.uids = post_uids_create();
	struct post_key from = post_key_feed(mailbox->id, modseq + 1);
	struct post_key until = post_key_after_mailbox(POST_KEY_OF_FEED, mailbox->id);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	enum base_failure failure = modseq < view->modseq
					    ? store_scan(mailbox->account->space, &range,
						      vanished_row, &walk, NULL)
					    : BASE_OK;
	failure = failure ? failure : walk.failure;
	if (failure) {
		post_uids_destroy(walk.uids);
		return failure;
	}
	if (!walk.complete || (modseq < view->modseq && walk.expected <= view->modseq))
		add_all_missing(view, walk.uids);
	*vanished = walk.uids;
	return BASE_OK;
}
