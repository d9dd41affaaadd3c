/* STARTTLS: RFC 3501 6.2.1. What came in the clear behind it is thrown away. */
#include "imapd/imapd-internal.h"

enum { HANDSHAKE_DEADLINE = 60 * 1000 };

static enum net_next
secured(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	return event->why == NET_SECURED ? imapd_next(session) : NET_CLOSE;
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	if (net_secured(session->net))
		return imapd_bad(session, "TLS is active already");
	if (!net_tls_offered(session->net))
		return imapd_no(session, "[CANNOT] TLS is not offered here");
	SCOPED(buffer_free) struct buffer line = buffer_with(1024);
	buffer_put(&line, call->tag);
	buffer_put_text(&line, " OK Go on\r\n");
	imapd_put(session, &line);
	imapd_call_end(session);
	net_start_tls(session->net);
	return net_park(
		session->net, &(struct net_want){.deadline = HANDSHAKE_DEADLINE}, secured);
}

const struct imapd_command imapd_command_starttls = {
	.name = "STARTTLS",
	.states = IMAPD_NOT_SIGNED_IN,
	.rfc = "3501 6.2.1",
	.purpose = "Begins TLS",
	.file = __FILE__,
	.run = run,
};

static bool
offered(const struct imapd_session *session)
{
	return net_tls_offered(session->net);
}

const struct imapd_extension imapd_extension_starttls = {
	.capability = "STARTTLS",
	.announced = IMAPD_NOT_SIGNED_IN,
	.rfc = "3501 6.2.1",
	.purpose = "TLS can be begun",
	.file = __FILE__,
	.offered = offered,
};
