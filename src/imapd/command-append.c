/* APPEND: RFC 3501 6.3.11. */
#include "imapd/appending.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_append wanted;
	if (!wire_imap_append_parse(&call->cursor, &wanted))
		return imapd_unparsed(session);
	return imapd_append(session, call, &wanted);
}

const struct imapd_command imapd_command_append = {
	.name = "APPEND",
	.states = IMAPD_ACCOUNT,
	.traits = IMAPD_SAVES | IMAPD_WHOLE,
	.rfc = "3501 6.3.11, 3502, 4469",
	.purpose = "Puts messages into a mailbox",
	.file = __FILE__,
	.run = run,
};
