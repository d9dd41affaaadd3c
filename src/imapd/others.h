#ifndef IMAPD_OTHERS_H
#define IMAPD_OTHERS_H

#include "imapd/imapd-internal.h"

/* Accounts that share mailboxes with this session's (RFC 2342). */

/* "Other Users/anna@example.org/", before the names of its mailboxes. */
struct slice imapd_root_of(const struct post_account_info *info, struct arena *arena);
/*
 * Each once of those that stand at or below a level ("Other Users"), or that it stands
 * below; the account is open for the visit alone.
 */
void imapd_each_owner(struct imapd_session *session, const struct slice *levels,
	size_t count,
	void (*visit)(void *argument, struct post_account *owner, struct slice root),
	void *argument);
/* Each name that the session's account has subscribed to, whoever's mailbox it is. */
void imapd_each_subscription(struct imapd_session *session,
	void (*visit)(void *argument, struct slice name), void *argument);

#endif
