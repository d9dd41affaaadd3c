#ifndef POST_SHARING_H
#define POST_SHARING_H

#include "post/acl.h"
#include "post/mailbox.h"
#include "post/names.h"

/*
 * Mailboxes of others: who may do what (RFC 4314), and under which names one finds what
 * others share (RFC 2342).
 *
 *	INBOX, Work/2026                    one's own: its owner may do everything
 *	Other Users/anna@example.org/Work   anna's, as far as she lets one
 *	Shared/sales@example.org/INBOX      of a shared account, which belongs to no person
 *
 * A mailbox of one's own that has such a name already stays one's own, and so does what
 * stands below a "Shared" of one's own and names no address.
 */
#define POST_OTHERS_ROOT "Other Users"
#define POST_SHARED_ROOT "Shared"

/* Whose a mailbox is, for one who looks at it. */
enum post_owner { POST_OWN, POST_OF_OTHERS, POST_OF_NOBODY };

struct post_place {
	enum post_owner owner;
	struct post_account *account; /* held as long as the arena lives */
	struct slice name;            /* in that account, canonical */
	struct slice root; /* "Other Users/anna@example.org/", as it was written; or "" */
	bool exists; /* as a mailbox that can be selected; true where it is one's own */
	bool has_children; /* that may be seen; said of others' alone */
	unsigned rights; /* of enum wire_right; all of one's own, none of what is not there
			  */
	/* At the nearest mailbox above that is there: who has "k" may create below it. */
	unsigned rights_above;
};

/*
 * Where a name of user's leads. BASE_INVALID: the name; BASE_NOT_FOUND: no account of that
 * kind and address, or no mailbox is named at all ("Other Users"). It reads no rights of
 * one's own mailboxes, which may be there or not.
 */
enum base_failure post_place_find(struct post_account *user, struct slice given,
	struct arena *arena, struct post_place *place) MUST_CHECK;

/* The durable rights of an account in a mailbox that is open; none when it is gone. */
unsigned post_mailbox_rights(struct post_mailbox *mailbox, uint64_t who);
/* Rises when somebody's rights in it changed; the watches are called then. */
unsigned post_mailbox_rights_version(const struct post_mailbox *mailbox);

/* --- what others share -----------------------------------------------------------------
 */

/*
 * The account with the least id greater than after that may share something with user, by
 * his name or with anyone; 0: none. A hint: post_mailboxes_shown says what.
 */
uint64_t post_sharer_after(struct post_account *user, uint64_t after);

struct post_shown {
	uint64_t id;
	struct slice name; /* in its account */
	unsigned rights;
	bool has_children; /* that are shown, too */
};
/* Mailboxes of an account in which who has "l". Sorted; lives in the arena. */
size_t post_mailboxes_shown(struct post_account *account, uint64_t who, struct arena *arena,
	struct post_shown **shown);
/* The same of the names as they were (names.h). */
size_t post_names_shown(const struct post_tree *names, uint64_t who, struct arena *arena,
	struct post_shown **shown);

/* --- who may do what --------------------------------------------------------------------
 */

/* "anyone", or an account's address. BASE_NOT_FOUND: nobody has that name. */
enum base_failure post_who_find(
	struct post *post, struct slice text, uint64_t *who) MUST_CHECK;

struct post_granted {
	struct slice who; /* as text; without the "-" of negative rights */
	bool negative;
	unsigned rights;
};
/* What stands in a mailbox's list, without its owner, and without accounts that are gone.
 */
enum base_failure post_mailbox_grants(struct post_account *account, struct slice name,
	struct arena *arena, struct post_granted **grants, size_t *count) MUST_CHECK;

/*
 * Changes one grant of one mailbox; one that is left without rights goes. NULL with *error:
 * BASE_NOT_FOUND (the mailbox), BASE_DENIED (the owner's own rights are as they are),
 * BASE_TOO_LARGE (POST_ACL_MOST).
 *
 * The directory remembers in the same commit that who may look here.
 */
struct base_ticket *post_mailbox_grant(struct post_account *account, struct slice name,
	uint64_t who, bool negative, const struct wire_rights_change *change,
	struct base_error *error);

#endif
