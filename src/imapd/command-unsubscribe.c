/* UNSUBSCRIBE: RFC 3501 6.3.7. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	return imapd_subscribe(session, call, false);
}

const struct imapd_command imapd_command_unsubscribe = {
	.name = "UNSUBSCRIBE",
	.states = IMAPD_ACCOUNT,
	.rfc = "3501 6.3.7",
	.purpose = "Takes a name from the list of those that LSUB shows",
	.file = __FILE__,
	.run = run,
};
