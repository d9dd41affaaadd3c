#include "post/account-internal.h"

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
	struct slice canonical;
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	enum base_failure failure = post_account_tree(account, &tree);
	if (failure)
		return failure;
	if (post_name_canonical(arena, name, &canonical, NULL))
		return BASE_NOT_FOUND;
	const struct post_node *node = post_tree_find(tree, canonical);
	if (!node || node->kind == POST_NODE_SUBSCRIBED)
		return BASE_NOT_FOUND;
	*info = info_of(tree, node, arena);
	return BASE_OK;
}

enum base_failure
post_mailbox_status(
	struct post_account *account, struct slice name, struct post_status *status)
{
	struct slice canonical, value;
	struct post_head head;
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	enum base_failure failure = post_account_tree(account, &tree);
	if (failure)
		return failure;
	if (post_name_canonical(arena, name, &canonical, NULL))
		return BASE_NOT_FOUND;
	const struct post_node *node = post_tree_find(tree, canonical);
	if (!node || node->kind == POST_NODE_SUBSCRIBED)
		return BASE_NOT_FOUND;
	if (node->kind != POST_NODE_MAILBOX)
		return BASE_DENIED;
	struct post_key key = post_key_head(node->id);
	failure = store_get(account->space, post_key_slice(&key), arena, &value);
	failure = failure ? failure : post_head_unpack(value, &head);
	if (failure)
		return failure;
	*status = (struct post_status){head.messages, head.recent, head.unseen,
		head.deleted, head.uid_next, node->uid_validity, head.modseq, head.bytes};
	return BASE_OK;
}
