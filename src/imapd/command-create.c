/* CREATE: RFC 3501 6.3.3, RFC 6154 3. */
#include "imapd/metadata.h"
#include "imapd/notify.h"
#include "imapd/rights.h"

enum { TEXT_MOST = 128 };

/* The name as it was asked for, and as it is (RFC 9051 6.3.4). */
struct creating {
	struct wire_imap_create wanted;
	struct slice name;
	struct post_place place;
};

/* RFC 8474 4.1: the new mailbox's id. */
static enum net_next
created(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	const struct creating *creating = session->call->act;
	struct post_status now;
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	if (event->outcome)
		return imapd_failed(session, event->outcome);
	imapd_notify_own_names(session, creating->name, SLICE_NONE);
	if (!slice_equal(creating->name, creating->wanted.name))
		imapd_put_old_name(session, creating->name, creating->wanted.name);
	if (post_mailbox_status(creating->place.account, creating->place.name, &now))
		return imapd_ok(session, "Done"); /* and undone by somebody */
	SCOPED(buffer_free) struct buffer text = buffer_with(TEXT_MOST);
	buffer_put_byte(&text, '[');
	imapd_put_mailbox_id(session, &text, now.account, now.id);
	buffer_put_text(&text, "] Done");
	return imapd_ok_slice(session, buffer_slice(&text));
}

/* Where nobody shares anything, nobody can make anything. */
static enum net_next
no_place(struct imapd_session *session, enum base_failure failure)
{
	return failure == BASE_NOT_FOUND
		       ? imapd_no(session, "[CANNOT] No mailbox can be made there")
		       : imapd_no_place(session, failure);
}

static enum net_next
create(struct imapd_session *session, const struct creating *creating, enum post_use use)
{
	struct base_error error = {0};
	struct base_ticket *ticket = post_mailbox_create(
		creating->place.account, creating->place.name, use, &error);
	return ticket ? imapd_await(session, ticket, created)
		      : imapd_failed(session, error.failure);
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct creating *creating = ARENA_NEW(call->arena, struct creating);
	const struct wire_imap_create *wanted = &creating->wanted;
	if (!wire_imap_create_parse(&call->cursor, &creating->wanted))
		return imapd_unparsed(session);
	creating->name = imapd_mailbox_name(wanted->name);
	call->act = creating;
	enum post_use use;
	if (!imapd_use_of(wanted->uses, &use) || wanted->unknown_use)
		return imapd_no(session, "[USEATTR] A mailbox can't have that use");
	enum base_failure failure = imapd_place(
		session, wanted->name, IMAPD_CREATES, call->arena, &creating->place);
	if (failure)
		return no_place(session, failure);
	if (use != POST_USE_NONE && creating->place.account != session->account)
		return imapd_no(session, "[USEATTR] Uses are their owner's to give");
	return create(session, creating, use);
}

const struct imapd_command imapd_command_create = {
	.name = "CREATE",
	.states = IMAPD_ACCOUNT,
	.capability = "CREATE-SPECIAL-USE",
	.rfc = "3501 6.3.3, 6154 3",
	.purpose = "Makes a mailbox, with a special use",
	.file = __FILE__,
	.run = run,
};
