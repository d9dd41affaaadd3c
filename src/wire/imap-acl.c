#include "wire/imap-acl.h"

/* RFC 4314 3: identifiers are UTF-8; those that begin with "-" take rights away (2). */
static bool
take_who(struct wire_imap_cursor *cursor, struct wire_imap_acl *acl)
{
	if (!wire_imap_astring(cursor, &acl->who))
		return false;
	if (!slice_is_utf8(acl->who))
		return wire_imap_fail(cursor, "An identifier is UTF-8");
	acl->negative = slice_starts(acl->who, SLICE("-"));
	if (acl->negative)
		acl->who = slice_from(acl->who, 1);
	return !slice_empty(acl->who) || wire_imap_fail(cursor, "An identifier is missing");
}

static bool
take_mailbox_and_who(struct wire_imap_cursor *cursor, struct wire_imap_acl *acl)
{
	*acl = (struct wire_imap_acl){0};
	return wire_imap_space(cursor) && wire_imap_mailbox(cursor, &acl->name) &&
	       wire_imap_space(cursor) && take_who(cursor, acl);
}

bool
wire_imap_acl_parse(struct wire_imap_cursor *cursor, struct wire_imap_acl *acl)
{
	return take_mailbox_and_who(cursor, acl) && wire_imap_end(cursor);
}

bool
wire_imap_setacl_parse(struct wire_imap_cursor *cursor, struct wire_imap_acl *acl)
{
	struct slice rights;
	if (!take_mailbox_and_who(cursor, acl) || !wire_imap_space(cursor) ||
		!wire_imap_astring(cursor, &rights))
		return false;
	if (!wire_rights_change_of(rights, &acl->change))
		return wire_imap_fail(cursor, "There is no such right");
	return wire_imap_end(cursor);
}
