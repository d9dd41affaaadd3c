#ifndef POST_DUE_H
#define POST_DUE_H

#include "base/base.h"

/*
 * Hints for the chores: mailboxes whose image should be written. Kept in memory, forgotten
 * at a stop: the next change, or the next to open such a mailbox, notes it again.
 */
#define POST_IMAGE_EVERY    10000 /* changes */
#define POST_IMAGE_AT_CLOSE 500   /* feed rows that the next one to open would read */
#define POST_IMAGE_MESSAGES 5000  /* changed by fewer rows: a COPY of many is a few */
#define POST_DUE_MOST       10000 /* hints; more are dropped */

struct post_due;

struct post_due *post_due_create(void);
void post_due_destroy(struct post_due *due);
void post_due_note(
	struct post_due *due, uint64_t account, uint32_t mailbox); /* any thread */
bool post_due_take(struct post_due *due, uint64_t *account, uint32_t *mailbox);

/* For the chores: one thread at a time; where the round of all accounts stands. */
struct post_round {
	uint64_t after;   /* the last account whose turn is over */
	uint64_t account; /* whose turn goes on; 0: nobody's */
	uint64_t until;   /* the email ids below are those that it had when that began */
	unsigned
		put_off; /* calls in a row that ended early, as others wanted the machine */
};
bool post_due_begin_round(struct post_due *due, struct post_round *round);
void post_due_end_round(struct post_due *due, const struct post_round *round);

#endif
