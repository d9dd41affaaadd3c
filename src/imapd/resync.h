#ifndef IMAPD_RESYNC_H
#define IMAPD_RESYNC_H

#include "imapd/lines.h"
#include "wire/imap-select.h"

/*
 * QRESYNC (RFC 7162 3.2): what has become of the messages that a client kept since a
 * mod-sequence.
 */

/* SELECT's: VANISHED (EARLIER) and rows of flags, for the mailbox just opened. */
MUST_CHECK enum base_failure imapd_resync(
	struct imapd_session *session, const struct wire_imap_select *wanted);
/* UID FETCH's: those of uids that are gone since. */
MUST_CHECK enum base_failure imapd_tell_vanished(
	struct imapd_session *session, const struct post_uids *uids, uint64_t since);

#endif
