/* GETACL: RFC 4314 3.3, 3.6. */
#include "imapd/acl.h"

/* A whole list of long addresses. */
enum { LINE_MOST = 512 * 1024 };

static void
put_grant(const struct imapd_session *session, struct buffer *line,
	const struct post_granted *grant)
{
	SCOPED(buffer_free) struct buffer who = buffer_with(1024);
	if (grant->negative)
		buffer_put_byte(&who, '-');
	buffer_put(&who, grant->who);
	buffer_put_byte(line, ' ');
	wire_imap_put_astring(line, buffer_slice(&who), imapd_speaks_utf8(session));
	buffer_put_byte(line, ' ');
	imapd_put_rights(line, grant->rights);
}

static void
put_list(struct imapd_session *session, struct slice name, const struct post_place *place,
	const struct post_granted *grants, size_t count)
{
	SCOPED(buffer_free) struct buffer line = buffer_with(LINE_MOST);
	const struct post_granted owner = {
		.who = imapd_owner_address(session, place, session->call->arena),
		.rights = WIRE_RIGHTS_ALL};
	buffer_put_text(&line, "* ACL ");
	wire_imap_put_mailbox(&line, name, imapd_speaks_utf8(session));
	if (!slice_absent(owner.who))
		put_grant(session, &line, &owner);
	for (size_t i = 0; i < count; i++)
		put_grant(session, &line, &grants[i]);
	buffer_put_text(&line, "\r\n");
	imapd_put(session, &line);
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice name;
	struct post_place place;
	struct post_granted *grants;
	size_t count;
	if (!wire_imap_one_mailbox(&call->cursor, &name))
		return imapd_unparsed(session);
	enum base_failure failure =
		imapd_place(session, name, IMAPD_ADMINISTERS, call->arena, &place);
	if (failure)
		return imapd_no_place(session, failure);
	failure = post_mailbox_grants(
		place.account, place.name, call->arena, &grants, &count);
	if (failure)
		return imapd_failed(session, failure);
	put_list(session, name, &place, grants, count);
	return imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_getacl = {
	.name = "GETACL",
	.states = IMAPD_ACCOUNT,
	.rfc = "4314 3.3",
	.purpose = "Tells who may do what with a mailbox",
	.file = __FILE__,
	.run = run,
};
