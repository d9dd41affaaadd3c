/* STLS: RFC 2595 4. What was sent behind it in the clear is thrown away by net. */
#include "popd/popd-internal.h"

static enum net_next
secured(struct net_session *net, const struct net_event *event)
{
	struct popd_session *session = popd_session_of(net);
	if (event->why != NET_SECURED)
		return NET_CLOSE;
	popd_set_user(session, SLICE_NONE);
	return popd_next(session);
}

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	(void)command;
	net_put(session->net, SLICE("+OK Begin TLS\r\n"));
	net_start_tls(session->net);
	return net_park(
		session->net, &(struct net_want){.deadline = POPD_WAIT_MS}, secured);
}

static bool
offered(const struct popd_session *session)
{
	return net_tls_offered(session->net);
}

const struct popd_command popd_command_stls = {
	.verb = WIRE_POP3_STLS,
	.states = POPD_AUTHORIZATION,
	.capability = SLICE_INIT("STLS"),
	.offered = offered,
	.refusal = "TLS is active already, or not to be had here",
	.run = run,
};
