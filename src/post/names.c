#include "post/names.h"
#include "post/account-internal.h"

enum base_failure
post_names_now(struct post_account *account, struct post_tree **names)
{
	*names = NULL;
	return post_account_tree(account, names);
}

struct post_tree *
post_names_hold(struct post_tree *names)
{
	return post_tree_hold(names);
}

void
post_names_drop(struct post_tree *names)
{
	post_tree_drop(names);
}

static bool
tell(const struct post_tree *names, const struct post_node *node, struct arena *arena,
	struct post_mailbox_info *info)
{
	if (!node || node->kind == POST_NODE_SUBSCRIBED)
		return false;
	*info = (struct post_mailbox_info){
		.id = node->id,
		.name = arena_copy(arena, node->name),
		.use = node->use,
		.subscribed = node->subscribed,
		.has_children = post_tree_has_children(names, node->name),
		.selectable = node->kind == POST_NODE_MAILBOX,
	};
	return true;
}

bool
post_names_find(const struct post_tree *names, struct slice name, struct arena *arena,
	struct post_mailbox_info *info)
{
	return tell(names, post_tree_find(names, name), arena, info);
}

bool
post_names_by_id(const struct post_tree *names, uint64_t id, struct arena *arena,
	struct post_mailbox_info *info)
{
	return tell(names, post_tree_by_id(names, (uint32_t)id), arena, info);
}

bool
post_names_subscribed(const struct post_tree *names, struct slice name)
{
	const struct post_node *node = post_tree_find(names, name);
	return node && node->subscribed;
}

/* --- comparing -------------------------------------------------------------------------
 */

struct comparison {
	const struct post_tree *before, *after;
	struct map *old_by_id, *new_by_id;
	struct arena *arena;
	struct post_name_change *changes;
	size_t count;
};

static struct map *
by_id(const struct post_tree *tree)
{
	struct map *map = map_create();
	for (size_t i = 0; i < tree->count; i++)
		if (tree->nodes[i].id)
			map_put(map, slice_of(&tree->nodes[i].id, sizeof tree->nodes[i].id),
				&tree->nodes[i]);
	return map;
}

static const struct post_node *
of_id(const struct map *map, const struct post_node *node)
{
	return node->id ? map_get(map, slice_of(&node->id, sizeof node->id)) : NULL;
}

static void
add(struct comparison *comparison, unsigned events, struct slice name,
	struct slice old_name)
{
	if (events)
		comparison->changes[comparison->count++] = (struct post_name_change){events,
			arena_copy(comparison->arena, name),
			arena_copy(comparison->arena, old_name)};
}

/* "a/b/c" that was "x/b/c": was a, or a/b, called x, or x/b? */
static bool
was_renamed_above(
	const struct comparison *comparison, struct slice name, struct slice old_name)
{
	for (;;) {
		size_t slash = slice_find_last_byte(name, POST_SEPARATOR);
		size_t old_slash = slice_find_last_byte(old_name, POST_SEPARATOR);
		if (slash == name.length || old_slash == old_name.length ||
			!slice_equal(
				slice_from(name, slash), slice_from(old_name, old_slash)))
			return false;
		name = slice_first(name, slash);
		old_name = slice_first(old_name, old_slash);
		const struct post_node *above = post_tree_find(comparison->after, name);
		const struct post_node *was =
			above ? of_id(comparison->old_by_id, above) : NULL;
		if (was && slice_equal(was->name, old_name))
			return !slice_equal(name, old_name);
	}
}

static unsigned
renamed(const struct comparison *comparison, const struct post_node *node,
	const struct post_node *was)
{
	return was_renamed_above(comparison, node->name, was->name)
		       ? POST_NAME_RENAMED | POST_NAME_WITH_PARENT
		       : POST_NAME_RENAMED;
}

static bool
is_mailbox(const struct post_node *node)
{
	return node && node->kind == POST_NODE_MAILBOX;
}

static void
compare_new(struct comparison *comparison, const struct post_node *node)
{
	unsigned events = 0;
	struct slice old_name = SLICE_NONE;
	const struct post_node *was = post_tree_find(comparison->before, node->name);
	const struct post_node *same = of_id(comparison->old_by_id, node);
	if (is_mailbox(node) && same && !slice_equal(same->name, node->name)) {
		events = renamed(comparison, node, same);
		old_name = same->name;
	} else if (is_mailbox(node) && !same) {
		events = POST_NAME_CREATED | (is_mailbox(was) ? POST_NAME_RENEWED : 0);
	} else if (is_mailbox(was) && !of_id(comparison->new_by_id, was)) {
		events = POST_NAME_DELETED;
	}
	/* A subscription goes along when the mailbox is renamed. */
	if (events & POST_NAME_RENAMED)
		was = same;
	if (node->subscribed != (was && was->subscribed))
		events |= POST_NAME_SUBSCRIBED;
	add(comparison, events, node->name, old_name);
}

/* Its name is no more; where the mailbox lives on, that was told. */
static void
compare_gone(struct comparison *comparison, const struct post_node *node)
{
	unsigned events = node->subscribed ? POST_NAME_SUBSCRIBED : 0;
	if (post_tree_find(comparison->after, node->name) ||
		of_id(comparison->new_by_id, node))
		return;
	if (node->kind != POST_NODE_SUBSCRIBED)
		events |= POST_NAME_DELETED;
	add(comparison, events, node->name, SLICE_NONE);
}

size_t
post_names_compare(const struct post_tree *before, const struct post_tree *after,
	struct arena *arena, struct post_name_change **changes)
{
	struct comparison comparison = {.before = before, .after = after, .arena = arena};
	*changes = NULL;
	if (before == after)
		return 0;
	comparison.changes =
		ARENA_MANY(arena, struct post_name_change, before->count + after->count);
	comparison.old_by_id = by_id(before);
	comparison.new_by_id = by_id(after);
	for (size_t i = 0; i < after->count; i++)
		compare_new(&comparison, &after->nodes[i]);
	for (size_t i = 0; i < before->count; i++)
		compare_gone(&comparison, &before->nodes[i]);
	map_destroy(comparison.old_by_id);
	map_destroy(comparison.new_by_id);
	*changes = comparison.changes;
	return comparison.count;
}
