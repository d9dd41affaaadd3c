/* LIST: RFC 3501 6.3.8. */
#include "imapd/list-mailboxes.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	(void)call;
	return imapd_list(session, "LIST", false);
}

const struct imapd_command imapd_command_list = {
	.name = "LIST",
	.states = IMAPD_ACCOUNT,
	.rfc = "3501 6.3.8, 5258",
	.purpose = "Lists mailboxes",
	.file = __FILE__,
	.run = run,
};
