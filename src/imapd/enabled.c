/* What a client has turned on, by ENABLE (RFC 5161) or by its use (RFC 7162 3.1). */
#include "imapd/notify.h"

bool
imapd_is_on(const struct imapd_session *session, unsigned enabled)
{
	return session->enabled & enabled;
}

void
imapd_turn_on(struct imapd_session *session, unsigned enabled)
{
	unsigned added = enabled & ~session->enabled;
	session->enabled |= enabled;
	/* RFC 7162 3.1.2.1: from now on the client counts by mod-sequences: it needs one.
	 */
	if (added & IMAPD_CONDSTORE && session->selected)
		imapd_put_highest(session, session->selected->view);
	if (added & IMAPD_METADATA)
		imapd_notify_metadata(session);
}

struct slice
imapd_with_modseq(struct imapd_session *session, const char *text)
{
	if (!imapd_is_on(session, IMAPD_QRESYNC) || !session->selected)
		return slice_of_text(text);
	imapd_sync(session, NULL);
	return arena_printf(session->call->arena, "[HIGHESTMODSEQ %llu] %s",
		(unsigned long long)post_view_modseq(session->selected->view), text);
}

const struct imapd_extension imapd_extension_condstore = {
	.capability = "CONDSTORE",
	.rfc = "7162 3.1",
	.purpose = "Changes of flags are numbered, and can be made and asked for by number",
	.file = __FILE__,
	.enables = IMAPD_CONDSTORE,
};

const struct imapd_extension imapd_extension_qresync = {
	.capability = "QRESYNC",
	.rfc = "7162 3.2",
	.purpose = "A mailbox is caught up with in one command; VANISHED tells UIDs",
	.file = __FILE__,
	.enables = IMAPD_CONDSTORE | IMAPD_QRESYNC,
};
