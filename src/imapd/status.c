/* Numbers of a mailbox that need not be opened, for STATUS and LIST: RFC 3501 6.3.10. */
#include "imapd/rights.h"

static void
put_item(struct buffer *line, unsigned wanted, const char *name, uint64_t value)
{
	if (wanted)
		buffer_printf(line, "%s%s %llu",
			line->data[line->length - 1] == '(' ? "" : " ", name,
			(unsigned long long)value);
}

static bool
add_size(void *argument, const struct post_entry *entry)
{
	uint64_t *sum = argument;
	*sum += entry->size;
	return true;
}

/* DELETED-STORAGE (RFC 9208 4.2): the only one for which a mailbox is opened. */
static enum base_failure
deleted_bytes(struct post_account *account, struct slice name, uint64_t *sum)
{
	struct post_mailbox *mailbox;
	*sum = 0;
	enum base_failure failure = post_mailbox_open(account, name, &mailbox);
	if (failure)
		return failure;
	struct post_view *view = post_view_newest(mailbox);
	const struct post_uids *deleted = post_view_flagged(view, POST_DELETED);
	if (deleted)
		failure = post_entries_read(view, deleted, add_size, sum);
	post_view_drop(view);
	post_mailbox_close(mailbox);
	return failure;
}

static void
put_items(const struct imapd_session *session, struct buffer *line, unsigned items,
	const struct post_status *now, uint64_t deleted)
{
	put_item(line, items & WIRE_IMAP_STATUS_MESSAGES, "MESSAGES", now->messages);
	put_item(line, items & WIRE_IMAP_STATUS_RECENT, "RECENT", now->recent);
	put_item(line, items & WIRE_IMAP_STATUS_UIDNEXT, "UIDNEXT", now->uid_next);
	put_item(line, items & WIRE_IMAP_STATUS_UIDVALIDITY, "UIDVALIDITY",
		now->uid_validity);
	put_item(line, items & WIRE_IMAP_STATUS_UNSEEN, "UNSEEN", now->unseen);
	put_item(line, items & WIRE_IMAP_STATUS_HIGHESTMODSEQ, "HIGHESTMODSEQ",
		now->highest_modseq);
	put_item(line, items & WIRE_IMAP_STATUS_SIZE, "SIZE", now->size_bytes);
	put_item(line, items & WIRE_IMAP_STATUS_DELETED, "DELETED", now->deleted);
	put_item(
		line, items & WIRE_IMAP_STATUS_DELETED_STORAGE, "DELETED-STORAGE", deleted);
	put_item(line, items & WIRE_IMAP_STATUS_APPENDLIMIT, "APPENDLIMIT",
		session->context->message_size_most);
}

static void
put_status(const struct imapd_session *session, struct buffer *into, struct slice written,
	unsigned items, const struct post_status *now, uint64_t deleted)
{
	buffer_put_text(into, "* STATUS ");
	wire_imap_put_mailbox(into, written, imapd_speaks_utf8(session));
	buffer_put_text(into, " (");
	put_items(session, into, items, now, deleted);
	if (items & WIRE_IMAP_STATUS_MAILBOXID) {
		if (into->data[into->length - 1] != '(')
			buffer_put_byte(into, ' ');
		imapd_put_mailbox_id(session, into, now->account, now->id);
	}
	buffer_put_text(into, ")\r\n");
}

enum base_failure
imapd_put_status(struct imapd_session *session, struct buffer *into, struct slice written,
	unsigned items)
{
	struct post_status now;
	struct post_place place;
	uint64_t deleted = 0;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	enum base_failure failure =
		imapd_place(session, written, IMAPD_READS, arena, &place);
	if (failure)
		return failure;
	failure = post_mailbox_status(place.account, place.name, &now);
	if (!failure && items & WIRE_IMAP_STATUS_DELETED_STORAGE)
		failure = deleted_bytes(place.account, place.name, &deleted);
	if (failure)
		return failure == BASE_DENIED ? BASE_CANCELLED : failure;
	put_status(session, into, written, items, &now, deleted);
	return BASE_OK;
}

const struct imapd_extension imapd_extension_status_size = {
	.capability = "STATUS=SIZE",
	.rfc = "8438",
	.purpose = "STATUS tells how large a mailbox is",
	.file = __FILE__,
};
