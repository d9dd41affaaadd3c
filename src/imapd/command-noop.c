/* NOOP: RFC 3501 6.1.2. The news is told with any answer. */
#include "imapd/sync.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	return wire_imap_end(&call->cursor) ? imapd_ok_news(session)
					    : imapd_unparsed(session);
}

const struct imapd_command imapd_command_noop = {
	.name = "NOOP",
	.states = IMAPD_ANY,
	.traits = IMAPD_ASKS_NEWS,
	.rfc = "3501 6.1.2",
	.purpose = "Asks for news",
	.file = __FILE__,
	.run = run,
};
