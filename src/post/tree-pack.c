/* The tree of mailboxes as bytes. */
#include "post/records.h"
#include "post/tree.h"

enum { FORMAT_WITH_ACLS = 2 };

/* Lists that a node has, in the order of the first that has them; unused ones go. */
struct numbering {
	const struct post_tree *tree;
	uint32_t *numbers; /* by the list's place; 0: not used */
	uint32_t *places;  /* by number - 1 */
	uint32_t count;
};

static struct numbering
number_acls(const struct post_tree *tree, struct arena *arena)
{
	struct numbering numbering = {.tree = tree,
		.numbers = ARENA_MANY(arena, uint32_t, tree->acl_count + 1),
		.places = ARENA_MANY(arena, uint32_t, tree->acl_count + 1)};
	for (size_t i = 0; i < tree->count; i++) {
		uint32_t acl = tree->nodes[i].acl;
		if (!acl || numbering.numbers[acl])
			continue;
		numbering.places[numbering.count++] = acl - 1;
		numbering.numbers[acl] = numbering.count;
	}
	return numbering;
}

static void
put_acls(const struct numbering *numbering, struct buffer *into)
{
	buffer_put_varint(into, numbering->count);
	for (uint32_t i = 0; i < numbering->count; i++)
		post_acl_pack(&numbering->tree->acls[numbering->places[i]], into);
}

static void
put_node(const struct post_node *node, struct buffer *into)
{
	buffer_put_sized(into, node->name);
	buffer_put_varint(into, node->id);
	buffer_put_varint(into, node->uid_validity);
	buffer_put_byte(into, (char)(node->kind << 1 | node->subscribed));
	buffer_put_byte(into, (char)node->use);
}

bool
post_tree_pack(const struct post_tree *tree, struct buffer *into)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct numbering numbering = number_acls(tree, arena);
	buffer_put_byte(into, numbering.count ? FORMAT_WITH_ACLS : POST_RECORD_FORMAT);
	buffer_put_varint(into, tree->id_next);
	buffer_put_varint(into, tree->validity_last);
	if (numbering.count)
		put_acls(&numbering, into);
	buffer_put_varint(into, tree->count);
	for (size_t i = 0; i < tree->count; i++) {
		put_node(&tree->nodes[i], into);
		if (numbering.count)
			buffer_put_varint(into, numbering.numbers[tree->nodes[i].acl]);
	}
	return !buffer_failed(into);
}

static bool
take_node(struct slice *rest, struct post_node *node)
{
	uint8_t kind, use;
	*node = (struct post_node){0};
	if (!take_sized(rest, &node->name) || !post_take_u32(rest, &node->id) ||
		!post_take_u32(rest, &node->uid_validity) || !take_byte(rest, &kind) ||
		!take_byte(rest, &use))
		return false;
	if (kind >> 1 > POST_NODE_SUBSCRIBED || use > POST_USE_IMPORTANT ||
		slice_empty(node->name) || node->name.length > POST_MAILBOX_NAME_MOST)
		return false;
	node->kind = (enum post_node_kind)(kind >> 1);
	node->subscribed = kind & 1;
	node->use = (enum post_use)use;
	return (node->kind == POST_NODE_MAILBOX) == (node->id != 0);
}

static bool
take_acl_of(struct slice *rest, const struct post_tree *tree, struct post_node *node)
{
	return post_take_u32(rest, &node->acl) && node->acl <= tree->acl_count &&
	       (!node->acl || node->kind == POST_NODE_MAILBOX);
}

/* Nodes stand in order, so that insertion is at the end. */
static bool
take_nodes(struct slice *rest, uint64_t count, bool with_acls, struct post_tree *tree)
{
	for (uint64_t i = 0; i < count; i++) {
		struct post_node node;
		if (!take_node(rest, &node) ||
			(with_acls && !take_acl_of(rest, tree, &node)))
			return false;
		if (i && post_tree_order(tree->nodes[i - 1].name, node.name) >= 0)
			return false;
		post_tree_insert(tree, &node);
	}
	return slice_empty(*rest);
}

static bool
take_acls(struct slice *rest, struct post_tree *tree)
{
	uint64_t count, grants = 0;
	if (!take_varint(rest, &count) || count == 0 || count > POST_TREE_GRANTS_MOST)
		return false;
	tree->acls = ARENA_MANY(tree->arena, struct post_acl, count + 1);
	for (; tree->acl_count < count; tree->acl_count++) {
		struct post_acl *acl = &tree->acls[tree->acl_count];
		if (post_acl_take(rest, tree->arena, acl))
			return false;
		grants += acl->count;
	}
	return grants <= POST_TREE_GRANTS_MOST;
}

static bool
take_tree(struct slice value, struct post_tree *tree)
{
	uint64_t count;
	uint8_t format;
	if (!take_byte(&value, &format) || format < POST_RECORD_FORMAT ||
		format > FORMAT_WITH_ACLS)
		return false;
	return post_take_u32(&value, &tree->id_next) &&
	       post_take_u32(&value, &tree->validity_last) &&
	       (format != FORMAT_WITH_ACLS || take_acls(&value, tree)) &&
	       take_varint(&value, &count) && count <= 2 * POST_MAILBOXES_MOST &&
	       take_nodes(&value, count, format == FORMAT_WITH_ACLS, tree);
}

enum base_failure
post_tree_unpack(struct slice value, struct post_tree **unpacked)
{
	SCOPED(post_tree_release) struct post_tree *tree = post_tree_create();
	*unpacked = NULL;
	if (!take_tree(value, tree))
		return BASE_DAMAGED;
	*unpacked = tree;
	tree = NULL;
	return BASE_OK;
}
