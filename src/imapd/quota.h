#ifndef IMAPD_QUOTA_H
#define IMAPD_QUOTA_H

#include "imapd/imapd-internal.h"

/*
 * An account has one quota root for all its mailboxes (RFC 9208 3.2): one's own is named
 * "", another's as its mailboxes are, "Other Users/anna@example.org".
 */

/* "* QUOTA "" (STORAGE used limit …)": a resource without a limit is not told. */
enum base_failure imapd_put_quota(
	struct imapd_session *session, uint64_t account, struct slice root) MUST_CHECK;

#endif
