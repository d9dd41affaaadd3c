#include "post/mailbox-change.h"
#include "post/mailbox-internal.h"
#include "post/metadata-record.h"
#include "post/removal.h"
#include "post/uids-internal.h"

/* RENAME (RFC 3501 6.3.5): with the children; of INBOX, its messages move and it stays. */

static enum base_failure
refuse_target(struct post_tree_change *change, struct slice from, struct slice to)
{
	const struct post_node *node = post_tree_find(change->tree, to);
	if (node && node->kind != POST_NODE_SUBSCRIBED)
		return base_fail(change->error, BASE_EXISTS, "the new name exists already");
	if (post_name_is_below(to, from))
		return base_fail(change->error, BASE_INVALID,
			"a mailbox can't become its own child");
	return BASE_OK;
}

/* from becomes to, whatever stands below it stays below it. */
static enum base_failure
new_name(struct post_tree_change *change, const struct post_node *node, struct slice from,
	struct slice to, struct slice *name)
{
	struct slice parts[2] = {to, slice_from(node->name, from.length)};
	struct slice joined = arena_join(change->turn.arena, parts, 2);
	enum base_failure failure =
		post_name_canonical(change->turn.arena, joined, name, change->error);
	if (failure)
		return failure;
	const struct post_node *there = post_tree_find(change->tree, *name);
	return there && there->kind != POST_NODE_SUBSCRIBED
		       ? base_fail(change->error, BASE_EXISTS, "a new name exists already")
		       : BASE_OK;
}

/* The subscription goes along; RFC 3501 leaves it open. */
static void
put_under_new_name(struct post_tree *tree, struct post_node node, struct slice name)
{
	struct slice old_name = node.name;
	bool subscribed = node.subscribed;
	const struct post_node *there = post_tree_find(tree, name);
	node.subscribed = subscribed || (there && there->subscribed);
	post_tree_remove(tree, old_name);
	post_tree_remove(tree, name);
	node.name = name;
	post_tree_insert(tree, &node);
}

static enum base_failure
rename_all(struct post_tree_change *change, struct slice from, struct slice to)
{
	/* Subscriptions to names that do not exist stay where they are. */
	SCOPED(post_tree_release) struct post_tree *before = post_tree_copy(change->tree);
	for (size_t i = 0; i < before->count; i++) {
		struct slice name;
		const struct post_node *node = &before->nodes[i];
		if (node->kind == POST_NODE_SUBSCRIBED ||
			!(slice_equal(node->name, from) ||
				post_name_is_below(node->name, from)))
			continue;
		enum base_failure failure = new_name(change, node, from, to, &name);
		if (failure)
			return failure;
		put_under_new_name(change->tree, *node, name);
	}
	enum base_failure failure = post_tree_make_parents(change, to);
	post_tree_prune_above(change->tree, from);
	return failure;
}

static enum base_failure
rename_in_turn(struct post_tree_change *change, struct slice from, struct slice to)
{
	const struct post_node *node = post_tree_find(change->tree, from);
	if (!node || node->kind == POST_NODE_SUBSCRIBED)
		return base_fail(change->error, BASE_NOT_FOUND, "there is no such mailbox");
	enum base_failure failure = refuse_target(change, from, to);
	return failure ? failure : rename_all(change, from, to);
}

static struct base_ticket *
rename_mailbox(struct post_account *account, struct slice from, struct slice to,
	struct base_error *error)
{
	SCOPED(post_tree_change_release) struct post_tree_change change;
	enum base_failure failure = post_tree_change_begin(&change, account, error);
	if (!failure)
		failure = rename_in_turn(&change, from, to);
	return failure ? NULL : post_tree_change_submit(&change);
}

static struct base_ticket *
move_all(struct post_mailbox *inbox, struct post_mailbox *target, struct base_error *error)
{
	struct post_copied copied;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(inbox);
	return post_copy(inbox, view->uids, target, true, arena, &copied, error);
}

/*
 * The new mailbox, then a move into it: two commits. Both are whole, and the order is such
 * that a stop between them leaves an empty mailbox, not lost mail.
 */
static struct base_ticket *
rename_inbox(struct post_account *account, struct slice to, struct base_error *error)
{
	SCOPED(post_mailbox_let_scoped) struct post_mailbox *inbox = NULL;
	SCOPED(post_mailbox_let_scoped) struct post_mailbox *target = NULL;
	SCOPED(post_tree_change_release) struct post_tree_change change;
	enum base_failure failure = post_mailbox_open(account, SLICE("INBOX"), &inbox);
	if (failure) {
		base_fail(error, failure, "INBOX can't be opened");
		return NULL;
	}
	failure = post_tree_change_begin(&change, account, error);
	failure = failure ? failure : post_tree_make(&change, to, POST_USE_NONE);
	if (failure)
		return NULL;
	const struct post_node *node = post_tree_find(change.tree, to);
	if (post_metadata_copy(&change.turn, POST_INBOX_ID, node->id)) {
		base_fail(error, BASE_DAMAGED, "INBOX's annotations can't be read");
		return NULL;
	}
	target = post_mailbox_open_new(account, node->id, node->uid_validity);
	struct base_ticket *tickets[2] = {post_tree_change_submit(&change)};
	tickets[1] = move_all(inbox, target, error);
	if (tickets[1])
		return base_ticket_all(tickets, 2);
	base_ticket_drop(tickets[0]);
	return NULL;
}

struct base_ticket *
post_mailbox_rename(struct post_account *account, struct slice from, struct slice to,
	struct base_error *error)
{
	struct slice old_name, name;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	if (post_name_canonical(arena, from, &old_name, error) ||
		post_name_canonical(arena, to, &name, error))
		return NULL;
	return slice_equal(old_name, SLICE("INBOX"))
		       ? rename_inbox(account, name, error)
		       : rename_mailbox(account, old_name, name, error);
}
