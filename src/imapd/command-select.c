/* SELECT: RFC 3501 6.3.1. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	return imapd_open_mailbox(session, call, false);
}

const struct imapd_command imapd_command_select = {
	.name = "SELECT",
	.states = IMAPD_ACCOUNT,
	.rfc = "3501 6.3.1",
	.purpose = "Opens a mailbox",
	.file = __FILE__,
	.run = run,
};
