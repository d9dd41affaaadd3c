/* SETACL: RFC 4314 3.1. */
#include "imapd/acl.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_acl wanted;
	if (!wire_imap_setacl_parse(&call->cursor, &wanted))
		return imapd_unparsed(session);
	return imapd_grant(session, &wanted);
}

const struct imapd_command imapd_command_setacl = {
	.name = "SETACL",
	.states = IMAPD_ACCOUNT,
	.capability = "ACL",
	.rfc = "4314 3.1",
	.purpose = "Says what somebody may do with a mailbox",
	.file = __FILE__,
	.run = run,
};
