/* QUIT: RFC 1939 5, 6. Deletes what is marked; +OK means that it is durable. */
#include "popd/popd-internal.h"

/* The maildrop is free before the client can hear so and come again. */
static enum net_next
bye(struct popd_session *session)
{
	popd_maildrop_close(session->maildrop);
	session->maildrop = NULL;
	net_put(session->net, SLICE("+OK Good-bye\r\n"));
	return NET_CLOSE;
}

static enum net_next
not_deleted(struct popd_session *session, enum base_failure failure)
{
	net_put(session->net, SLICE("-ERR "));
	net_put(session->net, slice_of_text(popd_failure_text(failure)));
	net_put(session->net, SLICE("; nothing was deleted\r\n"));
	return NET_CLOSE;
}

static enum net_next
deleted(struct net_session *net, const struct net_event *event)
{
	struct popd_session *session = popd_session_of(net);
	if (event->why != NET_TICKET) {
		/* It may become durable yet; the client deletes again next time. */
		net_put(net, SLICE("-ERR [SYS/TEMP] The store does not answer\r\n"));
		return NET_CLOSE;
	}
	if (event->outcome != BASE_OK)
		return not_deleted(session, event->outcome);
	session->deleted = popd_maildrop_marked(session->maildrop);
	return bye(session);
}

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	(void)command;
	if (!session->maildrop || popd_maildrop_marked(session->maildrop) == 0)
		return bye(session);
	struct base_error error;
	struct base_ticket *ticket = popd_maildrop_expunge(session->maildrop, &error);
	if (!ticket)
		return not_deleted(session, error.failure);
	return net_park(session->net,
		&(struct net_want){.ticket = ticket, .deadline = POPD_WAIT_MS}, deleted);
}

const struct popd_command popd_command_quit = {
	.verb = WIRE_POP3_QUIT,
	.states = POPD_AUTHORIZATION | POPD_TRANSACTION,
	.run = run,
};
