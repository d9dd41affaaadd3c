/* CREATE: RFC 3501 6.3.3, RFC 6154 3. */
#include "imapd/imapd-internal.h"

enum { TEXT_MOST = 128 };

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

/* The name as it was asked for, and as it is (RFC 9051 6.3.4). */
struct creating {
	struct wire_imap_create wanted;
	struct slice name;
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
	if (!slice_equal(creating->name, creating->wanted.name))
		imapd_put_old_name(session, creating->name, creating->wanted.name);
	if (post_mailbox_status(session->account, creating->name, &now))
		return imapd_ok(session, "Done"); /* and undone by somebody */
	SCOPED(buffer_free) struct buffer text = buffer_with(TEXT_MOST);
	buffer_put_byte(&text, '[');
	imapd_put_mailbox_id(session, &text, now.id);
	buffer_put_text(&text, "] Done");
	return imapd_ok_slice(session, buffer_slice(&text));
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct creating *creating = ARENA_NEW(call->arena, struct creating);
	struct wire_imap_create *create = &creating->wanted;
	struct base_error error = {0};
	if (!wire_imap_create_parse(&call->cursor, create))
		return imapd_unparsed(session);
	creating->name = imapd_mailbox_name(create->name);
	call->act = creating;
	enum post_use use = use_of(create->uses);
	/* One use a mailbox; \All and \Flagged are views that a mailbox can't be. */
	if (create->unknown_use || (create->uses && use == POST_USE_NONE) ||
		use == POST_USE_ALL || use == POST_USE_FLAGGED)
		return imapd_no(session, "[USEATTR] A mailbox can't have that use");
	struct base_ticket *ticket =
		post_mailbox_create(session->account, creating->name, use, &error);
	return ticket ? imapd_await(session, ticket, created)
		      : imapd_failed(session, error.failure);
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
