/* OBJECTID: RFC 8474. Ids are of the account, and are never used again. */
#include "imapd/imapd-internal.h"
#include <stdio.h>

enum { SUFFIX_MOST = 24 };

/* "-4e2": the account, in hexadecimal; nothing for one's own. */
static struct slice
suffix(const struct imapd_session *session, char into[SUFFIX_MOST])
{
	uint64_t owner = post_mailbox_account_id(session->selected->mailbox);
	if (owner == session->account_id)
		return SLICE("");
	int length = snprintf(into, SUFFIX_MOST, "-%llx", (unsigned long long)owner);
	return slice_of(into, (size_t)length);
}

bool
imapd_put_email_id(const struct imapd_session *session, struct buffer *into, uint64_t id)
{
	char bytes[SUFFIX_MOST];
	buffer_printf(into, "M%llu", (unsigned long long)id);
	return buffer_put(into, suffix(session, bytes));
}

bool
imapd_email_id_of(const struct imapd_session *session, struct slice text, uint64_t *id)
{
	char bytes[SUFFIX_MOST];
	struct slice owner = suffix(session, bytes);
	if (!slice_ends(text, owner))
		return false;
	text = slice_first(text, text.length - owner.length);
	return text.length > 1 && text.data[0] == 'M' &&
	       slice_to_u64(slice_from(text, 1), id) && text.data[1] != '0';
}

const struct imapd_extension imapd_extension_objectid = {
	.capability = "OBJECTID",
	.rfc = "8474",
	.purpose = "Mailboxes and messages have ids that outlive renaming and moving",
	.file = __FILE__,
};
