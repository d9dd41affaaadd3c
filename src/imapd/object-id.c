/*
 * OBJECTID: RFC 8474. Ids are of the account, and are never used again: what counts them
 * goes back with a store that is restored, so all of them name the restore, too.
 */
#include "imapd/imapd-internal.h"
#include <stdio.h>

enum { SUFFIX_MOST = 40 };

/* "r19ada2c4d00"; nothing for a store that was never restored. */
static struct slice
restore(const struct imapd_session *session, char into[SUFFIX_MOST])
{
	int64_t renewed = post_renewed_ms(session->context->post);
	int length =
		renewed ? snprintf(into, SUFFIX_MOST, "r%llx", (unsigned long long)renewed)
			: 0;
	return slice_of(into, (size_t)length);
}

/* "-4e2": the account, in hexadecimal; nothing for one's own. */
static struct slice
suffix(const struct imapd_session *session, char into[SUFFIX_MOST])
{
	uint64_t owner = post_mailbox_account_id(session->selected->mailbox);
	size_t length = restore(session, into).length;
	if (owner != session->account_id)
		length += (size_t)snprintf(into + length, SUFFIX_MOST - length, "-%llx",
			(unsigned long long)owner);
	return slice_of(into, length);
}

void
imapd_put_mailbox_id(const struct imapd_session *session, struct buffer *into,
	uint64_t account, uint64_t mailbox)
{
	char bytes[SUFFIX_MOST];
	buffer_printf(into, "MAILBOXID (F%llx-%llx%.*s)", (unsigned long long)account,
		(unsigned long long)mailbox, SLICE_ARG(restore(session, bytes)));
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

bool
imapd_put_thread_id(struct buffer *into, uint64_t id)
{
	return buffer_printf(into, "T%016llx", (unsigned long long)id);
}

bool
imapd_thread_id_of(struct slice text, uint64_t *id)
{
	*id = 0;
	for (size_t i = 1; i < text.length; i++) {
		char c = text.data[i];
		if (!byte_is_digit(c) && (c < 'a' || c > 'f'))
			return false;
		*id = *id << 4 | (uint64_t)(byte_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	return text.length == 17 && text.data[0] == 'T';
}

const struct imapd_extension imapd_extension_objectid = {
	.capability = "OBJECTID",
	.rfc = "8474",
	.purpose = "Mailboxes and messages have ids that outlive renaming and moving",
	.file = __FILE__,
};
