/* LIST, LSUB (RFC 3501 6.3.8, 6.3.9), CHILDREN (3348), SPECIAL-USE (6154), XLIST (none). */
#include "imapd/imapd-internal.h"
#include "wire/imap-pattern.h"

enum { PUT_AT = 32 * 1024, LINES_MOST = 64 * 1024 };

/* A LIST on its way. */
struct listing {
	struct imapd_session *session;
	const char *verb;
	struct slice pattern;
	struct buffer lines;
	bool xlist;
};

static void
put_line(struct listing *listing, const char *attributes, struct slice name)
{
	buffer_printf(&listing->lines, "* %s (%s) \"%c\" ", listing->verb, attributes,
		POST_SEPARATOR);
	wire_imap_put_mailbox(&listing->lines, name, false);
	buffer_put_text(&listing->lines, "\r\n");
	if (listing->lines.length > PUT_AT) {
		imapd_put(listing->session, &listing->lines);
		buffer_clear(&listing->lines);
	}
}

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
put_mailbox(struct listing *listing, const struct post_mailbox_info *info)
{
	char attributes[96];
	bool inbox = listing->xlist && slice_equal(info->name, SLICE("INBOX"));
	snprintf(attributes, sizeof attributes, "%s%s%s%s",
		info->has_children ? "\\HasChildren" : "\\HasNoChildren",
		info->selectable ? "" : " \\Noselect", use_attribute(info->use),
		inbox ? " \\Inbox" : "");
	put_line(listing, attributes, info->name);
}

static bool
matches(const struct listing *listing, struct slice name)
{
	return wire_imap_pattern_matches(listing->pattern, name, POST_SEPARATOR);
}

static bool
listing_begin(struct listing *listing, struct imapd_session *session, const char *verb)
{
	struct wire_imap_list list;
	struct imapd_call *call = session->call;
	if (!wire_imap_list_parse(&call->cursor, &list))
		return false;
	struct slice parts[] = {list.reference, list.pattern};
	*listing = (struct listing){.session = session,
		.verb = verb,
		.pattern = arena_join(call->arena, parts, 2),
		.lines = buffer_with(LINES_MOST)};
	/* An empty pattern asks for the separator and the root (RFC 3501 6.3.8). */
	if (slice_empty(list.pattern)) {
		listing->pattern = SLICE_NONE;
		put_line(listing, "\\Noselect", SLICE(""));
	}
	return true;
}

static enum net_next
listing_end(struct listing *listing)
{
	imapd_put(listing->session, &listing->lines);
	buffer_free(&listing->lines);
	return imapd_ok(listing->session, "Done");
}

static enum net_next
list(struct imapd_session *session, const char *verb, bool xlist)
{
	struct listing listing;
	struct post_mailbox_info *mailboxes;
	if (!listing_begin(&listing, session, verb))
		return imapd_unparsed(session);
	listing.xlist = xlist;
	size_t count = post_mailboxes(session->account, session->call->arena, &mailboxes);
	for (size_t i = 0; i < count && !slice_absent(listing.pattern); i++)
		if (matches(&listing, mailboxes[i].name))
			put_mailbox(&listing, &mailboxes[i]);
	return listing_end(&listing);
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

/* --- LSUB
 * --------------------------------------------------------------------------------- */

/*
 * With "%" a name that is not subscribed, but has a subscribed child, is listed as
 * \Noselect (RFC 3501 6.3.9). told keeps each from coming twice.
 */
static void
put_parents(struct listing *listing, struct slice name, struct map *told)
{
	for (size_t end = 0; end < name.length; end++) {
		struct slice parent = slice_first(name, end);
		if (name.data[end] != POST_SEPARATOR || map_get(told, parent) ||
			!matches(listing, parent))
			continue;
		map_put(told, parent, listing);
		put_line(listing, "\\Noselect", parent);
	}
}

static void
destroy_map(struct map **map)
{
	map_destroy(*map);
}

static void
put_subscribed(struct listing *listing, const struct slice *names, size_t count)
{
	SCOPED(destroy_map) struct map *told = map_create();
	for (size_t i = 0; i < count; i++)
		if (matches(listing, names[i]) && !map_put(told, names[i], listing))
			put_line(listing, "", names[i]);
	if (slice_find_byte(listing->pattern, '%') == listing->pattern.length)
		return;
	for (size_t i = 0; i < count; i++)
		if (!matches(listing, names[i]))
			put_parents(listing, names[i], told);
}

static enum net_next
run_lsub(struct imapd_session *session, struct imapd_call *call)
{
	struct listing listing;
	struct post_mailbox_info *mailboxes;
	struct slice *gone;
	if (!listing_begin(&listing, session, "LSUB"))
		return imapd_unparsed(session);
	size_t count = post_mailboxes(session->account, call->arena, &mailboxes);
	size_t gone_count = post_subscriptions(session->account, call->arena, &gone);
	struct slice *names = ARENA_MANY(call->arena, struct slice, count + gone_count);
	size_t names_count = 0;
	for (size_t i = 0; i < count; i++)
		if (mailboxes[i].subscribed)
			names[names_count++] = mailboxes[i].name;
	for (size_t i = 0; i < gone_count; i++)
		names[names_count++] = gone[i];
	if (!slice_absent(listing.pattern))
		put_subscribed(&listing, names, names_count);
	return listing_end(&listing);
}

const struct imapd_command imapd_command_list = {.name = "LIST",
	.states = IMAPD_ACCOUNT,
	.capability = "CHILDREN SPECIAL-USE",
	.run = run_list};
const struct imapd_command imapd_command_lsub = {
	.name = "LSUB", .states = IMAPD_ACCOUNT, .run = run_lsub};
const struct imapd_command imapd_command_xlist = {
	.name = "XLIST", .states = IMAPD_ACCOUNT, .capability = "XLIST", .run = run_xlist};
