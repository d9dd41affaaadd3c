#ifndef IMAPD_ACL_H
#define IMAPD_ACL_H

#include "imapd/rights.h"
#include "wire/imap-acl.h"

/* What SETACL, DELETEACL, GETACL, LISTRIGHTS and MYRIGHTS share: RFC 4314 3. */

/* "lrswipkxteacd", or "\"\"". */
void imapd_put_rights(struct buffer *into, unsigned rights);
/* "* MYRIGHTS name lrs": RFC 4314 3.8. */
void imapd_put_my_rights(const struct imapd_session *session, struct buffer *into,
	struct slice name, unsigned rights);
/* The owner's address; SLICE_NONE: it belongs to no person. */
struct slice imapd_owner_address(
	struct imapd_session *session, const struct post_place *place, struct arena *arena);
/* SETACL and DELETEACL. */
enum net_next imapd_grant(
	struct imapd_session *session, const struct wire_imap_acl *wanted);

#endif
