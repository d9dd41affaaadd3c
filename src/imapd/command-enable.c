/* ENABLE: RFC 5161 3.1. */
#include "imapd/imapd-internal.h"

/* Nothing can be enabled yet; a name that is unknown is passed over (RFC 5161 3.1). */
static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice *names;
	size_t count;
	if (!wire_imap_enable_parse(&call->cursor, &names, &count))
		return imapd_unparsed(session);
	imapd_put_text(session, "* ENABLED\r\n");
	return imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_enable = {
	.name = "ENABLE",
	.states = IMAPD_ACCOUNT,
	.capability = "ENABLE",
	.announced = IMAPD_ANY,
	.rfc = "5161 3.1",
	.purpose = "Turns on extensions that change answers",
	.file = __FILE__,
	.run = run,
};
