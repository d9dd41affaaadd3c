/* MYRIGHTS: RFC 4314 3.5, 3.8. */
#include "imapd/acl.h"

enum { LINE_MOST = 16 * 1024 };

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice name;
	struct post_place place;
	struct post_mailbox_info info;
	if (!wire_imap_one_mailbox(&call->cursor, &name))
		return imapd_unparsed(session);
	enum base_failure failure =
		imapd_place(session, name, IMAPD_ASKS_RIGHTS, call->arena, &place);
	if (failure)
		return imapd_no_place(session, failure);
	failure = post_mailbox_find(place.account, place.name, call->arena, &info);
	if (failure)
		return imapd_failed(session, failure);
	SCOPED(buffer_free) struct buffer line = buffer_with(LINE_MOST);
	imapd_put_my_rights(session, &line, name, place.rights);
	imapd_put(session, &line);
	return imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_myrights = {
	.name = "MYRIGHTS",
	.states = IMAPD_ACCOUNT,
	.rfc = "4314 3.5",
	.purpose = "Tells what one may do with a mailbox oneself",
	.file = __FILE__,
	.run = run,
};
