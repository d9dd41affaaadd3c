/* OBJECTID: RFC 8474. Ids are of the account, and are never used again. */
#include "imapd/imapd-internal.h"

bool
imapd_put_email_id(struct buffer *into, uint64_t id)
{
	return buffer_printf(into, "M%llu", (unsigned long long)id);
}

bool
imapd_email_id_of(struct slice text, uint64_t *id)
{
	return text.length > 1 && text.data[0] == 'M' &&
	       slice_to_u64(slice_from(text, 1), id) && text.data[1] != '0';
}

const struct imapd_extension imapd_extension_objectid = {
	.capability = "OBJECTID",
	.rfc = "8474",
	.purpose = "Mailboxes and messages have ids that outlive renaming and moving",
	.file = __FILE__,
};
