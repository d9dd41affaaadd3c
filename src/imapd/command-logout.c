/* LOGOUT: RFC 3501 6.1.3. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	imapd_put_said(session, "* BYE ", SLICE("Goodbye"));
	net_put(session->net, call->tag);
	imapd_put_said(session, " OK ", SLICE("Signed out"));
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
