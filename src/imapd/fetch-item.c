#include "imapd/fetch.h"

enum {
	FLUSH_AT = 32 * 1024,
	COPY_MOST = 4 * 1024 /* more is handed over where it lies */
};

void
imapd_fetch_flush(struct imapd_fetching *fetching)
{
	imapd_put(fetching->session, &fetching->lines);
	buffer_clear(&fetching->lines);
}

static void
put_date(struct buffer *into, int64_t seconds, int zone)
{
	wire_imap_put_date_time(into, (struct wire_date){seconds, zone});
}

static void
put_flags(struct imapd_fetching *fetching, uint32_t uid)
{
	const struct post_view *view = fetching->view;
	/* One that is expunged meanwhile has the flags that the client knows. */
	if (post_uids_has(post_view_uids(fetching->newest), uid))
		view = fetching->newest;
	buffer_put_text(&fetching->lines, "FLAGS ");
	imapd_put_flags(
		&fetching->lines, view, uid, fetching->session->selected->recent_from);
}

/* UID goes first: Thunderbird wants it so. */
static void
begin_row(struct imapd_fetching *fetching, uint32_t uid)
{
	struct buffer *lines = &fetching->lines;
	buffer_put_text(lines, "* ");
	buffer_put_number(lines, imapd_number_of(&fetching->numbering, uid));
	buffer_put_text(lines, " FETCH (");
	if (!fetching->tells_uid)
		return;
	buffer_put_text(lines, "UID ");
	buffer_put_number(lines, uid);
	buffer_put_byte(lines, ' ');
}

/* The blank that stands behind each item becomes the end. */
static void
end_row(struct imapd_fetching *fetching, uint32_t uid)
{
	/* \Seen set by this FETCH is told with it (RFC 3501 6.4.5). */
	if (!fetching->tells_flags && fetching->marked &&
		post_uids_has(fetching->marked, uid)) {
		put_flags(fetching, uid);
		buffer_put_byte(&fetching->lines, ' ');
	}
	struct buffer *lines = &fetching->lines;
	if (lines->length && lines->data[lines->length - 1] == ' ')
		buffer_cut(lines, lines->length - 1);
	buffer_put_text(lines, ")\r\n");
	if (lines->length > FLUSH_AT)
		imapd_fetch_flush(fetching);
}

void
imapd_fetch_put(struct imapd_fetching *fetching, struct slice bytes)
{
	if (bytes.length < COPY_MOST) {
		buffer_put(&fetching->lines, bytes);
		return;
	}
	imapd_fetch_flush(fetching);
	net_put(fetching->session->net, bytes);
}

static void
put_named(struct imapd_fetching *fetching, const char *name, struct slice rendered)
{
	buffer_put_text(&fetching->lines, name);
	buffer_put_byte(&fetching->lines, ' ');
	imapd_fetch_put(fetching, rendered);
}

bool
imapd_fetch_succeeds(struct imapd_fetching *fetching, enum base_failure failure)
{
	if (!fetching->failure)
		fetching->failure = failure;
	return !failure;
}

static bool
put_item(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	switch (item->kind) {
	case WIRE_IMAP_FETCH_FLAGS:
		put_flags(fetching, message->uid);
		return true;
	case WIRE_IMAP_FETCH_INTERNALDATE:
		buffer_put_text(&fetching->lines, "INTERNALDATE ");
		put_date(&fetching->lines, message->internal_date, message->zone);
		return true;
	case WIRE_IMAP_FETCH_RFC822_SIZE:
		buffer_printf(&fetching->lines, "RFC822.SIZE %llu",
			(unsigned long long)message->size);
		return true;
	case WIRE_IMAP_FETCH_ENVELOPE:
		put_named(fetching, "ENVELOPE", message->envelope);
		return true;
	case WIRE_IMAP_FETCH_BODYSTRUCTURE:
		put_named(fetching, "BODYSTRUCTURE", message->body_structure);
		return true;
	case WIRE_IMAP_FETCH_BODY:
		put_named(fetching, "BODY", message->body);
		return true;
	default:
		return imapd_fetch_section(fetching, message, item);
	}
}

static void
put_items(struct imapd_fetching *fetching, const struct post_message *message)
{
	for (size_t i = 0; i < fetching->wanted.count; i++) {
		const struct wire_imap_fetch_item *item = &fetching->wanted.items[i];
		if (item->kind == WIRE_IMAP_FETCH_UID)
			continue;
		/* Bytes that can't be read are NIL, and the tagged answer says why. */
		if (!put_item(fetching, message, item))
			buffer_put_text(&fetching->lines, "NIL");
		buffer_put_byte(&fetching->lines, ' ');
	}
}

static bool
needs_record(const struct imapd_fetching *fetching)
{
	for (size_t i = 0; i < fetching->wanted.count; i++)
		if (fetching->wanted.items[i].kind != WIRE_IMAP_FETCH_FLAGS &&
			fetching->wanted.items[i].kind != WIRE_IMAP_FETCH_UID)
			return true;
	return false;
}

void
imapd_fetch_message(struct imapd_fetching *fetching, uint32_t uid)
{
	struct post_message message = {.uid = uid};
	if (!needs_record(fetching) ||
		imapd_fetch_succeeds(fetching, post_message_read(fetching->view, uid,
						       fetching->message, &message))) {
		begin_row(fetching, uid);
		put_items(fetching, &message);
		end_row(fetching, uid);
	}
	arena_reset(fetching->message);
}

/* --- rows that entries suffice for -----------------------------------------------------
 */

bool
imapd_fetch_is_short(const struct imapd_fetching *fetching)
{
	bool reads = false;
	for (size_t i = 0; i < fetching->wanted.count; i++)
		switch (fetching->wanted.items[i].kind) {
		case WIRE_IMAP_FETCH_INTERNALDATE:
		case WIRE_IMAP_FETCH_RFC822_SIZE:
			reads = true;
			break;
		case WIRE_IMAP_FETCH_FLAGS:
		case WIRE_IMAP_FETCH_UID:
			break;
		default:
			return false;
		}
	return reads;
}

static bool
put_entry(void *argument, const struct post_entry *entry)
{
	struct imapd_fetching *fetching = argument;
	const struct post_message message = {.uid = entry->uid,
		.internal_date = entry->internal_date,
		.zone = entry->zone,
		.size = entry->size};
	begin_row(fetching, entry->uid);
	put_items(fetching, &message);
	end_row(fetching, entry->uid);
	return true;
}

void
imapd_fetch_entries(struct imapd_fetching *fetching, const struct post_uids *some)
{
	bool read = imapd_fetch_succeeds(
		fetching, post_entries_read(fetching->view, some, put_entry, fetching));
	(void)read;
}
