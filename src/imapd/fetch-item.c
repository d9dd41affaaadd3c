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

bool
imapd_fetch_asks_for(const struct imapd_fetching *fetching, enum wire_imap_fetch_kind kind)
{
	for (size_t i = 0; i < fetching->wanted.count; i++)
		if (fetching->wanted.items[i].kind == kind)
			return true;
	return false;
}

static void
put_date(struct buffer *into, int64_t seconds, int zone)
{
	wire_imap_put_date_time(into, (struct wire_date){seconds, zone});
}

/*
 * One that is expunged meanwhile has the flags that the client knows; but for keywords that
 * FLAGS, told of the newest, names no more.
 */
static const struct post_view *
flag_view(const struct imapd_fetching *fetching, uint32_t uid)
{
	return post_uids_has(post_view_uids(fetching->newest), uid) ? fetching->newest
								    : fetching->view;
}

static void
put_flags(struct imapd_fetching *fetching, uint32_t uid)
{
	buffer_put_text(&fetching->lines, "FLAGS ");
	imapd_put_flags(&fetching->lines, flag_view(fetching, uid), fetching->newest, uid,
		imapd_recent(fetching->session));
}

static void
put_modseq(struct imapd_fetching *fetching, uint32_t uid)
{
	imapd_put_modseq(&fetching->lines, flag_view(fetching, uid), uid);
}

/* UID goes first: Thunderbird wants it so. */
static void
begin_row(struct imapd_fetching *fetching, uint32_t uid)
{
	struct buffer *lines = &fetching->lines;
	imapd_put_row_head(lines, &fetching->numbering, uid,
		imapd_is_on(fetching->session, IMAPD_UIDONLY));
	if (!fetching->tells_uid)
		return;
	buffer_put_text(lines, "UID ");
	buffer_put_number(lines, uid);
	buffer_put_byte(lines, ' ');
}

/* \Seen set by this FETCH is told with it (RFC 3501 6.4.5, RFC 7162 3.1). */
static void
put_unasked(struct imapd_fetching *fetching, uint32_t uid)
{
	bool marked = fetching->marked && post_uids_has(fetching->marked, uid);
	if (marked && !fetching->tells_flags) {
		put_flags(fetching, uid);
		buffer_put_byte(&fetching->lines, ' ');
	}
	if (fetching->tells_modseq ||
		(marked && imapd_is_on(fetching->session, IMAPD_CONDSTORE))) {
		put_modseq(fetching, uid);
		buffer_put_byte(&fetching->lines, ' ');
	}
}

/* The blank that stands behind each item becomes the end. */
static void
end_row(struct imapd_fetching *fetching, uint32_t uid)
{
	put_unasked(fetching, uid);
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

bool
imapd_fetch_succeeds(struct imapd_fetching *fetching, enum base_failure failure)
{
	if (!fetching->failure)
		fetching->failure = failure;
	return !failure;
}

bool
imapd_fetch_may_hold(struct imapd_fetching *fetching, size_t octets)
{
	fetching->held += octets;
	return imapd_fetch_succeeds(
		fetching, fetching->held > IMAPD_BINARY_MOST ? BASE_TOO_LARGE : BASE_OK);
}

/* --- the items ------------------------------------------------------------------------
 */

typedef bool put_item(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item);

static bool
item_flags(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	(void)item;
	put_flags(fetching, message->uid);
	return true;
}

static bool
item_modseq(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	(void)item;
	put_modseq(fetching, message->uid);
	return true;
}

static bool
item_internal_date(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	(void)item;
	buffer_put_text(&fetching->lines, "INTERNALDATE ");
	put_date(&fetching->lines, message->internal_date, message->zone);
	return true;
}

/* RFC 8514 4.2 */
static bool
item_save_date(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	(void)item;
	buffer_put_text(&fetching->lines, "SAVEDATE ");
	put_date(&fetching->lines, message->save_date, 0);
	return true;
}

static bool
item_size(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	(void)item;
	buffer_printf(
		&fetching->lines, "RFC822.SIZE %llu", (unsigned long long)message->size);
	return true;
}

/* RFC 8474 5.1, 5.3 */
static bool
item_email_id(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	(void)item;
	buffer_put_text(&fetching->lines, "EMAILID (");
	imapd_put_email_id(fetching->session, &fetching->lines, message->email_id);
	return buffer_put_byte(&fetching->lines, ')');
}

/* RFC 8474 5.2 */
static bool
item_thread_id(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	(void)item;
	buffer_put_text(&fetching->lines, "THREADID (");
	imapd_put_thread_id(&fetching->lines, post_message_thread(message));
	return buffer_put_byte(&fetching->lines, ')');
}

static bool
item_envelope(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	(void)item;
	return imapd_fetch_envelope(fetching, message);
}

static bool
item_body_structure(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	(void)item;
	return imapd_fetch_body_structure(fetching, message);
}

static bool
item_body(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	(void)item;
	return imapd_fetch_body(fetching, message);
}

/* RFC 8970 3.2: at hand for every message, so (LAZY) gives the same. */
static bool
item_preview(struct imapd_fetching *fetching, const struct post_message *message,
	const struct wire_imap_fetch_item *item)
{
	(void)item;
	buffer_put_text(&fetching->lines, "PREVIEW ");
	return wire_imap_put_string(
		&fetching->lines, message->preview, imapd_speaks_utf8(fetching->session));
}

/* What an item must be read for. */
enum need { OF_VIEW, OF_ENTRY, OF_RENDERED, OF_WHOLE };

static const struct {
	put_item *put;
	enum need need;
} ITEMS[WIRE_IMAP_FETCH_KINDS] = {
	[WIRE_IMAP_FETCH_FLAGS] = {item_flags, OF_VIEW},
	[WIRE_IMAP_FETCH_UID] = {NULL, OF_VIEW}, /* stands in front */
	[WIRE_IMAP_FETCH_MODSEQ] = {item_modseq, OF_VIEW},
	[WIRE_IMAP_FETCH_THREADID] = {item_thread_id, OF_RENDERED},
	[WIRE_IMAP_FETCH_INTERNALDATE] = {item_internal_date, OF_ENTRY},
	[WIRE_IMAP_FETCH_SAVEDATE] = {item_save_date, OF_ENTRY},
	[WIRE_IMAP_FETCH_RFC822_SIZE] = {item_size, OF_ENTRY},
	[WIRE_IMAP_FETCH_EMAILID] = {item_email_id, OF_ENTRY},
	[WIRE_IMAP_FETCH_ENVELOPE] = {item_envelope, OF_RENDERED},
	[WIRE_IMAP_FETCH_BODYSTRUCTURE] = {item_body_structure, OF_RENDERED},
	[WIRE_IMAP_FETCH_BODY] = {item_body, OF_RENDERED},
	[WIRE_IMAP_FETCH_PREVIEW] = {item_preview, OF_RENDERED},
	[WIRE_IMAP_FETCH_RFC822] = {imapd_fetch_section, OF_WHOLE},
	[WIRE_IMAP_FETCH_RFC822_HEADER] = {imapd_fetch_section, OF_WHOLE},
	[WIRE_IMAP_FETCH_RFC822_TEXT] = {imapd_fetch_section, OF_WHOLE},
	[WIRE_IMAP_FETCH_BINARY] = {imapd_fetch_binary, OF_WHOLE},
	[WIRE_IMAP_FETCH_BINARY_SIZE] = {imapd_fetch_binary_size, OF_WHOLE},
	[WIRE_IMAP_FETCH_SECTION] = {imapd_fetch_section, OF_WHOLE},
};

static void
put_items(struct imapd_fetching *fetching, const struct post_message *message)
{
	for (size_t i = 0; i < fetching->wanted.count; i++) {
		const struct wire_imap_fetch_item *item = &fetching->wanted.items[i];
		if (!ITEMS[item->kind].put)
			continue;
		/* Bytes that can't be read are NIL, and the tagged answer says why. */
		if (!ITEMS[item->kind].put(fetching, message, item))
			buffer_put_text(&fetching->lines, "NIL");
		buffer_put_byte(&fetching->lines, ' ');
	}
}

static enum need
dearest(const struct imapd_fetching *fetching)
{
	enum need need = OF_VIEW;
	for (size_t i = 0; i < fetching->wanted.count; i++)
		if (ITEMS[fetching->wanted.items[i].kind].need > need)
			need = ITEMS[fetching->wanted.items[i].kind].need;
	return need;
}

/* --- rows ------------------------------------------------------------------------------
 */

/* Some milliseconds' work at most; of whole messages few, as each may be read from disk.
 */
static const uint32_t rows_at_once[] = {
	[OF_VIEW] = 500,
	[OF_ENTRY] = 500,
	[OF_RENDERED] = 500,
	[OF_WHOLE] = 16,
};

static bool
put_message(void *argument, const struct post_message *message)
{
	struct imapd_fetching *fetching = argument;
	fetching->held = 0;
	begin_row(fetching, message->uid);
	put_items(fetching, message);
	end_row(fetching, message->uid);
	fetching->after = message->uid;
	return !net_full(fetching->session->net);
}

static bool
put_entry(void *argument, const struct post_entry *entry)
{
	const struct post_message message = {.uid = entry->uid,
		.email_id = entry->email_id,
		.save_date = entry->save_date,
		.internal_date = entry->internal_date,
		.zone = entry->zone,
		.size = entry->size};
	return put_message(argument, &message);
}

static enum base_failure
put_uids(struct imapd_fetching *fetching, const struct post_uids *some)
{
	bool going = true;
	for (uint32_t uid = 0; going && (uid = post_uids_next(some, uid));)
		going = put_message(fetching, &(struct post_message){.uid = uid});
	return BASE_OK;
}

static enum base_failure
put_some(struct imapd_fetching *fetching, const struct post_uids *some)
{
	enum need need = dearest(fetching);
	if (need == OF_VIEW)
		return put_uids(fetching, some);
	if (need == OF_ENTRY)
		return post_entries_read(fetching->view, some, put_entry, fetching);
	return post_messages_read(fetching->view, some,
		need == OF_WHOLE ? POST_WHOLE : POST_RENDERED, fetching->message,
		put_message, fetching);
}

bool
imapd_fetch_rows(struct imapd_fetching *fetching)
{
	SCOPED(post_uids_release)
	struct post_uids *some = post_uids_some(
		fetching->uids, fetching->after, rows_at_once[dearest(fetching)]);
	uint32_t last = post_uids_most(some);
	bool read = imapd_fetch_succeeds(fetching, put_some(fetching, some));
	(void)read; /* what could not be read is not tried again */
	if (!net_full(fetching->session->net))
		fetching->after = last;
	return last;
}
