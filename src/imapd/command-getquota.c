/* GETQUOTA: RFC 9208 4.1.1. */
#include "imapd/quota.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice root;
	if (!wire_imap_getquota_parse(&call->cursor, &root))
		return imapd_unparsed(session);
	if (!slice_empty(root))
		return imapd_no(session, "[NONEXISTENT] There is no such quota root");
	enum base_failure failure = imapd_put_quota(session);
	return failure ? imapd_failed(session, failure) : imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_getquota = {
	.name = "GETQUOTA",
	.states = IMAPD_ACCOUNT,
	.capability = "QUOTA QUOTA=RES-STORAGE",
	.rfc = "9208 4.1.1",
	.purpose = "Tells what is used and allowed under a quota root",
	.file = __FILE__,
	.run = run,
};
