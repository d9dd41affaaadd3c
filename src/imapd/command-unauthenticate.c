/* UNAUTHENTICATE: RFC 8437. The connection, with TLS and COMPRESS, stays for another. */
#include "imapd/imapd-internal.h"

static enum net_next
sign_out(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_DRAINED)
		return imapd_gone(session, event);
	imapd_sign_out(session);
	session->sign_in_until =
		base_clock_steady_ms(session->context->clock) + IMAPD_SIGN_IN_DEADLINE;
	SCOPED(buffer_free) struct buffer text = buffer_with(4096);
	buffer_put_text(&text, "[CAPABILITY ");
	imapd_put_capabilities(session, &text);
	buffer_put_text(&text, "] Signed out");
	return imapd_ok_slice(session, buffer_slice(&text));
}

/* Answers that are still on their way read from the account. */
static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	return wire_imap_end(&call->cursor) ? imapd_drain(session, sign_out)
					    : imapd_unparsed(session);
}

const struct imapd_command imapd_command_unauthenticate = {
	.name = "UNAUTHENTICATE",
	.states = IMAPD_ACCOUNT,
	.capability = "UNAUTHENTICATE",
	.rfc = "8437",
	.purpose = "Signs out, for another to sign in",
	.file = __FILE__,
	.run = run,
};
