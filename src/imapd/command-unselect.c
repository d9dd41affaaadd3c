/* UNSELECT: RFC 3691 2. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	imapd_unselect(session);
	return imapd_ok(session, "Closed");
}

const struct imapd_command imapd_command_unselect = {
	.name = "UNSELECT",
	.states = IMAPD_SELECTED,
	.capability = "UNSELECT",
	.rfc = "3691 2",
	.purpose = "Leaves the mailbox and expunges nothing",
	.file = __FILE__,
	.run = run,
};
