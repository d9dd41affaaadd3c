#ifndef ADMIN_PRESENT_H
#define ADMIN_PRESENT_H

#include "admin/admin.h"

/*
 * Which messages a mailbox holds, byte for byte as its clients see them: for an import
 * that goes on where another one ended. Some hundred bytes of memory a message.
 */
struct admin_present;

/*
 * Those of the mailboxes that were asked for last, the last one first: files come by
 * folders, and who goes to and fro between some has each mailbox read once.
 */
#define ADMIN_PRESENTS_MOST 4
struct admin_presents {
	struct admin_present *list[ADMIN_PRESENTS_MOST];
};
void admin_presents_release(struct admin_presents *presents); /* for SCOPED */

/*
 * Of the mailbox as it is now, or was when it was read, with what was added since; lives
 * until others were asked for. What was delivered here is read whole, all else is known.
 */
enum base_failure admin_present_of(struct admin_presents *presents, struct admin_call *call,
	struct post_mailbox *mailbox, struct admin_present **present) MUST_CHECK;
/* One more, by the hash of its bytes; false when it was there already. */
bool admin_present_add(struct admin_present *present, const struct store_hash *hash);

#endif
