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

static void
take_node_away(struct post_tree *tree, struct slice name)
{
	struct post_node *node = post_tree_edit(tree, name);
	bool stays = post_tree_has_children(tree, name);
	if (!stays && !node->subscribed) {
		post_tree_remove(tree, name);
		return;
	}
	node->kind = stays ? POST_NODE_NAME : POST_NODE_SUBSCRIBED;
	node->id = 0;
	node->uid_validity = 0;
	node->use = POST_USE_NONE;
	node->acl = 0;
}

/* Names without a mailbox, above, that only stayed for this child. */
static void
prune_parents(struct post_tree *tree, struct slice name)
{
	for (size_t i = name.length; i-- > 1;) {
		struct slice parent = slice_first(name, i);
		if (name.data[i] != POST_SEPARATOR)
			continue;
		const struct post_node *node = post_tree_find(tree, parent);
		if (node && node->kind == POST_NODE_NAME &&
			!post_tree_has_children(tree, parent))
			take_node_away(tree, parent);
	}
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
	if (node->kind == POST_NODE_NAME)
		return base_fail(
			change->error, BASE_DENIED, "the name stays while it has children");
	failure = post_turn_head(&change->turn, node->id, &touched);
	if (failure)
		return base_fail(change->error, failure, "the mailbox can't be read");
	doom(change, touched);
	take_node_away(change->tree, name);
	prune_parents(change->tree, name);
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
