/* EXPUNGE: RFC 3501 6.4.3; UID EXPUNGE: RFC 4315 2.1. */
#include "imapd/many.h"

static enum net_next
expunged(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	if (event->outcome)
		return imapd_failed(session, event->outcome);
	/* RFC 7162 3.2.7 */
	return imapd_ok_slice(session, imapd_with_modseq(session, "Done"));
}

static enum net_next
expunge(struct imapd_session *session, const struct post_uids *uids)
{
	enum base_failure failure;
	struct base_ticket *ticket = imapd_expunge(session, uids, &failure);
	return ticket ? imapd_await(session, ticket, expunged)
		      : imapd_failed(session, failure);
}

/* Only what this client has seen: a message that came since is not its to delete. */
static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_set set;
	const char *fault = NULL;
	if (!call->uid) {
		if (!wire_imap_end(&call->cursor))
			return imapd_unparsed(session);
		return expunge(session, post_view_uids(session->selected->view));
	}
	SCOPED(post_uids_release) struct post_uids *uids = NULL;
	if (!wire_imap_one_set(&call->cursor, &set))
		return imapd_unparsed(session);
	if (!imapd_uids_of_set(session, &set, true, &uids, &fault))
		return imapd_bad(session, fault);
	return expunge(session, uids);
}

const struct imapd_command imapd_command_expunge = {
	.name = "EXPUNGE",
	.states = IMAPD_SELECTED,
	.traits = IMAPD_HAS_UID | IMAPD_WRITES,
	.act = IMAPD_EXPUNGES,
	.capability = "UIDPLUS",
	.rfc = "3501 6.4.3, 4315 2.1",
	.purpose = "Removes messages that are \\Deleted",
	.file = __FILE__,
	.run = run,
};
