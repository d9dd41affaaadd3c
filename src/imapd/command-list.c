/* LIST, LSUB (RFC 3501 6.3.8, 6.3.9), CHILDREN (3348), SPECIAL-USE (6154), XLIST (none). */
#include "imapd/lines.h"
#include "wire/imap-pattern.h"

struct listed {
	struct slice name;
	struct slice attributes;
};

/*
 * A LIST on its way. What it lists is in an arena of its own, bounded by what an account
 * may have.
 */
struct listing {
	struct imapd_lines lines;
	struct arena *arena;
	const char *verb;
	struct slice pattern; /* absent: only the root is asked for */
	struct listed *listed;
	size_t count, put;
};

static void
release(struct imapd_lines *lines)
{
	struct listing *listing = (struct listing *)lines;
	arena_destroy(listing->arena);
}

static bool
fill(struct imapd_lines *lines, struct buffer *into)
{
	struct listing *listing = (struct listing *)lines;
	while (listing->put < listing->count && into->length < IMAPD_LINES_FILL) {
		const struct listed *listed = &listing->listed[listing->put++];
		buffer_printf(into, "* %s (%.*s) \"%c\" ", listing->verb,
			SLICE_ARG(listed->attributes), POST_SEPARATOR);
		wire_imap_put_mailbox(into, listed->name, false);
		buffer_put_text(into, "\r\n");
	}
	return listing->put < listing->count;
}

/* NULL where the command can't be parsed. */
static struct listing *
listing_begin(struct imapd_session *session, const char *verb)
{
	struct wire_imap_list list;
	if (!wire_imap_list_parse(&session->call->cursor, &list))
		return NULL;
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct listing *listing = ARENA_NEW(arena, struct listing);
	struct slice parts[] = {list.reference, list.pattern};
	*listing = (struct listing){
		.lines = {.fill = fill, .release = release}, .arena = arena, .verb = verb};
	/* An empty pattern asks for the separator and the root (RFC 3501 6.3.8). */
	if (!slice_empty(list.pattern))
		listing->pattern = arena_join(arena, parts, 2);
	return listing;
}

static void
make_room(struct listing *listing, size_t most)
{
	listing->listed = ARENA_MANY(listing->arena, struct listed, most);
}

static void
add(struct listing *listing, struct slice name, struct slice attributes)
{
	listing->listed[listing->count++] = (struct listed){name, attributes};
}

static enum net_next
listing_end(struct imapd_session *session, struct listing *listing)
{
	if (slice_absent(listing->pattern)) {
		make_room(listing, 1);
		add(listing, SLICE(""), SLICE("\\Noselect"));
	}
	imapd_put_lines(session, &listing->lines);
	return imapd_ok(session, "Done");
}

static bool
matches(const struct listing *listing, struct slice name)
{
	return wire_imap_pattern_matches(listing->pattern, name, POST_SEPARATOR);
}

/* --- LIST ------------------------------------------------------------------------------
 */

static const char *
use_attribute(enum post_use use)
{
	static const char *const names[] = {[POST_USE_ALL] = " \\All",
		[POST_USE_ARCHIVE] = " \\Archive",
		[POST_USE_DRAFTS] = " \\Drafts",
		[POST_USE_FLAGGED] = " \\Flagged",
		[POST_USE_JUNK] = " \\Junk",
		[POST_USE_SENT] = " \\Sent",
		[POST_USE_TRASH] = " \\Trash",
		[POST_USE_IMPORTANT] = " \\Important"};
	return names[use] ? names[use] : "";
}

static void
add_mailbox(struct listing *listing, const struct post_mailbox_info *info, bool xlist)
{
	bool inbox = xlist && slice_equal(info->name, SLICE("INBOX"));
	add(listing, info->name,
		arena_printf(listing->arena, "%s%s%s%s",
			info->has_children ? "\\HasChildren" : "\\HasNoChildren",
			info->selectable ? "" : " \\Noselect", use_attribute(info->use),
			inbox ? " \\Inbox" : ""));
}

static void
add_mailboxes(struct listing *listing, struct post_account *account, bool xlist)
{
	struct post_mailbox_info *mailboxes;
	size_t count = post_mailboxes(account, listing->arena, &mailboxes);
	make_room(listing, count);
	for (size_t i = 0; i < count; i++)
		if (matches(listing, mailboxes[i].name))
			add_mailbox(listing, &mailboxes[i], xlist);
}

static enum net_next
list(struct imapd_session *session, const char *verb, bool xlist)
{
	struct listing *listing = listing_begin(session, verb);
	if (!listing)
		return imapd_unparsed(session);
	if (!slice_absent(listing->pattern))
		add_mailboxes(listing, session->account, xlist);
	return listing_end(session, listing);
}

static enum net_next
run_list(struct imapd_session *session, struct imapd_call *call)
{
	(void)call;
	return list(session, "LIST", false);
}

/* Outlook 2013 and 2016 find the special mailboxes only so. */
static enum net_next
run_xlist(struct imapd_session *session, struct imapd_call *call)
{
	(void)call;
	return list(session, "XLIST", true);
}

/* --- LSUB ------------------------------------------------------------------------------
 */

/*
 * With "%" a name that is not subscribed, but has a subscribed child, is listed as
 * \Noselect (RFC 3501 6.3.9). told keeps each from coming twice.
 */
static void
add_parents(struct listing *listing, struct slice name, struct map *told)
{
	for (size_t end = 0; end < name.length; end++) {
		struct slice parent = slice_first(name, end);
		if (name.data[end] != POST_SEPARATOR || map_get(told, parent) ||
			!matches(listing, parent))
			continue;
		map_put(told, parent, listing);
		add(listing, parent, SLICE("\\Noselect"));
	}
}

static void
destroy_map(struct map **map)
{
	map_destroy(*map);
}

static void
add_subscribed(struct listing *listing, const struct slice *names, size_t count)
{
	SCOPED(destroy_map) struct map *told = map_create();
	for (size_t i = 0; i < count; i++)
		if (matches(listing, names[i]) && !map_put(told, names[i], listing))
			add(listing, names[i], SLICE(""));
	if (slice_find_byte(listing->pattern, '%') == listing->pattern.length)
		return;
	for (size_t i = 0; i < count; i++)
		if (!matches(listing, names[i]))
			add_parents(listing, names[i], told);
}

/* How many names there are, if each brings its parents. */
static size_t
with_parents(const struct slice *names, size_t count)
{
	size_t all = count;
	for (size_t i = 0; i < count; i++)
		for (size_t at = 0; at < names[i].length; at++)
			all += names[i].data[at] == POST_SEPARATOR;
	return all;
}

/* Of mailboxes, and of names that are no mailbox (any more). */
static size_t
subscribed_names(
	struct listing *listing, struct post_account *account, struct slice **subscribed)
{
	struct post_mailbox_info *mailboxes;
	struct slice *gone;
	size_t count = post_mailboxes(account, listing->arena, &mailboxes);
	size_t gone_count = post_subscriptions(account, listing->arena, &gone);
	struct slice *names = ARENA_MANY(listing->arena, struct slice, count + gone_count);
	size_t names_count = 0;
	for (size_t i = 0; i < count; i++)
		if (mailboxes[i].subscribed)
			names[names_count++] = mailboxes[i].name;
	for (size_t i = 0; i < gone_count; i++)
		names[names_count++] = gone[i];
	*subscribed = names;
	return names_count;
}

static enum net_next
run_lsub(struct imapd_session *session, struct imapd_call *call)
{
	(void)call;
	struct listing *listing = listing_begin(session, "LSUB");
	if (!listing)
		return imapd_unparsed(session);
	if (!slice_absent(listing->pattern)) {
		struct slice *names;
		size_t count = subscribed_names(listing, session->account, &names);
		make_room(listing, with_parents(names, count));
		add_subscribed(listing, names, count);
	}
	return listing_end(session, listing);
}

const struct imapd_command imapd_command_list = {.name = "LIST",
	.states = IMAPD_ACCOUNT,
	.capability = "CHILDREN SPECIAL-USE",
	.run = run_list};
const struct imapd_command imapd_command_lsub = {
	.name = "LSUB", .states = IMAPD_ACCOUNT, .run = run_lsub};
const struct imapd_command imapd_command_xlist = {
	.name = "XLIST", .states = IMAPD_ACCOUNT, .capability = "XLIST", .run = run_xlist};
