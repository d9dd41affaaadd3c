/*
 * Which mailboxes LIST tells, and what of them: RFC 3501 6.3.8, LIST-EXTENDED (RFC 5258),
 * CHILDREN (3348), SPECIAL-USE (6154).
 */
#include "imapd/list-mailboxes.h"
#include "imapd/metadata.h"
#include "imapd/rights.h"
#include "wire/imap-pattern.h"

/* A name that LIST may tell. */
struct candidate {
	struct slice name;
	enum post_use use;
	bool exists, selectable, has_children, subscribed;
	bool matches; /* a pattern */
	unsigned rights;
	bool above; /* one that is selected and is not found with it (RECURSIVEMATCH) */
};

struct candidates {
	struct imapd_listing *listing;
	unsigned select;
	struct candidate *all;
	size_t count;
};

static void
destroy_map(struct map **map)
{
	map_destroy(*map);
}

static struct candidate *
add(struct candidates *candidates, struct slice name)
{
	struct candidate *candidate = &candidates->all[candidates->count++];
	*candidate = (struct candidate){
		.name = name, .matches = imapd_listing_matches(candidates->listing, name)};
	return candidate;
}

static void
add_mailbox(struct candidates *candidates, const struct post_mailbox_info *info)
{
	struct candidate *candidate = add(candidates, info->name);
	candidate->exists = true;
	candidate->use = info->use;
	candidate->selectable = info->selectable;
	candidate->has_children = info->has_children;
	candidate->subscribed = info->subscribed;
	candidate->rights = info->selectable ? WIRE_RIGHTS_ALL : 0;
}

/* A name that is subscribed may be a mailbox of another account (RFC 2342). */
static void
add_subscription(
	struct candidates *candidates, struct post_account *account, struct slice name)
{
	struct post_place place;
	struct candidate *candidate = add(candidates, name);
	candidate->subscribed = true;
	if (post_place_find(account, name, candidates->listing->part, &place) ||
		place.owner == POST_OWN || !(place.rights & WIRE_RIGHT_LOOKUP))
		return;
	candidate->exists = candidate->selectable = true;
	candidate->has_children = place.has_children;
	candidate->rights = place.rights;
}

static size_t
levels(struct slice name)
{
	size_t count = 1;
	for (size_t i = 0; i < name.length; i++)
		count += name.data[i] == POST_SEPARATOR;
	return count;
}

/* Mailboxes, and with SUBSCRIBED the names that are subscribed and are none (any more). */
static void
gather(struct candidates *candidates, struct post_account *account)
{
	struct arena *arena = candidates->listing->part;
	struct post_mailbox_info *mailboxes;
	struct slice *names = NULL;
	size_t count = post_mailboxes(account, arena, &mailboxes), name_count = 0;
	size_t room = count;
	if (candidates->select & WIRE_IMAP_LIST_SUBSCRIBED)
		name_count = post_subscriptions(account, arena, &names);
	for (size_t i = 0; i < name_count; i++)
		room += levels(names[i]);
	candidates->all = ARENA_MANY(arena, struct candidate, room ? room : 1);
	for (size_t i = 0; i < count; i++)
		add_mailbox(candidates, &mailboxes[i]);
	for (size_t i = 0; i < name_count; i++)
		add_subscription(candidates, account, names[i]);
}

static bool
is_selected(const struct candidates *candidates, const struct candidate *candidate)
{
	if (candidates->select & WIRE_IMAP_LIST_SUBSCRIBED && !candidate->subscribed)
		return false;
	return !(candidates->select & WIRE_IMAP_LIST_SPECIAL_USE) ||
	       candidate->use != POST_USE_NONE;
}

/*
 * RFC 5258 3: several patterns are as many commands. One of them alone would find the
 * parent, and not the child that makes CHILDINFO redundant (3.5).
 */
static bool
found_without(const struct wire_imap_list *wanted, struct slice parent, struct slice child)
{
	for (size_t i = 0; i < wanted->pattern_count; i++) {
		struct slice pattern = wanted->patterns[i];
		if (!slice_absent(pattern) &&
			wire_imap_pattern_matches(pattern, parent, POST_SEPARATOR) &&
			!wire_imap_pattern_matches(pattern, child, POST_SEPARATOR))
			return true;
	}
	return false;
}

/* Marks what stands above; a level that is no mailbox becomes a candidate too. */
static void
mark_above(struct candidates *candidates, struct map *by_name, struct slice name)
{
	const struct wire_imap_list *wanted = &candidates->listing->wanted;
	for (size_t end = 0; end < name.length; end++) {
		if (name.data[end] != POST_SEPARATOR)
			continue;
		struct slice parent = slice_first(name, end);
		struct candidate *candidate = map_get(by_name, parent);
		if (!candidate) {
			candidate = add(candidates, parent);
			map_put(by_name, parent, candidate);
		}
		if (candidate->matches && !candidate->above)
			candidate->above = found_without(wanted, parent, name);
	}
}

/* RFC 5258 3.5. */
static void
match_recursively(struct candidates *candidates)
{
	SCOPED(destroy_map) struct map *by_name = map_create();
	size_t count = candidates->count;
	for (size_t i = 0; i < count; i++)
		map_put(by_name, candidates->all[i].name, &candidates->all[i]);
	for (size_t i = 0; i < count; i++)
		if (is_selected(candidates, &candidates->all[i]))
			mark_above(candidates, by_name, candidates->all[i].name);
}

/* --- what is told of one ---------------------------------------------------------------
 */

static const char *
kind_of(const struct candidate *candidate, bool asked_for_children)
{
	if (candidate->exists)
		return candidate->has_children ? "\\HasChildren" : "\\HasNoChildren";
	if (!asked_for_children)
		return "\\NonExistent";
	return candidate->has_children ? "\\NonExistent \\HasChildren"
				       : "\\NonExistent \\HasNoChildren";
}

/*
 * Children and uses are told unasked, as many clients never ask. A name that is no mailbox
 * is told to those alone who know LIST's options: \NonExistent includes \Noselect.
 */
static struct slice
attributes_of(const struct candidates *candidates, const struct candidate *candidate,
	const char *more)
{
	const struct wire_imap_list *wanted = &candidates->listing->wanted;
	bool tells = (wanted->returns | wanted->select) & WIRE_IMAP_LIST_SUBSCRIBED;
	const char *kind = kind_of(candidate, wanted->returns & WIRE_IMAP_LIST_CHILDREN);
	return arena_printf(candidates->listing->part, "%s%s%s%s%s%s", kind,
		candidate->exists && !candidate->selectable ? " \\Noselect" : "",
		tells && candidate->subscribed ? " \\Subscribed" : "",
		candidate->use != POST_USE_NONE ? " " : "", imapd_use_name(candidate->use),
		more);
}

/* RFC 5258 4: CHILDINFO says which options the ones below met. */
static struct slice
child_info(const struct candidates *candidates)
{
	bool subscribed = candidates->select & WIRE_IMAP_LIST_SUBSCRIBED;
	bool used = candidates->select & WIRE_IMAP_LIST_SPECIAL_USE;
	return arena_printf(candidates->listing->part, "(\"CHILDINFO\" (%s%s%s))",
		subscribed ? "\"SUBSCRIBED\"" : "", subscribed && used ? " " : "",
		used ? "\"SPECIAL-USE\"" : "");
}

static void
tell(const struct candidates *candidates, const struct candidate *candidate, bool xlist)
{
	if (!candidate->matches ||
		!(is_selected(candidates, candidate) || candidate->above))
		return;
	bool inbox = xlist && slice_equal(candidate->name, SLICE("INBOX"));
	struct imapd_listed *listed =
		imapd_listing_add(candidates->listing, candidate->name,
			attributes_of(candidates, candidate, inbox ? " \\Inbox" : ""));
	listed->exists = candidate->exists;
	listed->selectable = candidate->selectable;
	listed->rights = candidate->rights;
	if (candidate->above)
		listed->extended = child_info(candidates);
}

enum net_next
imapd_list(struct imapd_session *session, const char *verb, bool xlist)
{
	struct imapd_listing *listing = imapd_listing_begin(session, verb, xlist);
	if (!listing)
		return imapd_unparsed(session);
	struct candidates candidates = {
		.listing = listing, .select = listing->wanted.select};
	if (!listing->root) {
		gather(&candidates, session->account);
		if (candidates.select & WIRE_IMAP_LIST_RECURSIVEMATCH)
			match_recursively(&candidates);
		imapd_listing_make_room(listing, candidates.count);
		for (size_t i = 0; i < candidates.count; i++)
			tell(&candidates, &candidates.all[i], xlist);
		imapd_list_others(listing);
	}
	return imapd_listing_end(session, listing);
}

const struct imapd_extension imapd_extension_children = {
	.capability = "CHILDREN",
	.rfc = "3348",
	.purpose = "LIST tells which mailboxes have others below them",
	.file = __FILE__,
};

const struct imapd_extension imapd_extension_list_extended = {
	.capability = "LIST-EXTENDED",
	.rfc = "5258",
	.purpose = "LIST with options, and with many patterns",
	.file = __FILE__,
};

const struct imapd_extension imapd_extension_special_use = {
	.capability = "SPECIAL-USE",
	.rfc = "6154 2",
	.purpose = "LIST tells what mailboxes are for",
	.file = __FILE__,
};
