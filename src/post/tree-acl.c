/* Who may do what with the mailboxes of a tree: lists that nodes share. */
#include "post/tree.h"

const struct post_acl *
post_tree_acl(const struct post_tree *tree, const struct post_node *node)
{
	static const struct post_acl none;
	return node->acl ? &tree->acls[node->acl - 1] : &none;
}

unsigned
post_tree_rights(const struct post_tree *tree, const struct post_node *node, uint64_t who)
{
	return node->kind == POST_NODE_MAILBOX
		       ? post_acl_rights(post_tree_acl(tree, node), who)
		       : 0;
}

const struct post_node *
post_tree_above(const struct post_tree *tree, struct slice name)
{
	for (size_t end = name.length; end-- > 1;) {
		if (name.data[end] != POST_SEPARATOR)
			continue;
		const struct post_node *node = post_tree_find(tree, slice_first(name, end));
		if (node && node->kind == POST_NODE_MAILBOX)
			return node;
	}
	return NULL;
}

static bool *
mark_used(const struct post_tree *tree, struct arena *arena)
{
	bool *used = ARENA_MANY(arena, bool, tree->acl_count + 1);
	for (size_t i = 0; i < tree->count; i++)
		used[tree->nodes[i].acl] = true;
	return used;
}

/* Room is made anew each time: who changes rights does so once. */
static uint32_t
make_place(struct post_tree *tree)
{
	struct post_acl *acls =
		ARENA_MANY(tree->arena, struct post_acl, tree->acl_count + 1);
	if (tree->acl_count)
		memcpy(acls, tree->acls, tree->acl_count * sizeof *acls);
	tree->acls = acls;
	return (uint32_t)++tree->acl_count;
}

/* In the place of one that no node has any more, so that they do not pile up. */
static uint32_t
add_acl(struct post_tree *tree, const struct post_acl *acl)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	const bool *used = mark_used(tree, arena);
	uint32_t place = 0;
	for (uint32_t i = 1; i <= tree->acl_count; i++)
		if (post_acl_equal(&tree->acls[i - 1], acl))
			return i;
		else if (!used[i])
			place = i;
	if (!place)
		place = make_place(tree);
	tree->acls[place - 1] = post_acl_copy(tree->arena, acl);
	return place;
}

void
post_tree_set_acl(
	struct post_tree *tree, struct post_node *node, const struct post_acl *acl)
{
	node->acl = acl->count ? add_acl(tree, acl) : 0;
}

size_t
post_tree_grants(const struct post_tree *tree)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	const bool *used = mark_used(tree, arena);
	size_t grants = 0;
	for (uint32_t i = 1; i <= tree->acl_count; i++)
		grants += used[i] ? tree->acls[i - 1].count : 0;
	return grants;
}

bool
post_tree_grants_to(const struct post_tree *tree, uint64_t who)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	const bool *used = mark_used(tree, arena);
	for (uint32_t i = 1; i <= tree->acl_count; i++)
		if (used[i] && post_acl_find(&tree->acls[i - 1], who, false))
			return true;
	return false;
}
