/* MOVE: RFC 6851 3. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	return imapd_copy(session, call, true);
}

const struct imapd_command imapd_command_move = {
	.name = "MOVE",
	.states = IMAPD_SELECTED,
	.traits = IMAPD_SAVES | IMAPD_HAS_UID | IMAPD_WRITES,
	.act = IMAPD_TAKES_OUT,
	.capability = "MOVE",
	.rfc = "6851 3",
	.purpose = "Moves messages into another mailbox",
	.file = __FILE__,
	.run = run,
};
