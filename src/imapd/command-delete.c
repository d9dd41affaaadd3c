/* DELETE: RFC 3501 6.3.4. */
#include "imapd/rights.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice name;
	struct post_place place;
	struct base_error error = {0};
	if (!wire_imap_one_mailbox(&call->cursor, &name))
		return imapd_unparsed(session);
	enum base_failure failure =
		imapd_place(session, name, IMAPD_DELETES, call->arena, &place);
	if (failure)
		return imapd_no_place(session, failure);
	struct base_ticket *ticket = post_mailbox_delete(place.account, place.name, &error);
	/* RFC 9051 6.3.5: what can't go is INBOX, or a name that its children need. */
	if (!ticket && error.failure == BASE_DENIED &&
		!slice_equal(place.name, SLICE("INBOX")))
		return imapd_no(session, "[HASCHILDREN] There are mailboxes below it");
	return imapd_await_change(session, name, ticket, &error);
}

const struct imapd_command imapd_command_delete = {
	.name = "DELETE",
	.states = IMAPD_ACCOUNT,
	.rfc = "3501 6.3.4, 9051 6.3.5",
	.purpose = "Removes a mailbox",
	.file = __FILE__,
	.run = run,
};
