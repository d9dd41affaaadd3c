#ifndef IMAPD_ROWS_DUE_H
#define IMAPD_ROWS_DUE_H

#include "imapd/imapd-internal.h"
#include "wire/imap-fetch.h"

/*
 * Data of new messages that a client asked for beforehand, by NOTIFY (RFC 5465 5.2) or with
 * a search that stands (7). They are written between commands and in IDLE, as fast as the
 * client reads.
 */

/* Items stay the caller's; they must not go before imapd_rows_due_drop. */
void imapd_rows_due_add(struct imapd_session *session,
	const struct wire_imap_fetch_item *items, size_t count,
	const struct post_uids *uids);
/* Those of the items; NULL: all. */
void imapd_rows_due_drop(
	struct imapd_session *session, const struct wire_imap_fetch_item *items);
/* Puts them, then resumes; at once when there are none. */
enum net_next imapd_rows_due_put(struct imapd_session *session,
	enum net_next (*resume)(struct imapd_session *session));

#endif
