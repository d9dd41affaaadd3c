/* LOGOUT: RFC 3501 6.1.3. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	SCOPED(buffer_free) struct buffer lines = buffer_with(1024);
	buffer_put_text(&lines, "* BYE Goodbye\r\n");
	buffer_put(&lines, call->tag);
	buffer_put_text(&lines, " OK Signed out\r\n");
	imapd_put(session, &lines);
	return NET_CLOSE;
}

const struct imapd_command imapd_command_logout = {
	.name = "LOGOUT",
	.states = IMAPD_ANY,
	.rfc = "3501 6.1.3",
	.purpose = "Ends the session",
	.file = __FILE__,
	.run = run,
};
