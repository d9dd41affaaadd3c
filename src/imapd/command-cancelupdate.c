/* CANCELUPDATE: RFC 5267 4.3.5. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice tag;
	bool known = true;
	if (!wire_imap_space(&call->cursor))
		return imapd_unparsed(session);
	do {
		if (!wire_imap_string(&call->cursor, &tag))
			return imapd_unparsed(session);
		known &= imapd_standing_cancel(session, tag);
	} while (wire_imap_maybe(&call->cursor, ' '));
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	return known ? imapd_ok(session, "Done")
		     : imapd_no(session, "There is no such search");
}

const struct imapd_command imapd_command_cancelupdate = {
	.name = "CANCELUPDATE",
	.states = IMAPD_SELECTED,
	.rfc = "5267 4.3.5",
	.purpose = "Ends searches that are kept up to date",
	.file = __FILE__,
	.run = run,
};
