/* STARTTLS: RFC 3207. What came in the clear behind it is thrown away, and all is
 * forgotten. */
#include "smtpd/smtpd-internal.h"

enum { HANDSHAKE_DEADLINE = 60 * 1000 };

static enum net_next
secured(struct net_session *net, const struct net_event *event)
{
	struct smtpd_session *session = smtpd_session_of(net);
	if (event->why != NET_SECURED)
		return NET_CLOSE;
	return smtpd_next(session);
}

static enum net_next
run(struct smtpd_session *session, struct smtpd_call *call)
{
	(void)call;
	if (net_secured(session->net))
		return smtpd_answer(session, 503, "5.5.1", "TLS is active already");
	if (!net_tls_offered(session->net))
		return smtpd_answer(session, 502, "5.5.1", "TLS is not offered here");
	smtpd_forget(session);
	smtpd_reply(session, 220, "2.0.0", "Go on");
	net_start_tls(session->net);
	return net_park(
		session->net, &(struct net_want){.deadline = HANDSHAKE_DEADLINE}, secured);
}

const struct smtpd_command smtpd_command_starttls = {.verb = WIRE_SMTP_STARTTLS,
	.needs = SMTPD_NEEDS_HELLO | SMTPD_NOT_IN_MAIL,
	.help = "STARTTLS",
	.run = run};
