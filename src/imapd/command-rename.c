/* RENAME: RFC 3501 6.3.5. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice from, to;
	struct base_error error = {0};
	if (!wire_imap_two_mailboxes(&call->cursor, &from, &to))
		return imapd_unparsed(session);
	struct base_ticket *ticket = post_mailbox_rename(
		session->account, imapd_mailbox_name(from), imapd_mailbox_name(to), &error);
	return imapd_await_change(session, ticket, &error);
}

const struct imapd_command imapd_command_rename = {
	.name = "RENAME",
	.states = IMAPD_ACCOUNT,
	.rfc = "3501 6.3.5",
	.purpose = "Gives a mailbox and those below it another name",
	.file = __FILE__,
	.run = run,
};
