/* What LIST, LSUB and XLIST share: RFC 3501 6.3.8, CHILDREN (3348), SPECIAL-USE (6154). */
#include "imapd/listing.h"
#include "wire/imap-pattern.h"

static void
release(struct imapd_lines *lines)
{
	struct imapd_listing *listing = (struct imapd_listing *)lines;
	arena_destroy(listing->arena);
}

static bool
fill(struct imapd_lines *lines, struct buffer *into)
{
	struct imapd_listing *listing = (struct imapd_listing *)lines;
	while (listing->put < listing->count && into->length < IMAPD_LINES_FILL) {
		const struct imapd_listed *listed = &listing->listed[listing->put++];
		buffer_printf(into, "* %s (%.*s) \"%c\" ", listing->verb,
			SLICE_ARG(listed->attributes), POST_SEPARATOR);
		wire_imap_put_mailbox(into, listed->name, false);
		buffer_put_text(into, "\r\n");
	}
	return listing->put < listing->count;
}

struct imapd_listing *
imapd_listing_begin(struct imapd_session *session, const char *verb)
{
	struct wire_imap_list list;
	if (!wire_imap_list_parse(&session->call->cursor, &list))
		return NULL;
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct imapd_listing *listing = ARENA_NEW(arena, struct imapd_listing);
	struct slice parts[] = {list.reference, list.pattern};
	*listing = (struct imapd_listing){
		.lines = {.fill = fill, .release = release}, .arena = arena, .verb = verb};
	/* An empty pattern asks for the separator and the root (RFC 3501 6.3.8). */
	if (!slice_empty(list.pattern))
		listing->pattern = arena_join(arena, parts, 2);
	return listing;
}

void
imapd_listing_make_room(struct imapd_listing *listing, size_t most)
{
	listing->listed = ARENA_MANY(listing->arena, struct imapd_listed, most);
}

void
imapd_listing_add(struct imapd_listing *listing, struct slice name, struct slice attributes)
{
	listing->listed[listing->count++] = (struct imapd_listed){name, attributes};
}

enum net_next
imapd_listing_end(struct imapd_session *session, struct imapd_listing *listing)
{
	if (slice_absent(listing->pattern)) {
		imapd_listing_make_room(listing, 1);
		imapd_listing_add(listing, SLICE(""), SLICE("\\Noselect"));
	}
	imapd_put_lines(session, &listing->lines);
	return imapd_ok(session, "Done");
}

bool
imapd_listing_matches(const struct imapd_listing *listing, struct slice name)
{
	return wire_imap_pattern_matches(listing->pattern, name, POST_SEPARATOR);
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
add_mailbox(struct imapd_listing *listing, const struct post_mailbox_info *info, bool xlist)
{
	bool inbox = xlist && slice_equal(info->name, SLICE("INBOX"));
	imapd_listing_add(listing, info->name,
		arena_printf(listing->arena, "%s%s%s%s",
			info->has_children ? "\\HasChildren" : "\\HasNoChildren",
			info->selectable ? "" : " \\Noselect", use_attribute(info->use),
			inbox ? " \\Inbox" : ""));
}

static void
add_mailboxes(struct imapd_listing *listing, struct post_account *account, bool xlist)
{
	struct post_mailbox_info *mailboxes;
	size_t count = post_mailboxes(account, listing->arena, &mailboxes);
	imapd_listing_make_room(listing, count);
	for (size_t i = 0; i < count; i++)
		if (imapd_listing_matches(listing, mailboxes[i].name))
			add_mailbox(listing, &mailboxes[i], xlist);
}

enum net_next
imapd_list(struct imapd_session *session, const char *verb, bool xlist)
{
	struct imapd_listing *listing = imapd_listing_begin(session, verb);
	if (!listing)
		return imapd_unparsed(session);
	if (!slice_absent(listing->pattern))
		add_mailboxes(listing, session->account, xlist);
	return imapd_listing_end(session, listing);
}

const struct imapd_extension imapd_extension_children = {
	.capability = "CHILDREN",
	.rfc = "3348",
	.purpose = "LIST tells which mailboxes have others below them",
	.file = __FILE__,
};

const struct imapd_extension imapd_extension_special_use = {
	.capability = "SPECIAL-USE",
	.rfc = "6154 2",
	.purpose = "LIST tells what mailboxes are for",
	.file = __FILE__,
};
