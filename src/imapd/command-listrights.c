/* LISTRIGHTS: RFC 4314 3.4, 3.7. */
#include "imapd/acl.h"

enum { LINE_MOST = 16 * 1024 };

static enum net_next
tell(struct imapd_session *session, const struct wire_imap_acl *wanted, bool is_owner)
{
	SCOPED(buffer_free) struct buffer line = buffer_with(LINE_MOST);
	struct slice parts[] = {wanted->negative ? SLICE("-") : SLICE(""), wanted->who};
	buffer_put_text(&line, "* LISTRIGHTS ");
	wire_imap_put_mailbox(&line, wanted->name, imapd_speaks_utf8(session));
	buffer_put_byte(&line, ' ');
	wire_imap_put_astring(&line, arena_join(session->call->arena, parts, 2),
		imapd_speaks_utf8(session));
	buffer_put_byte(&line, ' ');
	if (is_owner)
		imapd_put_rights(&line, WIRE_RIGHTS_ALL);
	else
		buffer_put_text(&line, "\"\" l r s w i p k x t e a c d");
	buffer_put_text(&line, "\r\n");
	imapd_put(session, &line);
	return imapd_ok(session, "Done");
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_acl wanted;
	struct post_place place;
	struct post_mailbox_info info;
	uint64_t who;
	if (!wire_imap_acl_parse(&call->cursor, &wanted))
		return imapd_unparsed(session);
	enum base_failure failure =
		imapd_place(session, wanted.name, IMAPD_ADMINISTERS, call->arena, &place);
	if (failure)
		return imapd_no_place(session, failure);
	failure = post_mailbox_find(place.account, place.name, call->arena, &info);
	if (failure)
		return imapd_failed(session, failure);
	if (post_who_find(session->context->post, wanted.who, &who))
		return imapd_no(session, "[CANNOT] Nobody here has that name");
	return tell(session, &wanted,
		who == post_account_id(place.account) && !wanted.negative);
}

const struct imapd_command imapd_command_listrights = {
	.name = "LISTRIGHTS",
	.states = IMAPD_ACCOUNT,
	.rfc = "4314 3.4",
	.purpose = "Tells which rights somebody can be given",
	.file = __FILE__,
	.run = run,
};
