/* DELETE: RFC 3501 6.3.4. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice name;
	struct base_error error = {0};
	if (!wire_imap_one_mailbox(&call->cursor, &name))
		return imapd_unparsed(session);
	struct base_ticket *ticket =
		post_mailbox_delete(session->account, imapd_mailbox_name(name), &error);
	return imapd_await_change(session, ticket, &error);
}

const struct imapd_command imapd_command_delete = {
	.name = "DELETE",
	.states = IMAPD_ACCOUNT,
	.rfc = "3501 6.3.4",
	.purpose = "Removes a mailbox",
	.file = __FILE__,
	.run = run,
};
