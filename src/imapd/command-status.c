/* STATUS: RFC 3501 6.3.10. */
#include "imapd/rights.h"

enum { LINE_MOST = 16 * 1024 };

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_status status;
	if (!wire_imap_status_parse(&call->cursor, &status))
		return imapd_unparsed(session);
	if (status.items & WIRE_IMAP_STATUS_HIGHESTMODSEQ) /* RFC 7162 3.1.7 */
		imapd_turn_on(session, IMAPD_CONDSTORE);
	SCOPED(buffer_free) struct buffer line = buffer_with(LINE_MOST);
	enum base_failure failure =
		imapd_put_status(session, &line, status.name, status.items);
	if (failure)
		return imapd_no_place(session, failure);
	imapd_put(session, &line);
	return imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_status = {
	.name = "STATUS",
	.states = IMAPD_ACCOUNT,
	.rfc = "3501 6.3.10",
	.purpose = "Gives numbers of a mailbox without opening it",
	.file = __FILE__,
	.run = run,
};
