#ifndef IMAPD_QUOTA_H
#define IMAPD_QUOTA_H

#include "imapd/imapd-internal.h"

/* An account has one quota root for all its mailboxes, named "" (RFC 9208 3.2). */

/* "* QUOTA "" (STORAGE used limit)": without a limit no resource is told. */
enum base_failure imapd_put_quota(struct imapd_session *session) MUST_CHECK;

#endif
