/* CHECK: RFC 3501 6.4.1. All that was answered is durable already. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	return wire_imap_end(&call->cursor) ? imapd_ok(session, "Done")
					    : imapd_unparsed(session);
}

const struct imapd_command imapd_command_check = {
	.name = "CHECK",
	.states = IMAPD_SELECTED,
	.rfc = "3501 6.4.1",
	.purpose = "Asks for a checkpoint; every answer is one",
	.file = __FILE__,
	.run = run,
};
