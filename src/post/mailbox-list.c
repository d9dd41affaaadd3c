#include "post/account-internal.h"
#include "post/mailbox-internal.h"

/* Looking at the tree, without opening a mailbox. */

static enum base_failure
read_tree(struct post_account *account, struct post_tree **tree)
{
	struct slice value;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_key key = post_key_tree();
	enum base_failure failure =
		store_get(account->space, post_key_slice(&key), arena, &value);
	return failure ? failure : post_tree_unpack(value, tree);
}

enum base_failure
post_account_tree(struct post_account *account, struct post_tree **tree)
{
	pthread_mutex_lock(&account->lock);
	*tree = account->tree ? post_tree_hold(account->tree) : NULL;
	pthread_mutex_unlock(&account->lock);
	if (*tree)
		return BASE_OK;
	struct post_tree *fresh;
	enum base_failure failure = read_tree(account, &fresh);
	if (failure)
		return failure;
	/* A publication that came meanwhile brought a newer one, and was not overtaken. */
	pthread_mutex_lock(&account->lock);
	if (!account->tree)
		account->tree = post_tree_hold(fresh);
	*tree = post_tree_hold(account->tree);
	pthread_mutex_unlock(&account->lock);
	post_tree_drop(fresh);
	return BASE_OK;
}

static struct post_mailbox_info
info_of(const struct post_tree *tree, const struct post_node *node, struct arena *arena)
{
	return (struct post_mailbox_info){
		.id = node->id,
		.name = arena_copy(arena, node->name),
		.use = node->use,
		.subscribed = node->subscribed,
		.has_children = post_tree_has_children(tree, node->name),
		.selectable = node->kind == POST_NODE_MAILBOX,
	};
}

size_t
post_mailboxes(struct post_account *account, struct arena *arena,
	struct post_mailbox_info **mailboxes)
{
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	size_t count = 0;
	*mailboxes = NULL;
	if (post_account_tree(account, &tree))
		return 0;
	*mailboxes = ARENA_MANY(arena, struct post_mailbox_info, tree->count);
	for (size_t i = 0; i < tree->count; i++)
		if (tree->nodes[i].kind != POST_NODE_SUBSCRIBED)
			(*mailboxes)[count++] = info_of(tree, &tree->nodes[i], arena);
	return count;
}

enum base_failure
post_mailboxes_count(struct post *post, uint64_t id, uint64_t *count)
{
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	struct post_account *account;
	*count = 0;
	enum base_failure failure = post_account_open(post, id, &account);
	if (failure)
		return failure;
	failure = post_account_tree(account, &tree);
	if (!failure)
		*count = post_tree_mailboxes(tree);
	post_account_close(account);
	return failure;
}

size_t
post_subscriptions(struct post_account *account, struct arena *arena, struct slice **names)
{
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	size_t count = 0;
	*names = NULL;
	if (post_account_tree(account, &tree))
		return 0;
	*names = ARENA_MANY(arena, struct slice, tree->count);
	for (size_t i = 0; i < tree->count; i++)
		if (tree->nodes[i].kind == POST_NODE_SUBSCRIBED)
			(*names)[count++] = arena_copy(arena, tree->nodes[i].name);
	return count;
}

enum base_failure
post_mailbox_find(struct post_account *account, struct slice name, struct arena *arena,
	struct post_mailbox_info *info)
{
	const struct post_node *node;
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	enum base_failure failure = post_account_tree(account, &tree);
	failure = failure ? failure : post_tree_named(tree, arena, name, &node);
	if (failure)
		return failure;
	*info = info_of(tree, node, arena);
	return BASE_OK;
}

static struct post_mailbox *
hold_opened(struct post_account *account, uint32_t id)
{
	pthread_mutex_lock(&account->lock);
	struct post_mailbox *mailbox = post_mailbox_opened(account, id);
	if (mailbox)
		mailbox->references++;
	pthread_mutex_unlock(&account->lock);
	return mailbox;
}

/*
 * What sessions that have the mailbox open were told of is recent no more. mailbox was
 * looked up before the head was read: one that was closed by then had its claims in the
 * store.
 */
static uint32_t
recent_of(struct post_mailbox *mailbox, const struct post_head *head)
{
	uint32_t border = mailbox && head->recent ? post_recent_border(mailbox) : 0;
	if (border <= head->recent_first)
		return head->recent;
	SCOPED(post_view_release) struct post_view *view = post_view_newest(mailbox);
	const struct post_uids *uids = post_view_uids(view);
	uint32_t first = post_uids_next(uids, border - 1);
	return first ? post_uids_count(uids) - post_uids_rank(uids, first) + 1 : 0;
}

enum base_failure
post_mailbox_status(
	struct post_account *account, struct slice name, struct post_status *status)
{
	struct slice value;
	const struct post_node *node;
	struct post_head head;
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	enum base_failure failure = post_account_tree(account, &tree);
	failure = failure ? failure : post_tree_named(tree, arena, name, &node);
	if (failure)
		return failure;
	if (node->kind != POST_NODE_MAILBOX)
		return BASE_DENIED;
	SCOPED(post_mailbox_let_scoped)
	struct post_mailbox *opened = hold_opened(account, node->id);
	struct post_key key = post_key_head(node->id);
	failure = store_get(account->space, post_key_slice(&key), arena, &value);
	failure = failure ? failure : post_head_unpack(value, &head);
	if (failure)
		return failure;
	*status = (struct post_status){head.messages, recent_of(opened, &head), head.unseen,
		head.deleted, head.uid_next, node->uid_validity, head.modseq, head.bytes,
		node->id, account->id};
	return BASE_OK;
}
