/* COPY: RFC 3501 6.4.7. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	return imapd_copy(session, call, false);
}

const struct imapd_command imapd_command_copy = {
	.name = "COPY",
	.states = IMAPD_SELECTED,
	.traits = IMAPD_SAVES | IMAPD_HAS_UID | IMAPD_WHOLE,
	.rfc = "3501 6.4.7",
	.purpose = "Copies messages into another mailbox",
	.file = __FILE__,
	.run = run,
};
