/*
 * LIST of mailboxes that others share: RFC 2342, RFC 4314 4. One part for each who shares
 * something, so that thousands of them hold no memory.
 */
#include "imapd/list-mailboxes.h"
#include "imapd/others.h"
#include "imapd/rights.h"
#include "wire/imap-pattern.h"

struct walk {
	struct post_account *user; /* held */
	uint64_t owner;            /* the last one */
	struct map *subscribed;    /* names, where RETURN asks for that; else empty */
	bool told[2];              /* roots: of others, shared */
};

static void
end_walk(void *argument)
{
	struct walk *walk = argument;
	post_account_close(walk->user);
	map_destroy(walk->subscribed);
}

static bool
matches_below(const struct imapd_listing *listing, struct slice name)
{
	for (size_t i = 0; i < listing->wanted.pattern_count; i++)
		if (!slice_absent(listing->wanted.patterns[i]) &&
			wire_imap_pattern_matches_below(
				listing->wanted.patterns[i], name, POST_SEPARATOR))
			return true;
	return false;
}

/*
 * A level that is no mailbox is told where a pattern ends in "%" (RFC 3501 6.3.8), and
 * where it is named outright.
 */
static bool
asks_for_level(const struct imapd_listing *listing, struct slice name)
{
	for (size_t i = 0; i < listing->wanted.pattern_count; i++) {
		struct slice pattern = listing->wanted.patterns[i];
		bool wild = slice_find_byte(pattern, '*') < pattern.length;
		if (!slice_absent(pattern) && (!wild || slice_ends(pattern, SLICE("%"))) &&
			wire_imap_pattern_matches(pattern, name, POST_SEPARATOR))
			return true;
	}
	return false;
}

static void
tell_level(struct imapd_listing *listing, struct slice name)
{
	if (asks_for_level(listing, name))
		imapd_listing_add(listing, name, SLICE("\\Noselect \\HasChildren"));
}

/* "Other Users", "Other Users/anna@example.org". */
static void
tell_roots(struct imapd_listing *listing, bool shared, struct slice root)
{
	struct walk *walk = listing->walk;
	if (!walk->told[shared])
		tell_level(listing,
			shared ? SLICE(POST_SHARED_ROOT) : SLICE(POST_OTHERS_ROOT));
	walk->told[shared] = true;
	tell_level(listing, slice_first(root, root.length - 1));
}

/* Levels above a mailbox that the one before was not below either, nor is to be seen. */
static void
tell_hidden_levels(struct imapd_listing *listing, struct slice name, struct slice before,
	size_t root_length)
{
	for (size_t end = root_length; end < name.length; end++) {
		struct slice level = slice_first(name, end);
		bool stood = slice_equal(before, level) ||
			     (before.length > end && slice_starts(before, level) &&
				     before.data[end] == POST_SEPARATOR);
		if (name.data[end] == POST_SEPARATOR && !stood)
			tell_level(listing, level);
	}
}

static void
tell_shown(struct imapd_listing *listing, const struct post_shown *shown, struct slice name)
{
	const struct walk *walk = listing->walk;
	bool subscribed = map_get(walk->subscribed, name);
	if (!imapd_listing_matches(listing, name))
		return;
	struct imapd_listed *listed = imapd_listing_add(listing, name,
		arena_printf(listing->part, "%s%s",
			shown->has_children ? "\\HasChildren" : "\\HasNoChildren",
			subscribed ? " \\Subscribed" : ""));
	listed->selectable = listed->exists = true;
	listed->rights = shown->rights;
}

static size_t
levels(const struct post_shown *shown, size_t count)
{
	size_t all = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t at = 0; at < shown[i].name.length; at++)
			all += shown[i].name.data[at] == POST_SEPARATOR;
	return all;
}

static void
tell_owner(struct imapd_listing *listing, struct post_account *owner, bool is_shared,
	struct slice root)
{
	const struct walk *walk = listing->walk;
	struct post_shown *shown;
	struct slice before = SLICE("");
	size_t count = post_mailboxes_shown(
		owner, post_account_id(walk->user), listing->part, &shown);
	if (!count)
		return;
	imapd_listing_make_room(listing, count + levels(shown, count) + 2);
	tell_roots(listing, is_shared, root);
	for (size_t i = 0; i < count; i++) {
		struct slice parts[] = {root, shown[i].name};
		struct slice name = arena_join(listing->part, parts, 2);
		tell_hidden_levels(listing, name, before, root.length);
		tell_shown(listing, &shown[i], name);
		before = name;
	}
}

/* Nothing of the owner is read where no pattern leads there. */
static void
look_at(struct imapd_listing *listing, const struct post_account_info *info)
{
	const struct walk *walk = listing->walk;
	struct post_account *owner;
	struct slice root = imapd_root_of(info, listing->part);
	struct slice level = slice_first(root, root.length - 1);
	struct slice top = slice_first(root, slice_find_byte(root, POST_SEPARATOR));
	bool wanted = matches_below(listing, level) || asks_for_level(listing, level) ||
		      (!walk->told[info->shared] && asks_for_level(listing, top));
	if (!wanted || post_account_open(listing->session->context->post, info->id, &owner))
		return;
	tell_owner(listing, owner, info->shared, root);
	post_account_close(owner);
}

static bool
next_owner(struct imapd_listing *listing)
{
	struct walk *walk = listing->walk;
	struct post_account_info info;
	walk->owner = post_sharer_after(walk->user, walk->owner);
	if (walk->owner && !post_account_by_id(listing->session->context->post, walk->owner,
				   listing->part, &info))
		look_at(listing, &info);
	return walk->owner;
}

static struct map *
subscribed_names(struct imapd_listing *listing, struct post_account *user)
{
	struct slice *names;
	struct map *map = map_create();
	size_t count = post_subscriptions(user, listing->arena, &names);
	for (size_t i = 0; i < count; i++)
		map_put(map, names[i], listing);
	return map;
}

void
imapd_list_others(struct imapd_listing *listing)
{
	/* Those that are subscribed are told among one's own; uses are not told. */
	if (listing->wanted.select &
		(WIRE_IMAP_LIST_SUBSCRIBED | WIRE_IMAP_LIST_SPECIAL_USE))
		return;
	struct walk *walk = ARENA_NEW(listing->arena, struct walk);
	walk->user = post_account_hold(listing->session->account);
	walk->subscribed = listing->wanted.returns & WIRE_IMAP_LIST_SUBSCRIBED
				   ? subscribed_names(listing, walk->user)
				   : map_create();
	arena_on_release(listing->arena, end_walk, walk);
	listing->walk = walk;
	listing->next = next_owner;
}
