#include "post/tree.h"

#define TREE_CEILING (64 * 1024 * 1024)

struct post_tree *
post_tree_create(void)
{
	struct arena *arena = arena_create_small(TREE_CEILING);
	struct post_tree *tree = ARENA_NEW(arena, struct post_tree);
	atomic_init(&tree->references, 1);
	tree->arena = arena;
	tree->id_next = 1;
	return tree;
}

struct post_tree *
post_tree_hold(struct post_tree *tree)
{
	atomic_fetch_add_explicit(&tree->references, 1, memory_order_relaxed);
	return tree;
}

void
post_tree_drop(struct post_tree *tree)
{
	if (tree &&
		atomic_fetch_sub_explicit(&tree->references, 1, memory_order_acq_rel) == 1)
		arena_destroy(tree->arena);
}

void
post_tree_release(struct post_tree **tree)
{
	post_tree_drop(*tree);
	*tree = NULL;
}

/* INBOX and its children first, then by bytes; the separator before all others. */
static unsigned
weight(char byte)
{
	return byte == POST_SEPARATOR ? 0 : (unsigned char)byte;
}

static bool
in_inbox(struct slice name)
{
	return slice_starts(name, SLICE("INBOX")) &&
	       (name.length == 5 || name.data[5] == POST_SEPARATOR);
}

int
post_tree_order(struct slice a, struct slice b)
{
	if (in_inbox(a) != in_inbox(b))
		return in_inbox(a) ? -1 : 1;
	size_t common = a.length < b.length ? a.length : b.length;
	for (size_t i = 0; i < common; i++)
		if (a.data[i] != b.data[i])
			return weight(a.data[i]) < weight(b.data[i]) ? -1 : 1;
	return a.length < b.length ? -1 : a.length > b.length;
}

static size_t
place_of(const struct post_tree *tree, struct slice name)
{
	size_t low = 0, high = tree->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (post_tree_order(tree->nodes[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct post_node *
post_tree_edit(struct post_tree *tree, struct slice name)
{
	size_t place = place_of(tree, name);
	bool there = place < tree->count && slice_equal(tree->nodes[place].name, name);
	return there ? &tree->nodes[place] : NULL;
}

const struct post_node *
post_tree_find(const struct post_tree *tree, struct slice name)
{
	size_t place = place_of(tree, name);
	bool there = place < tree->count && slice_equal(tree->nodes[place].name, name);
	return there ? &tree->nodes[place] : NULL;
}

const struct post_node *
post_tree_by_id(const struct post_tree *tree, uint32_t id)
{
	for (size_t i = 0; i < tree->count; i++)
		if (tree->nodes[i].id == id)
			return &tree->nodes[i];
	return NULL;
}

bool
post_name_is_below(struct slice name, struct slice ancestor)
{
	return name.length > ancestor.length && slice_starts(name, ancestor) &&
	       name.data[ancestor.length] == POST_SEPARATOR;
}

bool
post_tree_has_children(const struct post_tree *tree, struct slice name)
{
	for (size_t at = place_of(tree, name); at < tree->count; at++) {
		const struct post_node *node = &tree->nodes[at];
		if (post_name_is_below(node->name, name)) {
			if (node->kind != POST_NODE_SUBSCRIBED)
				return true;
		} else if (!slice_equal(node->name, name)) {
			return false;
		}
	}
	return false;
}

static void
make_room(struct post_tree *tree)
{
	if (tree->count < tree->room)
		return;
	size_t room = tree->room ? tree->room * 2 : 16;
	struct post_node *nodes = ARENA_MANY(tree->arena, struct post_node, room);
	if (tree->count)
		memcpy(nodes, tree->nodes, tree->count * sizeof *nodes);
	tree->nodes = nodes;
	tree->room = room;
}

struct post_node *
post_tree_insert(struct post_tree *tree, const struct post_node *node)
{
	size_t place = place_of(tree, node->name);
	make_room(tree);
	memmove(tree->nodes + place + 1, tree->nodes + place,
		(tree->count - place) * sizeof *node);
	tree->nodes[place] = *node;
	tree->nodes[place].name = arena_copy(tree->arena, node->name);
	tree->count++;
	return &tree->nodes[place];
}

void
post_tree_remove(struct post_tree *tree, struct slice name)
{
	struct post_node *node = post_tree_edit(tree, name);
	if (!node)
		return;
	size_t place = (size_t)(node - tree->nodes);
	memmove(node, node + 1, (tree->count - place - 1) * sizeof *node);
	tree->count--;
}

static void
take_away(struct post_tree *tree, struct slice name)
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

void
post_tree_prune_above(struct post_tree *tree, struct slice name)
{
	for (size_t i = name.length; i-- > 1;) {
		struct slice parent = slice_first(name, i);
		if (name.data[i] != POST_SEPARATOR)
			continue;
		const struct post_node *node = post_tree_find(tree, parent);
		if (node && node->kind == POST_NODE_NAME &&
			!post_tree_has_children(tree, parent))
			take_away(tree, parent);
	}
}

void
post_tree_take_away(struct post_tree *tree, struct slice name)
{
	take_away(tree, name);
	post_tree_prune_above(tree, name);
}

static void
copy_acls(struct post_tree *copy, const struct post_tree *tree)
{
	copy->acls = ARENA_MANY(copy->arena, struct post_acl, tree->acl_count + 1);
	copy->acl_count = tree->acl_count;
	for (size_t i = 0; i < tree->acl_count; i++)
		copy->acls[i] = post_acl_copy(copy->arena, &tree->acls[i]);
}

struct post_tree *
post_tree_copy(const struct post_tree *tree)
{
	struct post_tree *copy = post_tree_create();
	copy->id_next = tree->id_next;
	copy->validity_last = tree->validity_last;
	copy_acls(copy, tree);
	for (size_t i = 0; i < tree->count; i++) {
		make_room(copy);
		copy->nodes[i] = tree->nodes[i];
		copy->nodes[i].name = arena_copy(copy->arena, tree->nodes[i].name);
		copy->count++;
	}
	return copy;
}

struct post_node
post_tree_new_mailbox(
	struct post_tree *tree, struct slice name, enum post_use use, int64_t now_ms)
{
	uint32_t now = (uint32_t)(now_ms / 1000);
	tree->validity_last = now > tree->validity_last ? now : tree->validity_last + 1;
	return (struct post_node){.name = name,
		.id = tree->id_next++,
		.uid_validity = tree->validity_last,
		.kind = POST_NODE_MAILBOX,
		.use = use};
}

/* Of two renewals of one copy the later one gives more, also where a clock was ahead. */
static uint32_t
floor_above(uint32_t last, uint32_t floor)
{
	const uint32_t since = 1767225600; /* 2026; no floor is older */
	return last + POST_LOST_VALIDITIES + (floor > since ? floor - since : 0);
}

void
post_tree_renew(struct post_tree *tree, uint32_t floor)
{
	if (floor <= tree->validity_last)
		floor = floor_above(tree->validity_last, floor);
	tree->validity_last = floor;
	for (size_t i = 0; i < tree->count; i++)
		if (tree->nodes[i].kind == POST_NODE_MAILBOX)
			tree->nodes[i].uid_validity = ++tree->validity_last;
}

size_t
post_tree_mailboxes(const struct post_tree *tree)
{
	size_t count = 0;
	for (size_t i = 0; i < tree->count; i++)
		count += tree->nodes[i].kind == POST_NODE_MAILBOX;
	return count;
}
