/* RENAME: RFC 3501 6.3.5. */
#include "imapd/imapd-internal.h"

struct renaming {
	struct slice from, to;
};

/* RFC 9051 6.3.6: the new name, and which it was. */
static enum net_next
renamed(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	const struct renaming *renaming = session->call->act;
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	if (event->outcome)
		return imapd_failed(session, event->outcome);
	imapd_put_old_name(session, renaming->to, renaming->from);
	return imapd_ok(session, "Done");
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct renaming *renaming = ARENA_NEW(call->arena, struct renaming);
	struct base_error error = {0};
	if (!wire_imap_two_mailboxes(&call->cursor, &renaming->from, &renaming->to))
		return imapd_unparsed(session);
	renaming->from = imapd_mailbox_name(renaming->from);
	renaming->to = imapd_mailbox_name(renaming->to);
	call->act = renaming;
	struct base_ticket *ticket =
		post_mailbox_rename(session->account, renaming->from, renaming->to, &error);
	return ticket ? imapd_await(session, ticket, renamed)
		      : imapd_failed(session, error.failure);
}

const struct imapd_command imapd_command_rename = {
	.name = "RENAME",
	.states = IMAPD_ACCOUNT,
	.rfc = "3501 6.3.5, 9051 6.3.6",
	.purpose = "Gives a mailbox and those below it another name",
	.file = __FILE__,
	.run = run,
};
