#ifndef POST_PURGE_H
#define POST_PURGE_H

#include "post/entries.h"
#include "post/turn.h"

/* Takes rows of messages for good; part of the chores, off the workers. */
#define POST_PURGE_MESSAGES 500 /* in one commit */

/* Whether there is an expunged row that is due, a deleted mailbox, or half a copy. */
bool post_purge_has_work(struct post *post, uint64_t account);

/*
 * Expunged rows that are due, deleted mailboxes and copies that were cut short, each step a
 * commit that is waited for; *steps is counted down. What a session still shows is passed
 * over.
 */
enum base_failure post_purge_account(
	struct post_account *account, unsigned *steps) MUST_CHECK;

#endif
