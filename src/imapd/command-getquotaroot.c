/* GETQUOTAROOT: RFC 9208 4.1.2. */
#include "imapd/quota.h"
#include "imapd/rights.h"

enum { LINE_MOST = 16 * 1024 };

static void
put_root(struct imapd_session *session, struct slice name, struct slice root)
{
	SCOPED(buffer_free) struct buffer line = buffer_with(LINE_MOST);
	buffer_put_text(&line, "* QUOTAROOT ");
	wire_imap_put_mailbox(&line, name, imapd_speaks_utf8(session));
	buffer_put_byte(&line, ' ');
	wire_imap_put_string(&line, root, imapd_speaks_utf8(session));
	buffer_put_text(&line, "\r\n");
	imapd_put(session, &line);
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice name;
	struct post_mailbox_info info;
	struct post_place place;
	if (!wire_imap_one_mailbox(&call->cursor, &name))
		return imapd_unparsed(session);
	enum base_failure failure =
		imapd_place(session, name, IMAPD_READS, call->arena, &place);
	if (failure)
		return imapd_no_place(session, failure);
	/* One's own need not exist yet: a client asks where it would count. */
	failure = post_mailbox_find(place.account, place.name, call->arena, &info);
	if (failure && (failure != BASE_NOT_FOUND || place.owner != POST_OWN))
		return imapd_failed(session, failure);
	struct slice root = imapd_mailbox_name(place.root);
	put_root(session, name, root);
	failure = imapd_put_quota(session, post_account_id(place.account), root);
	return failure ? imapd_failed(session, failure) : imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_getquotaroot = {
	.name = "GETQUOTAROOT",
	.states = IMAPD_ACCOUNT,
	.rfc = "9208 4.1.2",
	.purpose = "Tells a mailbox's quota root, and what is used of it",
	.file = __FILE__,
	.run = run,
};
