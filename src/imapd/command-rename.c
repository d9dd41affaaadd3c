/* RENAME: RFC 3501 6.3.5. */
#include "imapd/notify.h"
#include "imapd/rights.h"

struct renaming {
	struct slice from, to; /* as they were written */
	struct post_place source, target;
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
	imapd_notify_own_names(session, renaming->to, renaming->from);
	imapd_put_old_name(session, renaming->to, renaming->from);
	return imapd_ok(session, "Done");
}

/* Mail can't be taken from one account to another by its name, nor another's INBOX. */
static bool
is_possible(const struct post_place *from, const struct post_place *to)
{
	return from->account == to->account &&
	       (from->owner == POST_OWN || !slice_equal(from->name, SLICE("INBOX")));
}

static enum net_next
rename_place(struct imapd_session *session, const struct renaming *renaming)
{
	const struct post_place *from = &renaming->source, *to = &renaming->target;
	struct base_error error = {0};
	if (!is_possible(from, to))
		return imapd_no(session, "[CANNOT] A mailbox stays in its account");
	struct base_ticket *ticket =
		post_mailbox_rename(from->account, from->name, to->name, &error);
	return ticket ? imapd_await(session, ticket, renamed)
		      : imapd_failed(session, error.failure);
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct renaming *renaming = ARENA_NEW(call->arena, struct renaming);
	if (!wire_imap_two_mailboxes(&call->cursor, &renaming->from, &renaming->to))
		return imapd_unparsed(session);
	renaming->from = imapd_mailbox_name(renaming->from);
	renaming->to = imapd_mailbox_name(renaming->to);
	call->act = renaming;
	enum base_failure failure = imapd_place(
		session, renaming->from, IMAPD_DELETES, call->arena, &renaming->source);
	if (failure)
		return imapd_no_place(session, failure);
	failure = imapd_place(
		session, renaming->to, IMAPD_CREATES, call->arena, &renaming->target);
	if (failure == BASE_NOT_FOUND)
		return imapd_no(session, "[CANNOT] No mailbox can be made there");
	return failure ? imapd_no_place(session, failure) : rename_place(session, renaming);
}

const struct imapd_command imapd_command_rename = {
	.name = "RENAME",
	.states = IMAPD_ACCOUNT,
	.rfc = "3501 6.3.5, 9051 6.3.6",
	.purpose = "Gives a mailbox and those below it another name",
	.file = __FILE__,
	.run = run,
};
