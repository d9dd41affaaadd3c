/* EXAMINE: RFC 3501 6.3.2. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	return imapd_open_mailbox(session, call, true);
}

const struct imapd_command imapd_command_examine = {
	.name = "EXAMINE",
	.states = IMAPD_ACCOUNT,
	.rfc = "3501 6.3.2",
	.purpose = "Opens a mailbox for reading only",
	.file = __FILE__,
	.run = run,
};
