/* SUBSCRIBE: RFC 3501 6.3.6. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	return imapd_subscribe(session, call, true);
}

const struct imapd_command imapd_command_subscribe = {
	.name = "SUBSCRIBE",
	.states = IMAPD_ACCOUNT,
	.rfc = "3501 6.3.6",
	.purpose = "Adds a name to the list of those that LSUB shows",
	.file = __FILE__,
	.run = run,
};
