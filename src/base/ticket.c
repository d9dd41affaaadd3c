#include "base/ticket.h"
#include <pthread.h>
#include <stdatomic.h>

#define PENDING (-1)

struct then {
	struct then *next;
	base_ticket_callback *callback;
	void *argument;
};

struct base_ticket {
	atomic_int references;
	atomic_int outcome; /* PENDING, then an enum base_failure */
	pthread_mutex_t lock;
	pthread_cond_t completed;
	struct then *first; /* under lock; in the order they were asked for */
	struct then **end;
};

struct base_ticket *
base_ticket_create(void)
{
	struct base_ticket *ticket = calloc(1, sizeof *ticket);
	ASSERT(ticket);
	atomic_init(&ticket->references, 1);
	atomic_init(&ticket->outcome, PENDING);
	ASSERT(pthread_mutex_init(&ticket->lock, NULL) == 0);
	ASSERT(pthread_cond_init(&ticket->completed, NULL) == 0);
	ticket->end = &ticket->first;
	return ticket;
}

struct base_ticket *
base_ticket_completed(enum base_failure outcome)
{
	struct base_ticket *ticket = base_ticket_create();
	atomic_init(&ticket->outcome, (int)outcome);
	return ticket;
}

struct base_ticket *
base_ticket_hold(struct base_ticket *ticket)
{
	int before =
		atomic_fetch_add_explicit(&ticket->references, 1, memory_order_relaxed);
	ASSERT(before > 0);
	return ticket;
}

static void
ticket_free(struct base_ticket *ticket)
{
	while (ticket->first) {
		struct then *then = ticket->first;
		ticket->first = then->next;
		free(then);
	}
	pthread_cond_destroy(&ticket->completed);
	pthread_mutex_destroy(&ticket->lock);
	free(ticket);
}

void
base_ticket_drop(struct base_ticket *ticket)
{
	if (!ticket)
		return;
	int before =
		atomic_fetch_sub_explicit(&ticket->references, 1, memory_order_acq_rel);
	ASSERT(before > 0);
	if (before == 1)
		ticket_free(ticket);
}

void
base_ticket_release(struct base_ticket **ticket)
{
	base_ticket_drop(*ticket);
	*ticket = NULL;
}

bool
base_ticket_done(const struct base_ticket *ticket)
{
	return atomic_load_explicit(&ticket->outcome, memory_order_acquire) != PENDING;
}

enum base_failure
base_ticket_outcome(const struct base_ticket *ticket)
{
	int outcome = atomic_load_explicit(&ticket->outcome, memory_order_acquire);
	ASSERT(outcome != PENDING);
	return (enum base_failure)outcome;
}

void
base_ticket_complete(struct base_ticket *ticket, enum base_failure outcome)
{
	/* A callback may drop the last reference of everybody else. */
	base_ticket_hold(ticket);
	pthread_mutex_lock(&ticket->lock);
	ASSERT(!base_ticket_done(ticket));
	atomic_store_explicit(&ticket->outcome, (int)outcome, memory_order_release);
	struct then *then = ticket->first;
	ticket->first = NULL;
	pthread_cond_broadcast(&ticket->completed);
	pthread_mutex_unlock(&ticket->lock);
	while (then) {
		struct then *next = then->next;
		then->callback(then->argument, outcome);
		free(then);
		then = next;
	}
	base_ticket_drop(ticket);
}

static bool
add_unless_done(struct base_ticket *ticket, struct then *then)
{
	pthread_mutex_lock(&ticket->lock);
	bool pending = !base_ticket_done(ticket);
	if (pending) {
		*ticket->end = then;
		ticket->end = &then->next;
	}
	pthread_mutex_unlock(&ticket->lock);
	return pending;
}

void
base_ticket_then(struct base_ticket *ticket, base_ticket_callback *callback, void *argument)
{
	if (!base_ticket_done(ticket)) {
		struct then *then = malloc(sizeof *then);
		ASSERT(then);
		*then = (struct then){NULL, callback, argument};
		if (add_unless_done(ticket, then))
			return;
		free(then);
	}
	callback(argument, base_ticket_outcome(ticket));
}

enum base_failure
base_ticket_wait(struct base_ticket *ticket)
{
	pthread_mutex_lock(&ticket->lock);
	while (!base_ticket_done(ticket))
		pthread_cond_wait(&ticket->completed, &ticket->lock);
	pthread_mutex_unlock(&ticket->lock);
	return base_ticket_outcome(ticket);
}

enum base_failure
base_ticket_await(struct base_ticket *ticket)
{
	enum base_failure outcome = base_ticket_wait(ticket);
	base_ticket_drop(ticket);
	return outcome;
}

struct group {
	struct base_ticket *whole;
	atomic_size_t waiting;
	atomic_int failure; /* the first one seen */
};

static void
group_member_completed(void *argument, enum base_failure outcome)
{
	struct group *group = argument;
	int none = BASE_OK;
	if (outcome != BASE_OK)
		atomic_compare_exchange_strong(&group->failure, &none, (int)outcome);
	if (atomic_fetch_sub(&group->waiting, 1) > 1)
		return;
	base_ticket_complete(group->whole, (enum base_failure)atomic_load(&group->failure));
	base_ticket_drop(group->whole);
	free(group);
}

/*
 * A member's maker holds it until it has completed it, so the references taken over can
 * be dropped as soon as the callback is registered.
 */
struct base_ticket *
base_ticket_all(struct base_ticket **tickets, size_t count)
{
	if (count == 0)
		return base_ticket_completed(BASE_OK);
	struct base_ticket *whole = base_ticket_create();
	struct group *group = malloc(sizeof *group);
	ASSERT(group);
	group->whole = base_ticket_hold(whole);
	atomic_init(&group->waiting, count);
	atomic_init(&group->failure, BASE_OK);
	for (size_t i = 0; i < count; i++) {
		base_ticket_then(tickets[i], group_member_completed, group);
		base_ticket_drop(tickets[i]);
	}
	return whole;
}
