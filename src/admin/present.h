#ifndef ADMIN_PRESENT_H
#define ADMIN_PRESENT_H

#include "admin/admin.h"

/*
 * Which messages a mailbox holds, byte for byte as its clients see them: for an import
 * that goes on where another one ended. Some hundred bytes of memory a message.
 */
struct admin_present;

/* Of the mailbox as it is now. What was delivered here is read whole, all else is known. */
enum base_failure admin_present_of(struct admin_call *call, struct post_mailbox *mailbox,
	struct admin_present **present) MUST_CHECK;
/* One more, by the hash of its bytes; false when it was there already. */
bool admin_present_add(struct admin_present *present, const struct store_hash *hash);
void admin_present_destroy(struct admin_present *present); /* NULL is fine */

#endif
