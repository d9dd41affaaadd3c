/* DELETEACL: RFC 4314 3.2. Who has no rights there loses none. */
#include "imapd/acl.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_acl wanted;
	if (!wire_imap_acl_parse(&call->cursor, &wanted))
		return imapd_unparsed(session);
	return imapd_grant(session, &wanted);
}

const struct imapd_command imapd_command_deleteacl = {
	.name = "DELETEACL",
	.states = IMAPD_ACCOUNT,
	.rfc = "4314 3.2",
	.purpose = "Takes somebody off a mailbox's list",
	.file = __FILE__,
	.run = run,
};
