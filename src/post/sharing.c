/* Where names lead, and what others share: reads only. */
#include "post/sharing.h"
#include "post/directory-internal.h"
#include "post/mailbox-internal.h"

/* "Other Users/anna@example.org/Work/2026" in its parts. */
struct parts {
	enum post_owner owner;
	struct slice root; /* with the separators behind */
	struct slice address;
	struct slice name; /* empty: no mailbox is named */
};

static enum post_owner
owner_of_root(struct slice root)
{
	if (slice_equal(root, SLICE(POST_OTHERS_ROOT)))
		return POST_OF_OTHERS;
	return slice_equal(root, SLICE(POST_SHARED_ROOT)) ? POST_OF_NOBODY : POST_OWN;
}

static struct parts
part(struct slice name)
{
	struct slice rest = name;
	struct parts parts = {.owner = owner_of_root(slice_cut(&rest, POST_SEPARATOR))};
	if (parts.owner == POST_OWN || slice_absent(rest))
		return parts;
	parts.address = slice_cut(&rest, POST_SEPARATOR);
	parts.name = rest;
	parts.root = slice_first(name, name.length - rest.length);
	return parts;
}

static bool
has_at(struct slice text)
{
	return slice_find_byte(text, '@') < text.length;
}

/*
 * Names of one's own come first; of what is not there yet, those that name no address below
 * a root that one has.
 */
static enum base_failure
is_own(struct post_account *user, struct slice name, const struct parts *parts, bool *own)
{
	struct slice root = name;
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	enum base_failure failure = post_account_tree(user, &tree);
	if (failure)
		return failure;
	const struct post_node *node = post_tree_find(tree, name);
	const struct post_node *top =
		post_tree_find(tree, slice_cut(&root, POST_SEPARATOR));
	*own = (node && node->kind != POST_NODE_SUBSCRIBED) ||
	       (top && top->kind != POST_NODE_SUBSCRIBED &&
		       (slice_empty(parts->address) || !has_at(parts->address)));
	return BASE_OK;
}

static void
close_account(void *argument)
{
	post_account_close(argument);
}

/* One's own by its long name is found there too, with all rights. */
static enum base_failure
open_owner(struct post_account *user, const struct parts *parts, struct arena *arena,
	struct post_place *place)
{
	struct post_account_info info;
	if (slice_empty(parts->address) || slice_empty(parts->name) ||
		post_account_find(user->post, parts->address, arena, &info) ||
		info.shared != (parts->owner == POST_OF_NOBODY))
		return BASE_NOT_FOUND;
	enum base_failure failure = post_account_open(user->post, info.id, &place->account);
	if (failure)
		return failure;
	arena_on_release(arena, close_account, place->account);
	return BASE_OK;
}

/* The top of a shared account is where its INBOX is: nobody else could create there. */
static unsigned
rights_above(const struct post_place *place, const struct post_tree *tree, uint64_t who)
{
	const struct post_node *above = post_tree_above(tree, place->name);
	if (!above && place->owner == POST_OF_NOBODY)
		above = post_tree_by_id(tree, POST_INBOX_ID);
	return above ? post_tree_rights(tree, above, who) : 0;
}

static bool
has_visible_children(
	const struct post_tree *tree, const struct post_node *node, uint64_t who)
{
	const struct post_node *end = tree->nodes + tree->count;
	for (const struct post_node *at = node + 1; at < end; at++) {
		if (!post_name_is_below(at->name, node->name))
			return false;
		if (post_tree_rights(tree, at, who) & WIRE_RIGHT_LOOKUP)
			return true;
	}
	return false;
}

static enum base_failure
look_up(struct post_account *user, struct post_place *place)
{
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	enum base_failure failure = post_account_tree(place->account, &tree);
	if (failure)
		return failure;
	const struct post_node *node = post_tree_find(tree, place->name);
	bool owns = place->account == user;
	place->exists = node && node->kind == POST_NODE_MAILBOX;
	if (place->exists) {
		place->rights =
			owns ? WIRE_RIGHTS_ALL : post_tree_rights(tree, node, user->id);
		place->has_children = has_visible_children(tree, node, user->id);
	}
	place->rights_above = owns ? WIRE_RIGHTS_ALL : rights_above(place, tree, user->id);
	return BASE_OK;
}

enum base_failure
post_place_find(struct post_account *user, struct slice given, struct arena *arena,
	struct post_place *place)
{
	bool own = true;
	*place = (struct post_place){.account = user,
		.exists = true,
		.rights = WIRE_RIGHTS_ALL,
		.rights_above = WIRE_RIGHTS_ALL};
	enum base_failure failure = post_name_canonical(arena, given, &place->name, NULL);
	if (failure)
		return failure;
	struct parts parts = part(place->name);
	if (parts.owner != POST_OWN)
		failure = is_own(user, place->name, &parts, &own);
	if (failure || own)
		return failure;
	*place = (struct post_place){.owner = parts.owner, .root = parts.root};
	failure = open_owner(user, &parts, arena, place);
	if (!failure)
		failure = post_name_canonical(arena, parts.name, &place->name, NULL);
	return failure ? failure : look_up(user, place);
}

/* --- rights -----------------------------------------------------------------------------
 */

unsigned
post_mailbox_rights(struct post_mailbox *mailbox, uint64_t who)
{
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	if (mailbox->account->id == who)
		return WIRE_RIGHTS_ALL;
	if (post_mailbox_gone(mailbox) || post_account_tree(mailbox->account, &tree))
		return 0;
	const struct post_node *node = post_tree_by_id(tree, mailbox->id);
	return node ? post_tree_rights(tree, node, who) : 0;
}

unsigned
post_mailbox_rights_version(const struct post_mailbox *mailbox)
{
	return atomic_load(&mailbox->rights_version);
}

/* --- what others share ------------------------------------------------------------------
 */

uint64_t
post_sharer_after(struct post_account *user, uint64_t after)
{
	struct post_directory *directory = user->post->directory;
	uint64_t owner = after;
	post_directory_read_lock(directory);
	do {
		uint64_t mine = post_table_sharer_after(directory->table, user->id, owner);
		uint64_t all =
			post_table_sharer_after(directory->table, POST_ANYONE, owner);
		owner = !mine || (all && all < mine) ? all : mine;
	} while (owner == user->id);
	post_directory_unlock(directory);
	return owner;
}

size_t
post_names_shown(const struct post_tree *names, uint64_t who, struct arena *arena,
	struct post_shown **shown)
{
	size_t count = 0;
	*shown = ARENA_MANY(arena, struct post_shown, names->count + 1);
	for (size_t i = 0; i < names->count; i++) {
		const struct post_node *node = &names->nodes[i];
		unsigned rights = post_tree_rights(names, node, who);
		if (!(rights & WIRE_RIGHT_LOOKUP))
			continue;
		(*shown)[count++] = (struct post_shown){.id = node->id,
			.name = arena_copy(arena, node->name),
			.rights = rights};
	}
	/* Children stand behind their parent. */
	for (size_t i = 0; i + 1 < count; i++)
		(*shown)[i].has_children =
			post_name_is_below((*shown)[i + 1].name, (*shown)[i].name);
	return count;
}

size_t
post_mailboxes_shown(struct post_account *account, uint64_t who, struct arena *arena,
	struct post_shown **shown)
{
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	*shown = NULL;
	return post_account_tree(account, &tree)
		       ? 0
		       : post_names_shown(tree, who, arena, shown);
}

/* --- who may do what --------------------------------------------------------------------
 */

enum base_failure
post_who_find(struct post *post, struct slice text, uint64_t *who)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_account_info info;
	*who = POST_ANYONE;
	if (slice_equal(text, SLICE("anyone")))
		return BASE_OK;
	enum base_failure failure = post_account_find(post, text, arena, &info);
	*who = info.id;
	return failure;
}

/* False: the account is gone. */
static bool
put_granted(struct post *post, const struct post_grant *grant, struct arena *arena,
	struct post_granted *granted)
{
	struct post_account_info info;
	*granted = (struct post_granted){.who = SLICE("anyone"),
		.negative = grant->negative,
		.rights = grant->rights};
	if (grant->who == POST_ANYONE)
		return true;
	if (post_account_by_id(post, grant->who, arena, &info))
		return false;
	granted->who = info.address;
	return true;
}

enum base_failure
post_mailbox_grants(struct post_account *account, struct slice name, struct arena *arena,
	struct post_granted **grants, size_t *count)
{
	const struct post_node *node;
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	*count = 0;
	enum base_failure failure = post_account_tree(account, &tree);
	failure = failure ? failure : post_tree_named(tree, arena, name, &node);
	if (failure)
		return failure;
	if (node->kind != POST_NODE_MAILBOX)
		return BASE_NOT_FOUND;
	const struct post_acl *acl = post_tree_acl(tree, node);
	*grants = ARENA_MANY(arena, struct post_granted, acl->count + 1);
	for (size_t i = 0; i < acl->count; i++)
		if (put_granted(account->post, &acl->grants[i], arena, *grants + *count))
			++*count;
	return BASE_OK;
}
