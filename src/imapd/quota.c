/* What an account uses of its quota: RFC 9208 4.2.1, 5.1, 5.2, 5.3. */
#include "imapd/quota.h"

enum { UNIT = 1024, LINE_MOST = 16 * 1024 }; /* STORAGE counts units of 1024 octets */

static void
put_resource(struct buffer *line, const char *name, uint64_t used, uint64_t limit)
{
	buffer_printf(line, "%s%s %llu %llu",
		line->data[line->length - 1] == '(' ? "" : " ", name,
		(unsigned long long)used, (unsigned long long)limit);
}

enum base_failure
imapd_put_quota(struct imapd_session *session, uint64_t account, struct slice root)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_account_info info;
	struct post_usage used;
	uint64_t mailboxes = 0;
	enum base_failure failure =
		post_account_by_id(session->context->post, account, arena, &info);
	failure = failure ? failure
			  : post_account_usage(session->context->post, account, &used);
	if (!failure && info.quota.mailboxes)
		failure = post_mailboxes_count(session->context->post, account, &mailboxes);
	if (failure)
		return failure;
	SCOPED(buffer_free) struct buffer line = buffer_with(LINE_MOST);
	buffer_put_text(&line, "* QUOTA ");
	wire_imap_put_string(&line, root, imapd_speaks_utf8(session));
	buffer_put_text(&line, " (");
	if (info.quota.bytes)
		put_resource(&line, "STORAGE", (used.bytes + UNIT - 1) / UNIT,
			info.quota.bytes / UNIT);
	if (info.quota.messages)
		put_resource(&line, "MESSAGE", used.messages, info.quota.messages);
	if (info.quota.mailboxes)
		put_resource(&line, "MAILBOX", mailboxes, info.quota.mailboxes);
	buffer_put_text(&line, ")\r\n");
	imapd_put(session, &line);
	return BASE_OK;
}
