#ifndef BASE_TICKET_H
#define BASE_TICKET_H

#include "base/error.h"

/*
 * A ticket stands for one thing that will be done later, by another thread: a commit
 * that becomes durable, an errand that ends. It is completed exactly once.
 *
 * Tickets are counted; create gives one reference to the maker and whoever keeps one
 * holds one. Completing and looking are safe from any thread.
 */
struct base_ticket;

struct base_ticket *base_ticket_create(void);
struct base_ticket *base_ticket_hold(struct base_ticket *ticket);
void base_ticket_drop(struct base_ticket *ticket);     /* NULL is fine */
void base_ticket_release(struct base_ticket **ticket); /* for SCOPED */

/* A ticket that is complete already, for paths that have nothing to wait for. */
struct base_ticket *base_ticket_completed(enum base_failure outcome);

/*
 * One ticket for many: complete when all of them are, with the first failure. Takes over
 * the references. count 0 gives a completed one.
 */
struct base_ticket *base_ticket_all(struct base_ticket **tickets, size_t count);

void base_ticket_complete(struct base_ticket *ticket, enum base_failure outcome);
bool base_ticket_done(const struct base_ticket *ticket);
enum base_failure base_ticket_outcome(const struct base_ticket *ticket); /* when done */

/*
 * Calls once when complete, on the completing thread, or now if it is complete already.
 * The callback must be short and must not block: it queues, wakes or counts.
 */
typedef void base_ticket_callback(void *argument, enum base_failure outcome);
void base_ticket_then(
	struct base_ticket *ticket, base_ticket_callback *callback, void *argument);

/* Blocks. For errands, the command line and tests; a worker never calls it. */
enum base_failure base_ticket_wait(struct base_ticket *ticket);
/* The same, and drops the reference, for who has no further use of it. */
enum base_failure base_ticket_await(struct base_ticket *ticket);

#endif
