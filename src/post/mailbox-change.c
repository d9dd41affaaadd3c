#include "post/mailbox-change.h"
#include "post/removal.h"

/* Changes of the tree: each takes the turn, edits a copy of the tree, and submits it. */

enum base_failure
post_tree_change_begin(struct post_tree_change *change, struct post_account *account,
	struct base_error *error)
{
	const struct post_tree *tree;
	*change = (struct post_tree_change){.error = error};
	enum base_failure failure =
		post_turn_begin(&change->turn, account, STORE_CHANGE, error);
	if (failure)
		return failure;
	failure = post_turn_tree(&change->turn, &tree);
	if (failure)
		return base_fail(error, failure, "the list of mailboxes can't be read");
	change->tree = change->turn.tree = post_tree_copy(tree);
	change->mailboxes = post_tree_mailboxes(tree);
	return BASE_OK;
}

void
post_tree_change_release(struct post_tree_change *change)
{
	post_turn_release(&change->turn);
}

/* Who has more than a limit that came later keeps them. */
static enum base_failure
check_room(struct post_tree_change *change)
{
	struct post_account_limits limits;
	struct post_account *account = change->turn.account;
	size_t now = post_tree_mailboxes(change->tree);
	if (now <= change->mailboxes)
		return BASE_OK;
	if (now > POST_MAILBOXES_MOST)
		return base_fail(change->error, BASE_TOO_LARGE,
			"an account has at most %d mailboxes", POST_MAILBOXES_MOST);
	enum base_failure failure =
		post_directory_limits(account->post, account->id, &limits);
	if (failure)
		return base_fail(change->error, failure, "the account is being removed");
	if (limits.quota.mailboxes && now > limits.quota.mailboxes)
		return base_fail(change->error, BASE_QUOTA,
			"the account has all the mailboxes that it may have");
	return BASE_OK;
}

static void
put_new_head(struct post_tree_change *change, uint32_t mailbox)
{
	struct post_head head = post_head_new();
	struct post_key key = post_key_head(mailbox);
	SCOPED(buffer_free) struct buffer value = buffer_with(256);
	post_head_pack(&head, &value);
	post_turn_put(&change->turn, &key, &value);
}

/* What was a name only, or nothing, becomes a mailbox. */
static void
make_mailbox(struct post_tree_change *change, struct slice name, enum post_use use)
{
	struct post_node fresh = post_tree_new_mailbox(
		change->tree, name, use, post_now_ms(change->turn.account->post));
	const struct post_node *above = post_tree_above(change->tree, name);
	fresh.acl = above ? above->acl : 0; /* RFC 4314 4: CREATE */
	struct post_node *node = post_tree_edit(change->tree, name);
	if (node) {
		fresh.subscribed = node->subscribed;
		fresh.name = node->name;
		*node = fresh;
	} else {
		post_tree_insert(change->tree, &fresh);
	}
	put_new_head(change, fresh.id);
}

static bool
is_mailbox(const struct post_tree *tree, struct slice name)
{
	const struct post_node *node = post_tree_find(tree, name);
	return node && node->kind == POST_NODE_MAILBOX;
}

static void
make_parents(struct post_tree_change *change, struct slice name)
{
	for (size_t i = 1; i < name.length; i++) {
		struct slice parent = slice_first(name, i);
		const struct post_node *node = post_tree_find(change->tree, parent);
		if (name.data[i] == POST_SEPARATOR &&
			(!node || node->kind == POST_NODE_SUBSCRIBED))
			make_mailbox(change, parent, POST_USE_NONE);
	}
}

enum base_failure
post_tree_make(struct post_tree_change *change, struct slice name, enum post_use use)
{
	if (is_mailbox(change->tree, name))
		return base_fail(change->error, BASE_EXISTS, "the mailbox exists already");
	make_parents(change, name);
	make_mailbox(change, name, use);
	return check_room(change);
}

enum base_failure
post_tree_make_parents(struct post_tree_change *change, struct slice name)
{
	make_parents(change, name);
	return check_room(change);
}

enum base_failure
post_tree_name(struct post_tree_change *change, struct slice given, struct slice *name)
{
	return post_name_canonical(change->turn.arena, given, name, change->error);
}

struct base_ticket *
post_tree_change_submit(struct post_tree_change *change)
{
	return post_turn_submit(&change->turn);
}

static enum base_failure
create(struct post_tree_change *change, struct slice given, enum post_use use)
{
	struct slice name;
	enum base_failure failure = post_tree_name(change, given, &name);
	return failure ? failure : post_tree_make(change, name, use);
}

struct base_ticket *
post_mailbox_create(struct post_account *account, struct slice name, enum post_use use,
	struct base_error *error)
{
	SCOPED(post_tree_change_release) struct post_tree_change change;
	enum base_failure failure = post_tree_change_begin(&change, account, error);
	if (!failure)
		failure = create(&change, name, use);
	return failure ? NULL : post_tree_change_submit(&change);
}

/* --- subscriptions ---------------------------------------------------------------------
 */

static void
subscribe(struct post_tree *tree, struct slice name, bool subscribed)
{
	struct post_node *node = post_tree_edit(tree, name);
	if (node) {
		node->subscribed = subscribed;
		if (!subscribed && node->kind == POST_NODE_SUBSCRIBED)
			post_tree_remove(tree, name);
	} else if (subscribed) {
		struct post_node fresh = {
			.name = name, .kind = POST_NODE_SUBSCRIBED, .subscribed = true};
		post_tree_insert(tree, &fresh);
	}
}

static enum base_failure
change_subscription(struct post_tree_change *change, struct slice given, bool subscribed)
{
	struct slice name;
	enum base_failure failure = post_tree_name(change, given, &name);
	if (failure)
		return failure;
	subscribe(change->tree, name, subscribed);
	if (change->tree->count > 2 * POST_MAILBOXES_MOST)
		return base_fail(change->error, BASE_TOO_LARGE, "too many subscriptions");
	return BASE_OK;
}

struct base_ticket *
post_mailbox_subscribe(struct post_account *account, struct slice name, bool subscribed,
	struct base_error *error)
{
	SCOPED(post_tree_change_release) struct post_tree_change change;
	enum base_failure failure = post_tree_change_begin(&change, account, error);
	if (!failure)
		failure = change_subscription(&change, name, subscribed);
	return failure ? NULL : post_tree_change_submit(&change);
}
