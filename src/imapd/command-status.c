/* STATUS: RFC 3501 6.3.10. From the head row; the mailbox is not opened. */
#include "imapd/imapd-internal.h"

static void
put_item(struct buffer *line, bool wanted, const char *name, uint32_t value)
{
	if (wanted)
		buffer_printf(line, "%s%s %u",
			line->data[line->length - 1] == '(' ? "" : " ", name, value);
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_status status;
	struct post_status now;
	if (!wire_imap_status_parse(&call->cursor, &status))
		return imapd_unparsed(session);
	enum base_failure failure = post_mailbox_status(
		session->account, imapd_mailbox_name(status.name), &now);
	if (failure)
		return imapd_failed(session, failure);
	SCOPED(buffer_free) struct buffer line = buffer_with(16 * 1024);
	buffer_put_text(&line, "* STATUS ");
	wire_imap_put_mailbox(&line, status.name, false);
	buffer_put_text(&line, " (");
	put_item(&line, status.items & WIRE_IMAP_STATUS_MESSAGES, "MESSAGES", now.messages);
	put_item(&line, status.items & WIRE_IMAP_STATUS_RECENT, "RECENT", now.recent);
	put_item(&line, status.items & WIRE_IMAP_STATUS_UIDNEXT, "UIDNEXT", now.uid_next);
	put_item(&line, status.items & WIRE_IMAP_STATUS_UIDVALIDITY, "UIDVALIDITY",
		now.uid_validity);
	put_item(&line, status.items & WIRE_IMAP_STATUS_UNSEEN, "UNSEEN", now.unseen);
	buffer_put_text(&line, ")\r\n");
	imapd_put(session, &line);
	return imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_status = {
	.name = "STATUS",
	.states = IMAPD_ACCOUNT,
	.rfc = "3501 6.3.10",
	.purpose = "Gives numbers of a mailbox without opening it",
	.file = __FILE__,
	.run = run,
};
