#ifndef RELAY_SETTLE_H
#define RELAY_SETTLE_H

#include "relay/relay-internal.h"

/*
 * What becomes of leased rows of one space, in one commit: deleted or rewritten. With a
 * letter's last row its record goes, and the reference to its blob.
 *
 *	settle = relay_settle_create(relay, space);
 *	relay_settle_delete(settle, row, true);
 *	base_ticket_drop(relay_settle_submit(settle));
 *
 * Memory follows when the commit is durable; until then the rows stay leased, so that
 * nothing that was delivered is delivered again while the store can't take the news: a
 * commit that fails is tried again at each tick.
 */
struct relay_settle *relay_settle_create(struct relay *relay, unsigned space);
/* Not submitted: the rows stay leased. NULL is fine. */
void relay_settle_destroy(struct relay_settle *settle);

/* delivered: it must not be tried again, whatever becomes of the commit. */
void relay_settle_delete(
	struct relay_settle *settle, struct relay_entry *row, bool delivered);
void relay_settle_put(struct relay_settle *settle, struct relay_entry *row,
	const struct relay_row_record *record);
/* A letter without rows. */
void relay_settle_forget(
	struct relay_settle *settle, struct slice id, const struct store_hash *hash);
bool relay_settle_is_empty(const struct relay_settle *settle);

/* Takes over the settle; complete when it is durable, or must be tried again. */
struct base_ticket *relay_settle_submit(struct relay_settle *settle);

/*
 * In one set with a delivery: a report, or a letter that goes to a mailbox after all. NULL
 * with *error: nothing was submitted, and the settle is the caller's again. If the commit
 * fails later, the rows are tried again as if nothing had been; but those that were
 * delivered are not.
 */
struct base_ticket *relay_settle_submit_with(struct relay_settle *settle,
	struct post_delivery **delivery, struct base_error *error);

/* Leased rows go back, to be tried after a pause; for failures of our own. Takes the lock.
 */
#define RELAY_PUT_BACK_MS (5 * 60 * 1000)
void relay_put_back(struct relay *relay, struct relay_entry *const *rows, size_t count,
	int64_t pause_ms);

/* The tick's: tries again what the store did not take. */
void relay_settle_unsaved(struct relay *relay);
/* One of them, to be destroyed at the end; NULL: none. */
struct relay_settle *relay_settle_take_unsaved(struct relay *relay);

#endif
