#include "base/test.h"
#include "relay/queue.h"

/* The queue in memory, without store and wire. */

static struct relay_queue queue;

static int
start(void **state)
{
	(void)state;
	relay_queue_init(&queue);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	relay_queue_free(&queue);
	return 0;
}

static struct relay_queued *
letter_with(const char *id, const char *const *destinations, size_t count, int64_t next_ms)
{
	struct relay_queued *letter = relay_queued_create(slice_of_text(id));
	struct relay_entry *row;
	for (size_t i = 0; i < count; i++)
		relay_queued_add_row(letter, (uint32_t)i + 1, SLICE("a@b"))->next_ms =
			next_ms;
	relay_queue_add(&queue, letter);
	TAILQ_FOREACH(row, &letter->rows, of_letter)
	relay_queue_assign(&queue, row, slice_of_text(destinations[row->number - 1]));
	TAILQ_FOREACH(row, &letter->rows, of_letter)
	relay_queue_place(&queue, row->consignment, 0);
	return letter;
}

static const char *const two_here_one_there[] = {"mx here", "mx here", "smtp://there:25"};

static struct relay_destination *
destination_of(struct relay_queued *letter)
{
	return TAILQ_FIRST(&letter->rows)->consignment->destination;
}

static void
rows_to_one_place_travel_together(void **state)
{
	(void)state;
	struct relay_entry *rows[RELAY_PARCEL_MOST];
	struct relay_queued *letter =
		letter_with("01JABCDEFG0123456789", two_here_one_there, 3, 0);
	struct relay_destination *here = destination_of(letter);
	assert_int_equal(here->target.way, RELAY_WAY_MX);
	assert_slice_is(here->domain, "here");
	assert_int_equal(relay_queue_lease(&queue, here, 0, rows), 2);
	assert_int_equal(relay_queue_lease(&queue, here, 0, rows), 0);
	assert_int_equal(here->ready_count, 0);
	assert_int_equal(rows[0]->place, RELAY_ROW_LEASED);
	assert_false(relay_queue_remove(&queue, rows[0]));
	assert_false(relay_queue_remove(&queue, rows[1]));
	assert_true(relay_queue_remove(&queue, TAILQ_FIRST(&letter->rows)));
	assert_int_equal(queue.rows, 0);
	assert_int_equal(map_count(queue.destinations), 0);
	assert_null(relay_queue_find(&queue, SLICE("01JABCDEFG0123456789")));
}

static void
what_is_due_comes_in_order(void **state)
{
	(void)state;
	static const char *const here[] = {"mx here"};
	char id[] = "01JABCDEFG0123450000";
	uint64_t chance = 1;
	for (int i = 0; i < 1000; i++) {
		snprintf(id + 16, 5, "%04d", i);
		chance = chance * 6364136223846793005U + 1;
		letter_with(id, here, 1, 1 + (int64_t)(chance >> 40));
	}
	/* Some leave the heap from its middle. */
	for (int i = 0; i < 1000; i += 3) {
		snprintf(id + 16, 5, "%04d", i);
		struct relay_queued *letter = relay_queue_find(&queue, slice_of_text(id));
		assert_true(relay_queue_remove(&queue, TAILQ_FIRST(&letter->rows)));
	}
	int64_t before = 0;
	int count = 0;
	struct relay_consignment *due;
	assert_null(relay_queue_due(&queue, 0));
	while ((due = relay_queue_due(&queue, INT64_MAX))) {
		assert_true(due->due_ms >= before);
		before = due->due_ms;
		count++;
	}
	assert_int_equal(count, 666);
}

static void
held_rows_are_not_leased(void **state)
{
	(void)state;
	struct relay_entry *rows[RELAY_PARCEL_MOST];
	struct relay_queued *letter =
		letter_with("01JABCDEFG0123456789", two_here_one_there, 3, 0);
	struct relay_entry *first = TAILQ_FIRST(&letter->rows);
	first->place = RELAY_ROW_HELD;
	relay_queue_place(&queue, first->consignment, 0);
	assert_int_equal(relay_queue_lease(&queue, destination_of(letter), 0, rows), 1);
	assert_int_equal(rows[0]->number, 2);
	first->place = RELAY_ROW_WAITING;
	relay_queue_place(&queue, first->consignment, 0);
	assert_int_equal(destination_of(letter)->ready_count, 1);
}

static void
a_new_route_takes_rows_along(void **state)
{
	(void)state;
	struct relay_queued *letter =
		letter_with("01JABCDEFG0123456789", two_here_one_there, 3, 0);
	struct relay_entry *row;
	TAILQ_FOREACH(row, &letter->rows, of_letter)
	{
		relay_queue_assign(&queue, row, SLICE("smtp://smart:25"));
		relay_queue_place(&queue, row->consignment, 0);
	}
	assert_int_equal(map_count(queue.destinations), 1);
	assert_int_equal(destination_of(letter)->ready_count, 1);
	assert_int_equal(destination_of(letter)->target.port, 25);
}

static void
large_letters_come_in_parcels(void **state)
{
	(void)state;
	static const char *here[250];
	struct relay_entry *rows[RELAY_PARCEL_MOST];
	for (size_t i = 0; i < 250; i++)
		here[i] = "mx here";
	struct relay_queued *letter = letter_with("01JABCDEFG0123456789", here, 250, 0);
	struct relay_destination *destination = destination_of(letter);
	assert_int_equal(relay_queue_lease(&queue, destination, 0, rows), 100);
	assert_int_equal(relay_queue_lease(&queue, destination, 0, rows), 100);
	assert_int_equal(relay_queue_lease(&queue, destination, 0, rows), 50);
	assert_int_equal(rows[49]->number, 250);
}

static void
times_move_when_the_clock_is_set(void **state)
{
	(void)state;
	struct relay_queued *letter =
		letter_with("01JABCDEFG0123456789", two_here_one_there, 3, 1000);
	relay_queue_shift(&queue, 5000);
	assert_null(relay_queue_due(&queue, 5999));
	assert_non_null(relay_queue_due(&queue, 6000));
	assert_true(TAILQ_FIRST(&letter->rows)->next_ms == 6000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			rows_to_one_place_travel_together, start, stop),
		cmocka_unit_test_setup_teardown(what_is_due_comes_in_order, start, stop),
		cmocka_unit_test_setup_teardown(held_rows_are_not_leased, start, stop),
		cmocka_unit_test_setup_teardown(a_new_route_takes_rows_along, start, stop),
		cmocka_unit_test_setup_teardown(large_letters_come_in_parcels, start, stop),
		cmocka_unit_test_setup_teardown(
			times_move_when_the_clock_is_set, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
