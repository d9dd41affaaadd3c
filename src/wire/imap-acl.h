#ifndef WIRE_IMAP_ACL_H
#define WIRE_IMAP_ACL_H

#include "wire/imap-cursor.h"
#include "wire/rights.h"

/*
 * SETACL, DELETEACL and LISTRIGHTS (RFC 4314 3). GETACL and MYRIGHTS take
 * wire_imap_one_mailbox. Who is meant stands without the "-" of negative rights.
 */
struct wire_imap_acl {
	struct slice name;
	struct slice who;
	bool negative;
	struct wire_rights_change change; /* SETACL's */
};
MUST_CHECK bool wire_imap_setacl_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_acl *acl);
/* DELETEACL, LISTRIGHTS. */
MUST_CHECK bool wire_imap_acl_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_acl *acl);

#endif
