#include "base/test.h"
#include "base/ticket.h"
#include <pthread.h>
#include <stdatomic.h>

static void
count_call(void *argument, enum base_failure outcome)
{
	(void)outcome;
	atomic_fetch_add((atomic_int *)argument, 1);
}

static void
callbacks_run_once_before_and_after(void **state)
{
	(void)state;
	atomic_int calls = 0;
	SCOPED(base_ticket_release) struct base_ticket *ticket = base_ticket_create();
	base_ticket_then(ticket, count_call, &calls);
	base_ticket_then(ticket, count_call, &calls);
	assert_false(base_ticket_done(ticket));
	assert_int_equal(calls, 0);
	base_ticket_complete(ticket, BASE_QUOTA);
	assert_int_equal(calls, 2);
	assert_true(base_ticket_done(ticket));
	assert_int_equal(base_ticket_outcome(ticket), BASE_QUOTA);
	base_ticket_then(ticket, count_call, &calls);
	assert_int_equal(calls, 3);
	assert_int_equal(base_ticket_wait(ticket), BASE_QUOTA);
}

static void
drop_it(void *argument, enum base_failure outcome)
{
	(void)outcome;
	base_ticket_drop(argument);
}

static void
a_callback_may_drop_what_it_waits_for(void **state)
{
	(void)state;
	struct base_ticket *ticket = base_ticket_create();
	base_ticket_then(ticket, drop_it, ticket);
	base_ticket_complete(ticket, BASE_OK);
}

static void
dropping_unfinished_frees_its_callbacks(void **state)
{
	(void)state;
	atomic_int calls = 0;
	struct base_ticket *ticket = base_ticket_create();
	base_ticket_then(ticket, count_call, &calls);
	base_ticket_hold(ticket);
	base_ticket_drop(ticket);
	base_ticket_drop(ticket);
	base_ticket_drop(NULL);
	assert_int_equal(calls, 0);
}

static void
all_waits_for_the_last(void **state)
{
	(void)state;
	struct base_ticket *made[3], *given[3];
	for (size_t i = 0; i < 3; i++) {
		made[i] = base_ticket_create();
		given[i] = base_ticket_hold(made[i]);
	}
	SCOPED(base_ticket_release) struct base_ticket *all = base_ticket_all(given, 3);
	base_ticket_complete(made[2], BASE_OK);
	base_ticket_complete(made[1], BASE_DISK_FULL);
	assert_false(base_ticket_done(all));
	base_ticket_complete(made[0], BASE_UNAVAILABLE);
	assert_true(base_ticket_done(all));
	assert_int_equal(base_ticket_outcome(all), BASE_DISK_FULL);
	for (size_t i = 0; i < 3; i++)
		base_ticket_drop(made[i]);
}

static void
all_of_completed_ones_is_complete(void **state)
{
	(void)state;
	struct base_ticket *given[] = {
		base_ticket_completed(BASE_OK), base_ticket_completed(BASE_OK)};
	SCOPED(base_ticket_release) struct base_ticket *all = base_ticket_all(given, 2);
	assert_true(base_ticket_done(all));
	assert_int_equal(base_ticket_outcome(all), BASE_OK);
	SCOPED(base_ticket_release) struct base_ticket *none = base_ticket_all(NULL, 0);
	assert_true(base_ticket_done(none));
}

#define MANY 2000

static void *
complete_many(void *argument)
{
	struct base_ticket **tickets = argument;
	for (size_t i = 0; i < MANY; i++) {
		base_ticket_complete(tickets[i], BASE_OK);
		base_ticket_drop(tickets[i]);
	}
	return NULL;
}

static void
threads_complete_wait_and_register(void **state)
{
	(void)state;
	static struct base_ticket *made[MANY], *given[MANY];
	atomic_int calls = 0;
	for (size_t i = 0; i < MANY; i++) {
		made[i] = base_ticket_create();
		given[i] = base_ticket_hold(made[i]);
	}
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, complete_many, made), 0);
	for (size_t i = 0; i < MANY; i++)
		base_ticket_then(given[i], count_call, &calls);
	for (size_t i = 0; i < MANY / 2; i++)
		assert_int_equal(base_ticket_wait(given[i]), BASE_OK);
	SCOPED(base_ticket_release) struct base_ticket *all = base_ticket_all(given, MANY);
	assert_int_equal(base_ticket_wait(all), BASE_OK);
	pthread_join(thread, NULL);
	assert_int_equal(calls, MANY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(callbacks_run_once_before_and_after),
		cmocka_unit_test(a_callback_may_drop_what_it_waits_for),
		cmocka_unit_test(dropping_unfinished_frees_its_callbacks),
		cmocka_unit_test(all_waits_for_the_last),
		cmocka_unit_test(all_of_completed_ones_is_complete),
		cmocka_unit_test(threads_complete_wait_and_register),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
