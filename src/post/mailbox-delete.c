#include "post/mailbox-change.h"

/*
 * DELETE (RFC 3501 6.3.4): the name goes at once; with children it stays, not selectable.
 * Rows of the mailbox are erased by the chores, which a row of its own reminds.
 */
static void
doom(struct post_tree_change *change, struct post_touched *touched)
{
	struct post_turn *turn = &change->turn;
	struct post_key head = post_key_head(touched->mailbox);
	struct post_key doomed = post_key_doomed(touched->mailbox);
	char format = POST_RECORD_FORMAT;
	struct post_key url_key =
		post_key_of_mailbox(POST_KEY_OF_URL_KEY, touched->mailbox);
	struct post_key metadata =
		post_key_of_mailbox(POST_KEY_OF_METADATA, touched->mailbox);
	store_delete(turn->turn, post_key_slice(&head));
	store_delete(turn->turn, post_key_slice(&url_key));
	store_delete(turn->turn, post_key_slice(&metadata));
	store_put(turn->turn, post_key_slice(&doomed), slice_of(&format, 1));
	turn->ledger.bytes -= touched->head.bytes;
	turn->ledger.messages -= touched->head.messages;
	turn->ledger_changed = true;
	turn->deleted = touched->mailbox;
}

static enum base_failure
delete_name(struct post_tree_change *change, struct slice given)
{
	struct slice name;
	struct post_touched *touched;
	enum base_failure failure = post_tree_name(change, given, &name);
	if (failure)
		return failure;
	const struct post_node *node = post_tree_find(change->tree, name);
	if (!node || node->kind == POST_NODE_SUBSCRIBED)
		return base_fail(change->error, BASE_NOT_FOUND, "there is no such mailbox");
	if (node->id == POST_INBOX_ID)
		return base_fail(change->error, BASE_DENIED, "INBOX can't be deleted");
	if (node->kind == POST_NODE_NAME && post_tree_has_children(change->tree, name))
		return base_fail(
			change->error, BASE_DENIED, "the name stays while it has children");
	if (node->kind == POST_NODE_MAILBOX) {
		failure = post_turn_head(&change->turn, node->id, &touched);
		if (failure)
			return base_fail(
				change->error, failure, "the mailbox can't be read");
		doom(change, touched);
	}
	post_tree_take_away(change->tree, name);
	return BASE_OK;
}

struct base_ticket *
post_mailbox_delete(
	struct post_account *account, struct slice name, struct base_error *error)
{
	SCOPED(post_tree_change_release) struct post_tree_change change;
	enum base_failure failure = post_tree_change_begin(&change, account, error);
	if (!failure)
		failure = delete_name(&change, name);
	return failure ? NULL : post_tree_change_submit(&change);
}
