/* CAPABILITY: RFC 3501 6.1.1. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	SCOPED(buffer_free) struct buffer line = buffer_with(4096);
	buffer_put_text(&line, "* CAPABILITY ");
	imapd_put_capabilities(session, &line);
	buffer_put_text(&line, "\r\n");
	imapd_put(session, &line);
	return imapd_ok(session, "That is all");
}

const struct imapd_command imapd_command_capability = {
	.name = "CAPABILITY",
	.states = IMAPD_ANY,
	.rfc = "3501 6.1.1",
	.purpose = "Lists what the server can do",
	.file = __FILE__,
	.run = run,
};
