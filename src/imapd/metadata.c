/* Annotations of mailboxes and of the server: RFC 5464, 9590. */
#include "imapd/metadata.h"
#include "imapd/rights.h"

enum {
	MADE_MOST = 2,   /* entries that the server makes, of one mailbox */
	PREFIX_MOST = 32 /* "/of/", an account's number */
};

#define PRIVATE SLICE("/private/")
#define SHARED  SLICE("/shared/")

/* --- whose they are --------------------------------------------------------------------
 */

enum base_failure
imapd_annotated_find(const struct imapd_session *session, struct slice written,
	struct arena *arena, struct imapd_annotated *annotated)
{
	struct post_place place;
	*annotated = (struct imapd_annotated){
		.account = session->account, .mailbox = SLICE(""), .owns = true};
	if (slice_empty(written) && session->account)
		return BASE_OK;
	enum base_failure failure =
		imapd_place(session, written, IMAPD_ANNOTATES, arena, &place);
	if (!failure)
		*annotated = (struct imapd_annotated){.account = place.account,
			.mailbox = place.name,
			.owns = place.owner == POST_OWN};
	return failure;
}

/* Of a reader who is not the owner; clients' names begin with /private or /shared. */
static struct slice
prefix_of(const struct imapd_session *session, char *into, size_t size)
{
	int length = snprintf(into, size, IMAPD_OF_READERS "%llu",
		(unsigned long long)session->account_id);
	return slice_of(into, (size_t)length);
}

struct slice
imapd_entry_kept_as(const struct imapd_session *session, bool owns, struct slice entry,
	struct arena *arena)
{
	char prefix[PREFIX_MOST];
	if (owns || slice_starts_nocase(entry, SHARED))
		return entry;
	struct slice parts[] = {prefix_of(session, prefix, sizeof prefix), entry};
	return arena_join(arena, parts, 2);
}

struct slice
imapd_entry_of_kept(const struct imapd_session *session, bool owns, struct slice kept)
{
	char text[PREFIX_MOST];
	struct slice prefix = prefix_of(session, text, sizeof text);
	if (slice_starts_nocase(kept, SHARED))
		return kept;
	if (owns)
		return slice_starts_nocase(kept, PRIVATE) ? kept : SLICE_NONE;
	if (!slice_starts(kept, prefix))
		return SLICE_NONE;
	struct slice entry = slice_from(kept, prefix.length);
	return slice_starts_nocase(entry, PRIVATE) ? entry : SLICE_NONE;
}

/* --- what is there ---------------------------------------------------------------------
 */

struct annotations {
	struct post_metadata_entry *kept;
	size_t kept_count;
	struct post_metadata_entry made[MADE_MOST];
	size_t made_count;
};

static void
make(struct annotations *all, struct slice name, struct slice value)
{
	if (!slice_empty(value))
		all->made[all->made_count++] = (struct post_metadata_entry){name, value};
}

static enum base_failure
make_those_of(struct imapd_session *session, const struct imapd_annotated *annotated,
	struct arena *arena, struct annotations *all)
{
	struct post_mailbox_info info;
	if (slice_empty(annotated->mailbox)) {
		make(all, SLICE("/shared/comment"), session->context->comment);
		make(all, SLICE("/shared/admin"), session->context->administrator);
		return BASE_OK;
	}
	enum base_failure failure =
		post_mailbox_find(annotated->account, annotated->mailbox, arena, &info);
	/* Uses of others' mailboxes are not told, by LIST neither. */
	if (!failure && annotated->owns)
		make(all, SLICE("/private/specialuse"),
			slice_of_text(imapd_use_name(info.use)));
	return failure;
}

static size_t
keep_ones_own(const struct imapd_session *session, bool owns,
	struct post_metadata_entry *entries, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		struct slice name = imapd_entry_of_kept(session, owns, entries[i].name);
		if (!slice_absent(name))
			entries[kept++] =
				(struct post_metadata_entry){name, entries[i].value};
	}
	return kept;
}

static enum base_failure
read_all(struct imapd_session *session, struct slice mailbox, struct arena *arena,
	struct annotations *all)
{
	struct imapd_annotated annotated;
	*all = (struct annotations){0};
	enum base_failure failure =
		imapd_annotated_find(session, mailbox, arena, &annotated);
	failure = failure ? failure : make_those_of(session, &annotated, arena, all);
	failure = failure ? failure
			  : post_metadata_read(annotated.account, annotated.mailbox, arena,
				    &all->kept, &all->kept_count);
	if (!failure)
		all->kept_count =
			keep_ones_own(session, annotated.owns, all->kept, all->kept_count);
	return failure;
}

static const struct post_metadata_entry *
entry_at(const struct annotations *all, size_t index)
{
	return index < all->made_count ? &all->made[index]
				       : &all->kept[index - all->made_count];
}

/* --- what is told ----------------------------------------------------------------------
 */

static void
put_entry(struct buffer *into, bool *begun, struct slice name, struct slice value)
{
	buffer_put_byte(into, *begun ? ' ' : '(');
	*begun = true;
	wire_imap_put_astring(into, name, false);
	buffer_put_byte(into, ' ');
	wire_imap_put_value(into, value, false);
}

static bool
is_too_long(struct imapd_metadata_asked *asked, const struct post_metadata_entry *entry)
{
	if (!asked->has_most || entry->value.length <= asked->most)
		return false;
	if (entry->value.length > asked->longest)
		asked->longest = entry->value.length;
	return true;
}

/* As the client spells it, if it named this one; each is told once. */
static bool
is_asked(const struct imapd_metadata_asked *asked, struct slice entry, bool *met,
	struct slice *name)
{
	bool is = false;
	*name = entry;
	for (size_t i = 0; i < asked->count; i++) {
		if (!wire_imap_entry_matches(entry, asked->entries[i], asked->depth))
			continue;
		met[i] = is = true;
		if (slice_equal_nocase(entry, asked->entries[i]))
			*name = asked->entries[i];
	}
	return is;
}

/* Named before: each is told once. */
static bool
is_repeated(const struct imapd_metadata_asked *asked, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (slice_equal_nocase(asked->entries[i], asked->entries[index]))
			return true;
	return false;
}

static void
put_entries(const struct annotations *all, struct imapd_metadata_asked *asked,
	struct arena *arena, struct buffer *into)
{
	bool begun = false;
	bool *met = ARENA_MANY(arena, bool, asked->count);
	for (size_t i = 0; i < all->made_count + all->kept_count; i++) {
		struct slice name;
		const struct post_metadata_entry *entry = entry_at(all, i);
		if (is_asked(asked, entry->name, met, &name) && !is_too_long(asked, entry))
			put_entry(into, &begun, name, entry->value);
	}
	for (size_t i = 0; i < asked->count; i++)
		if (!met[i] && !is_repeated(asked, i))
			put_entry(into, &begun, asked->entries[i], SLICE_NONE);
	if (begun)
		buffer_put_byte(into, ')');
}

enum base_failure
imapd_put_metadata(struct imapd_session *session, struct buffer *into, struct slice mailbox,
	struct imapd_metadata_asked *asked)
{
	struct annotations all;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(buffer_free) struct buffer entries = buffer_with(IMAPD_METADATA_LINE_MOST);
	enum base_failure failure = read_all(session, mailbox, arena, &all);
	if (failure)
		return failure;
	put_entries(&all, asked, arena, &entries);
	ASSERT(!buffer_failed(&entries));
	if (!entries.length)
		return BASE_OK;
	buffer_put_text(into, "* METADATA ");
	wire_imap_put_mailbox(into, mailbox, imapd_speaks_utf8(session));
	buffer_put_byte(into, ' ');
	buffer_put(into, buffer_slice(&entries));
	buffer_put_text(into, "\r\n");
	return BASE_OK;
}

const struct imapd_extension imapd_extension_metadata = {
	.capability = "METADATA",
	.rfc = "5464",
	.purpose = "Annotations of mailboxes and of the server",
	.file = __FILE__,
	.enables = IMAPD_METADATA,
};

const struct imapd_extension imapd_extension_list_metadata = {
	.capability = "LIST-METADATA",
	.rfc = "9590",
	.purpose = "LIST tells annotations too",
	.file = "src/imapd/listing.c",
};
