#include "imapd/acl.h"

void
imapd_put_rights(struct buffer *into, unsigned rights)
{
	if (rights)
		wire_rights_put(into, rights);
	else
		buffer_put_text(into, "\"\"");
}

void
imapd_put_my_rights(const struct imapd_session *session, struct buffer *into,
	struct slice name, unsigned rights)
{
	buffer_put_text(into, "* MYRIGHTS ");
	wire_imap_put_mailbox(into, name, imapd_speaks_utf8(session));
	buffer_put_byte(into, ' ');
	imapd_put_rights(into, rights);
	buffer_put_text(into, "\r\n");
}

struct slice
imapd_owner_address(
	struct imapd_session *session, const struct post_place *place, struct arena *arena)
{
	struct post_account_info info;
	if (place->owner == POST_OF_NOBODY ||
		post_account_by_id(session->context->post, post_account_id(place->account),
			arena, &info))
		return SLICE_NONE;
	return info.address;
}

static enum net_next
granted(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	return event->outcome ? imapd_failed(session, event->outcome)
			      : imapd_ok(session, "Done");
}

/* All rights are the owner's for good (RFC 4314 3.7: always granted). */
static enum net_next
grant_to_owner(struct imapd_session *session, const struct wire_imap_acl *wanted)
{
	unsigned rights = wire_rights_changed(WIRE_RIGHTS_ALL, &wanted->change);
	return !wanted->negative && rights == WIRE_RIGHTS_ALL
		       ? imapd_ok(session, "Those are the owner's already")
		       : imapd_no(session, "[CANNOT] Its owner may do everything with it");
}

enum net_next
imapd_grant(struct imapd_session *session, const struct wire_imap_acl *wanted)
{
	struct post_place place;
	struct base_error error = {0};
	uint64_t who;
	enum base_failure failure = imapd_place(
		session, wanted->name, IMAPD_ADMINISTERS, session->call->arena, &place);
	if (failure)
		return imapd_no_place(session, failure);
	if (post_who_find(session->context->post, wanted->who, &who))
		return imapd_no(session, "[CANNOT] Nobody here has that name");
	if (who == post_account_id(place.account))
		return grant_to_owner(session, wanted);
	struct base_ticket *ticket = post_mailbox_grant(
		place.account, place.name, who, wanted->negative, &wanted->change, &error);
	return ticket ? imapd_await(session, ticket, granted)
		      : imapd_failed(session, error.failure);
}

/* RFC 4314 2.1.1, 5.1.1: the rights that RFC 2086 did not have. */
const struct imapd_extension imapd_extension_rights = {
	.capability = "RIGHTS=kxte",
	.rfc = "4314 2.2",
	.purpose = "The rights that are told apart from those of RFC 2086",
	.file = __FILE__,
};
