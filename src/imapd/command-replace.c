/* REPLACE: RFC 8508. */
#include "imapd/appending.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_append wanted;
	if (!wire_imap_replace_parse(&call->cursor, &wanted))
		return imapd_unparsed(session);
	return imapd_append(session, call, &wanted);
}

const struct imapd_command imapd_command_replace = {
	.name = "REPLACE",
	.states = IMAPD_SELECTED,
	.traits = IMAPD_HAS_UID | IMAPD_WRITES,
	.act = IMAPD_TAKES_OUT,
	.capability = "REPLACE",
	.rfc = "8508",
	.purpose = "Puts a message in the place of another",
	.file = __FILE__,
	.run = run,
};
