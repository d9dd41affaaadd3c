/*
 * IMAP4rev2 (RFC 9051) and UTF8=ACCEPT (RFC 9755): what is told otherwise once a client has
 * turned them on. docs/imap-rev2.md has the whole list.
 */
#include "imapd/sync.h"

enum { LINE_MOST = 16 * 1024 };

bool
imapd_speaks_utf8(const struct imapd_session *session)
{
	return imapd_is_on(session, IMAPD_UTF8 | IMAPD_REV2);
}

/* RFC 9051 2.3.2: there is no \Recent. */
const struct post_uids *
imapd_recent(const struct imapd_session *session)
{
	return imapd_is_on(session, IMAPD_REV2) ? NULL : session->selected->recent;
}

void
imapd_put_exists(struct imapd_session *session, const struct post_view *view)
{
	SCOPED(buffer_free) struct buffer lines = buffer_with(256);
	buffer_printf(&lines, "* %u EXISTS\r\n", post_view_count(view));
	if (!imapd_is_on(session, IMAPD_REV2))
		buffer_printf(&lines, "* %u RECENT\r\n",
			imapd_count_recent(session->selected, view));
	imapd_put(session, &lines);
}

void
imapd_put_old_name(struct imapd_session *session, struct slice name, struct slice old)
{
	SCOPED(buffer_free) struct buffer line = buffer_with(LINE_MOST);
	if (!imapd_is_on(session, IMAPD_REV2))
		return;
	buffer_printf(&line, "* LIST () \"%c\" ", POST_SEPARATOR);
	wire_imap_put_mailbox(&line, name, true);
	if (!slice_absent(old) && !slice_equal(old, name)) {
		buffer_put_text(&line, " (\"OLDNAME\" (");
		wire_imap_put_mailbox(&line, old, true);
		buffer_put_text(&line, "))");
	}
	buffer_put_text(&line, "\r\n");
	imapd_put(session, &line);
}

const struct imapd_extension imapd_extension_imap4rev2 = {
	.capability = "IMAP4rev2",
	.announced = IMAPD_ANY,
	.rfc = "9051",
	.purpose = "The protocol as it is today, for who turns it on by ENABLE",
	.file = __FILE__,
	.enables = IMAPD_REV2,
};

const struct imapd_extension imapd_extension_utf8_accept = {
	.capability = "UTF8=ACCEPT",
	.rfc = "9755",
	.purpose = "UTF-8 in quoted strings and in mailbox names",
	.file = __FILE__,
	.enables = IMAPD_UTF8,
};
