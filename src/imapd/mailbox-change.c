/* What CREATE, DELETE, RENAME, SUBSCRIBE and UNSUBSCRIBE share: the commit's end. */
#include "imapd/notify.h"

/* A client that deletes the mailbox it has selected need not be told that it is gone. */
static enum net_next
succeed(struct imapd_session *session)
{
	if (session->selected && post_mailbox_gone(session->selected->mailbox))
		imapd_unselect(session);
	return imapd_ok(session, "Done");
}

static enum net_next
done(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	const struct slice *name = session->call->act;
	if (event->outcome)
		return imapd_failed(session, event->outcome);
	imapd_notify_own_names(session, *name, SLICE_NONE);
	return succeed(session);
}

enum net_next
imapd_await_change(struct imapd_session *session, struct slice name,
	struct base_ticket *ticket, const struct base_error *error)
{
	struct slice *kept = ARENA_NEW(session->call->arena, struct slice);
	*kept = name;
	session->call->act = kept;
	return ticket ? imapd_await(session, ticket, done)
		      : imapd_failed(session, error->failure);
}

struct slice
imapd_mailbox_name(struct slice name)
{
	if (name.length > 1 && name.data[name.length - 1] == POST_SEPARATOR)
		name.length--;
	return name;
}

enum net_next
imapd_subscribe(struct imapd_session *session, struct imapd_call *call, bool subscribed)
{
	struct slice name;
	struct base_error error = {0};
	if (!wire_imap_one_mailbox(&call->cursor, &name))
		return imapd_unparsed(session);
	struct base_ticket *ticket = post_mailbox_subscribe(
		session->account, imapd_mailbox_name(name), subscribed, &error);
	return imapd_await_change(session, name, ticket, &error);
}
