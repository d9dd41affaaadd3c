/* What an account uses of its quota: RFC 9208 4.2.1, 5.1. */
#include "imapd/quota.h"

enum { UNIT = 1024, LINE_MOST = 256 }; /* STORAGE counts units of 1024 octets */

enum base_failure
imapd_put_quota(struct imapd_session *session)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_account_info info;
	enum base_failure failure = post_account_find(
		session->context->post, slice_of_text(session->address), arena, &info);
	if (failure)
		return failure;
	SCOPED(buffer_free) struct buffer line = buffer_with(LINE_MOST);
	buffer_put_text(&line, "* QUOTA \"\" (");
	if (info.quota_bytes)
		buffer_printf(&line, "STORAGE %llu %llu",
			(unsigned long long)((info.used_bytes + UNIT - 1) / UNIT),
			(unsigned long long)(info.quota_bytes / UNIT));
	buffer_put_text(&line, ")\r\n");
	imapd_put(session, &line);
	return BASE_OK;
}
