/* What an account uses of its quota: RFC 9208 4.2.1, 5.1. */
#include "imapd/quota.h"

enum { UNIT = 1024, LINE_MOST = 16 * 1024 }; /* STORAGE counts units of 1024 octets */

enum base_failure
imapd_put_quota(struct imapd_session *session, uint64_t account, struct slice root)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_account_info info;
	struct post_usage usage;
	enum base_failure failure =
		post_account_by_id(session->context->post, account, arena, &info);
	failure = failure ? failure
			  : post_account_usage(session->context->post, account, &usage);
	if (failure)
		return failure;
	SCOPED(buffer_free) struct buffer line = buffer_with(LINE_MOST);
	buffer_put_text(&line, "* QUOTA ");
	wire_imap_put_string(&line, root, imapd_speaks_utf8(session));
	buffer_put_text(&line, " (");
	if (info.quota_bytes)
		buffer_printf(&line, "STORAGE %llu %llu",
			(unsigned long long)((usage.bytes + UNIT - 1) / UNIT),
			(unsigned long long)(info.quota_bytes / UNIT));
	buffer_put_text(&line, ")\r\n");
	imapd_put(session, &line);
	return BASE_OK;
}
