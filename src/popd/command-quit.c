/*
 * QUIT: RFC 1939 5, 6. Deletes what is marked; +OK means that it is durable. Many go in
 * slices, as in IMAP (docs/decisions/008): the maildrop stays locked until the last one.
 */
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
refuse(struct popd_session *session, enum base_failure failure, const char *deleted)
{
	net_put(session->net, SLICE("-ERR "));
	net_put(session->net, slice_of_text(popd_failure_text(failure)));
	net_put(session->net, SLICE("; "));
	net_put(session->net, slice_of_text(deleted));
	net_put(session->net, SLICE("\r\n"));
	return NET_CLOSE;
}

static enum net_next
not_deleted(struct popd_session *session, enum base_failure failure)
{
	return refuse(session, failure, "nothing was deleted");
}

/* --- one commit ----------------------------------------------------------------------- */

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
delete_few(struct popd_session *session)
{
	struct base_error error;
	struct base_ticket *ticket = popd_maildrop_expunge(session->maildrop, &error);
	if (!ticket)
		return not_deleted(session, error.failure);
	return net_park(session->net,
		&(struct net_want){.ticket = ticket, .deadline = POPD_WAIT_MS}, deleted);
}

/* --- many ----------------------------------------------------------------------------- */

/* The maildrop is the errand's, which may outlive the session. */
struct update {
	struct popd_maildrop *maildrop;
	struct net *net;
};

static bool
stopping(void *argument)
{
	const struct update *update = argument;
	return net_stopping(update->net);
}

static enum base_failure
update_run(void *argument, struct arena *moved)
{
	const struct update *update = argument;
	(void)moved;
	return popd_maildrop_expunge_many(update->maildrop, stopping, argument);
}

/* With the errand's arena, before anybody hears of its end, and when it never ran. */
static void
update_end(void *argument)
{
	struct update *update = argument;
	popd_maildrop_close(update->maildrop);
}

static enum net_next
updated(struct net_session *net, const struct net_event *event)
{
	struct popd_session *session = popd_session_of(net);
	if (event->why != NET_TICKET)
		return popd_gone(session, event);
	if (event->outcome != BASE_OK)
		return refuse(session, event->outcome, "some may be deleted already");
	session->deleted = session->marked;
	return bye(session);
}

static enum net_next
delete_many(struct popd_session *session)
{
	struct net *net = net_of(session->net);
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct update *update = ARENA_NEW(arena, struct update);
	*update = (struct update){session->maildrop, net};
	arena_on_release(arena, update_end, update);
	session->marked = popd_maildrop_marked(session->maildrop);
	session->maildrop = NULL;
	struct base_ticket *ticket =
		net_errand(net, NET_LANE_CHANGES, update_run, update, arena);
	if (ticket)
		return net_park(
			session->net, &(struct net_want){.ticket = ticket}, updated);
	arena_destroy(arena);
	return not_deleted(session, BASE_UNAVAILABLE);
}

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	(void)command;
	uint32_t marked = session->maildrop ? popd_maildrop_marked(session->maildrop) : 0;
	if (marked == 0)
		return bye(session);
	return marked > POST_SLICE ? delete_many(session) : delete_few(session);
}

const struct popd_command popd_command_quit = {
	.verb = WIRE_POP3_QUIT,
	.states = POPD_AUTHORIZATION | POPD_TRANSACTION,
	.run = run,
};
