/* GETQUOTA: RFC 9208 4.1.1. */
#include "imapd/quota.h"
#include "imapd/rights.h"

/* Another's is told to whom something of his is shared. */
static enum base_failure
find_root(struct imapd_session *session, struct slice root, uint64_t *account)
{
	struct arena *arena = session->call->arena;
	struct slice parts[] = {root, SLICE("/INBOX")};
	struct post_place place;
	struct post_shown *shown;
	*account = session->account_id;
	if (slice_empty(root))
		return BASE_OK;
	if (post_place_find(session->account, arena_join(arena, parts, 2), arena, &place) ||
		place.owner == POST_OWN ||
		!post_mailboxes_shown(place.account, session->account_id, arena, &shown))
		return BASE_NOT_FOUND;
	*account = post_account_id(place.account);
	return BASE_OK;
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice root;
	uint64_t account;
	if (!wire_imap_getquota_parse(&call->cursor, &root))
		return imapd_unparsed(session);
	if (find_root(session, root, &account))
		return imapd_no(session, "[NONEXISTENT] There is no such quota root");
	enum base_failure failure = imapd_put_quota(session, account, root);
	return failure ? imapd_failed(session, failure) : imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_getquota = {
	.name = "GETQUOTA",
	.states = IMAPD_ACCOUNT,
	.capability = "QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE QUOTA=RES-MAILBOX",
	.rfc = "9208 4.1.1",
	.purpose = "Tells what is used and allowed under a quota root",
	.file = __FILE__,
	.run = run,
};
