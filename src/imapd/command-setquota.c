/* SETQUOTA: RFC 9208 4.1.3. Limits are the administrator's to set (troika account limit).
 */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice root;
	if (!wire_imap_setquota_parse(&call->cursor, &root))
		return imapd_unparsed(session);
	return imapd_no(session, "[NOPERM] Only the administrator sets quotas");
}

const struct imapd_command imapd_command_setquota = {
	.name = "SETQUOTA",
	.states = IMAPD_ACCOUNT,
	.rfc = "9208 4.1.3",
	.purpose = "Is refused: the administrator sets quotas",
	.file = __FILE__,
	.run = run,
};
