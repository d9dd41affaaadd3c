/* CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE: RFC 3501 6.3.3 to 6.3.7, RFC 6154 3. */
#include "imapd/imapd-internal.h"

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
	return event->outcome ? imapd_failed(session, event->outcome) : succeed(session);
}

static enum net_next
await(struct imapd_session *session, struct base_ticket *ticket,
	const struct base_error *error)
{
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

static enum post_use
use_of(unsigned bits)
{
	static const struct {
		enum wire_imap_special_use bit;
		enum post_use use;
	} table[] = {{WIRE_IMAP_USE_ALL, POST_USE_ALL},
		{WIRE_IMAP_USE_ARCHIVE, POST_USE_ARCHIVE},
		{WIRE_IMAP_USE_DRAFTS, POST_USE_DRAFTS},
		{WIRE_IMAP_USE_FLAGGED, POST_USE_FLAGGED},
		{WIRE_IMAP_USE_JUNK, POST_USE_JUNK}, {WIRE_IMAP_USE_SENT, POST_USE_SENT},
		{WIRE_IMAP_USE_TRASH, POST_USE_TRASH},
		{WIRE_IMAP_USE_IMPORTANT, POST_USE_IMPORTANT}};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (bits == table[i].bit)
			return table[i].use;
	return POST_USE_NONE;
}

static enum net_next
run_create(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_create create;
	struct base_error error = {0};
	if (!wire_imap_create_parse(&call->cursor, &create))
		return imapd_unparsed(session);
	enum post_use use = use_of(create.uses);
	/* One use a mailbox; \All and \Flagged are views that a mailbox can't be. */
	if (create.unknown_use || (create.uses && use == POST_USE_NONE) ||
		use == POST_USE_ALL || use == POST_USE_FLAGGED)
		return imapd_no(session, "[USEATTR] A mailbox can't have that use");
	struct base_ticket *ticket = post_mailbox_create(
		session->account, imapd_mailbox_name(create.name), use, &error);
	return await(session, ticket, &error);
}

static enum net_next
run_delete(struct imapd_session *session, struct imapd_call *call)
{
	struct slice name;
	struct base_error error = {0};
	if (!wire_imap_one_mailbox(&call->cursor, &name))
		return imapd_unparsed(session);
	struct base_ticket *ticket =
		post_mailbox_delete(session->account, imapd_mailbox_name(name), &error);
	return await(session, ticket, &error);
}

static enum net_next
run_rename(struct imapd_session *session, struct imapd_call *call)
{
	struct slice from, to;
	struct base_error error = {0};
	if (!wire_imap_two_mailboxes(&call->cursor, &from, &to))
		return imapd_unparsed(session);
	struct base_ticket *ticket = post_mailbox_rename(
		session->account, imapd_mailbox_name(from), imapd_mailbox_name(to), &error);
	return await(session, ticket, &error);
}

static enum net_next
subscribe(struct imapd_session *session, struct imapd_call *call, bool subscribed)
{
	struct slice name;
	struct base_error error = {0};
	if (!wire_imap_one_mailbox(&call->cursor, &name))
		return imapd_unparsed(session);
	struct base_ticket *ticket = post_mailbox_subscribe(
		session->account, imapd_mailbox_name(name), subscribed, &error);
	return await(session, ticket, &error);
}

static enum net_next
run_subscribe(struct imapd_session *session, struct imapd_call *call)
{
	return subscribe(session, call, true);
}

static enum net_next
run_unsubscribe(struct imapd_session *session, struct imapd_call *call)
{
	return subscribe(session, call, false);
}

const struct imapd_command imapd_command_create = {.name = "CREATE",
	.states = IMAPD_ACCOUNT,
	.capability = "CREATE-SPECIAL-USE",
	.run = run_create};
const struct imapd_command imapd_command_delete = {
	.name = "DELETE", .states = IMAPD_ACCOUNT, .run = run_delete};
const struct imapd_command imapd_command_rename = {
	.name = "RENAME", .states = IMAPD_ACCOUNT, .run = run_rename};
const struct imapd_command imapd_command_subscribe = {
	.name = "SUBSCRIBE", .states = IMAPD_ACCOUNT, .run = run_subscribe};
const struct imapd_command imapd_command_unsubscribe = {
	.name = "UNSUBSCRIBE", .states = IMAPD_ACCOUNT, .run = run_unsubscribe};
