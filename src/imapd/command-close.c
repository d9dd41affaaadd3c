/* CLOSE: RFC 3501 6.4.2. */
#include "imapd/many.h"
#include "imapd/rights.h"

/* Whatever became of the messages, the client has done with the mailbox. */
static enum net_next
close_failed(struct imapd_session *session, enum base_failure failure)
{
	imapd_unselect(session);
	return imapd_failed(session, failure);
}

static enum net_next
closed_step(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	if (event->outcome)
		return close_failed(session, event->outcome);
	imapd_unselect(session);
	return imapd_ok(session, "Closed");
}

/* The view may be older than what this client itself flagged: the newest flags count. */
static bool
has_deleted(const struct imapd_selected *selected)
{
	SCOPED(post_view_release)
	struct post_view *newest = post_view_newest(selected->mailbox);
	return post_view_flagged(newest, POST_DELETED);
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct imapd_selected *selected = session->selected;
	enum base_failure failure;
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	/* RFC 4314 4: without the right nothing is expunged, and nothing said. */
	if (selected->read_only || !imapd_may(session, IMAPD_EXPUNGES) ||
		!has_deleted(selected)) {
		imapd_unselect(session);
		return imapd_ok(session, "Closed");
	}
	struct base_ticket *ticket =
		imapd_expunge(session, post_view_uids(selected->view), &failure);
	return ticket ? imapd_await(session, ticket, closed_step)
		      : close_failed(session, failure);
}

const struct imapd_command imapd_command_close = {
	.name = "CLOSE",
	.states = IMAPD_SELECTED,
	.rfc = "3501 6.4.2",
	.purpose = "Expunges and leaves the mailbox",
	.file = __FILE__,
	.run = run,
};
