/* CHECK: RFC 3501 6.4.1. All that was answered is durable already. */
#include "imapd/sync.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	return wire_imap_end(&call->cursor) ? imapd_ok_news(session)
					    : imapd_unparsed(session);
}

const struct imapd_command imapd_command_check = {
	.name = "CHECK",
	.states = IMAPD_SELECTED,
	.traits = IMAPD_ASKS_NEWS,
	.rfc = "3501 6.4.1",
	.purpose = "Asks for a checkpoint; every answer is one",
	.file = __FILE__,
	.run = run,
};
