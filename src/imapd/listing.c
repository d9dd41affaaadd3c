/* What LIST, LSUB and XLIST share: RFC 3501 6.3.8, 6.3.9; LIST-STATUS (RFC 5819). */
#include "imapd/listing.h"
#include "imapd/acl.h"
#include "imapd/metadata.h"
#include "wire/imap-pattern.h"

static void
release(struct imapd_lines *lines)
{
	struct imapd_listing *listing = (struct imapd_listing *)lines;
	arena_destroy(listing->part);
	arena_destroy(listing->arena);
}

/* Numbers right behind their row, of what can be selected (RFC 5819 2). */
static void
put_status(const struct imapd_listing *listing, const struct imapd_listed *listed,
	struct buffer *into)
{
	if (!(listing->wanted.returns & WIRE_IMAP_LIST_STATUS) || !listed->selectable)
		return;
	/* Deleted since: its row stands, there are no numbers. */
	if (imapd_put_status(listing->session, into, listed->name, listing->wanted.status))
		return;
}

/* RFC 8440 4: behind the row, of what one has any right to. */
static void
put_rights(const struct imapd_listing *listing, const struct imapd_listed *listed,
	struct buffer *into)
{
	if (listing->wanted.returns & WIRE_IMAP_LIST_MYRIGHTS && listed->rights)
		imapd_put_my_rights(listing->session, into, listed->name, listed->rights);
}

/* RFC 9590 3: of what is a mailbox, also of one that can't be selected. */
static void
put_metadata(const struct imapd_listing *listing, const struct imapd_listed *listed,
	struct buffer *into)
{
	struct imapd_metadata_asked asked = {
		.entries = listing->wanted.entries, .count = listing->wanted.entry_count};
	if (!(listing->wanted.returns & WIRE_IMAP_LIST_METADATA) || !listed->exists)
		return;
	/* One whose annotations can't be read, or may not be, has no line. */
	if (imapd_put_metadata(listing->session, into, listed->name, &asked))
		return;
}

static void
put_row(const struct imapd_listing *listing, const struct imapd_listed *listed,
	struct buffer *into)
{
	buffer_printf(into, "* %s (%.*s) \"%c\" ", listing->verb,
		SLICE_ARG(listed->attributes), POST_SEPARATOR);
	wire_imap_put_mailbox(into, listed->name, imapd_speaks_utf8(listing->session));
	if (!slice_empty(listed->extended))
		buffer_printf(into, " %.*s", SLICE_ARG(listed->extended));
	buffer_put_text(into, "\r\n");
	put_rights(listing, listed, into);
	put_status(listing, listed, into);
	put_metadata(listing, listed, into);
}

static bool
next_part(struct imapd_listing *listing)
{
	if (!listing->next)
		return false;
	arena_reset(listing->part);
	listing->listed = NULL;
	listing->count = listing->put = 0;
	return listing->next(listing);
}

static bool
fill(struct imapd_lines *lines, struct buffer *into)
{
	struct imapd_listing *listing = (struct imapd_listing *)lines;
	while (into->length < IMAPD_LINES_FILL) {
		if (listing->put < listing->count)
			put_row(listing, &listing->listed[listing->put++], into);
		else if (!next_part(listing))
			return false;
	}
	return true;
}

/* From the command's arena into the listing's, the reference before each. */
static void
keep_patterns(struct imapd_listing *listing, const struct wire_imap_list *wanted)
{
	struct slice *kept =
		ARENA_MANY(listing->arena, struct slice, wanted->pattern_count);
	for (size_t i = 0; i < wanted->pattern_count; i++) {
		struct slice parts[] = {wanted->reference, wanted->patterns[i]};
		kept[i] = slice_empty(parts[1]) ? SLICE_NONE
						: arena_join(listing->arena, parts, 2);
	}
	listing->wanted.patterns = kept;
}

static void
keep_entries(struct imapd_listing *listing, const struct wire_imap_list *wanted)
{
	struct slice *kept = ARENA_MANY(listing->arena, struct slice, wanted->entry_count);
	for (size_t i = 0; i < wanted->entry_count; i++)
		kept[i] = arena_copy(listing->arena, wanted->entries[i]);
	listing->wanted.entries = kept;
}

struct imapd_listing *
imapd_listing_begin(struct imapd_session *session, const char *verb, bool plain)
{
	struct wire_imap_list wanted;
	struct wire_imap_cursor *cursor = &session->call->cursor;
	if (!(plain ? wire_imap_list_plain_parse(cursor, &wanted)
		    : wire_imap_list_parse(cursor, &wanted)))
		return NULL;
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct imapd_listing *listing = ARENA_NEW(arena, struct imapd_listing);
	*listing = (struct imapd_listing){.lines = {.fill = fill, .release = release},
		.arena = arena,
		.part = arena_create(ARENA_NO_CEILING),
		.session = session,
		.verb = verb,
		.wanted = wanted};
	keep_patterns(listing, &wanted);
	keep_entries(listing, &wanted);
	/* An empty pattern asks for the separator and the root (RFC 3501 6.3.8). */
	listing->root = !wanted.extended && slice_empty(wanted.patterns[0]);
	return listing;
}

void
imapd_listing_make_room(struct imapd_listing *listing, size_t most)
{
	listing->listed = ARENA_MANY(listing->part, struct imapd_listed, most);
}

struct imapd_listed *
imapd_listing_add(struct imapd_listing *listing, struct slice name, struct slice attributes)
{
	struct imapd_listed *listed = &listing->listed[listing->count++];
	*listed = (struct imapd_listed){.name = name, .attributes = attributes};
	return listed;
}

enum net_next
imapd_listing_end(struct imapd_session *session, struct imapd_listing *listing)
{
	if (listing->root) {
		imapd_listing_make_room(listing, 1);
		imapd_listing_add(listing, SLICE(""), SLICE("\\Noselect"));
	}
	imapd_put_lines(session, &listing->lines);
	return imapd_ok(session, "Done");
}

bool
imapd_listing_matches(const struct imapd_listing *listing, struct slice name)
{
	for (size_t i = 0; i < listing->wanted.pattern_count; i++)
		if (!slice_absent(listing->wanted.patterns[i]) &&
			wire_imap_pattern_matches(
				listing->wanted.patterns[i], name, POST_SEPARATOR))
			return true;
	return false;
}

const struct imapd_extension imapd_extension_list_myrights = {
	.capability = "LIST-MYRIGHTS",
	.rfc = "8440",
	.purpose = "LIST tells one's rights too",
	.file = __FILE__,
};

const struct imapd_extension imapd_extension_list_status = {
	.capability = "LIST-STATUS",
	.rfc = "5819",
	.purpose = "LIST tells STATUS too",
	.file = __FILE__,
};
