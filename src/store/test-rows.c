#include "store/internal.h"
#include "store/test-fixture.h"

/* Rows: what a commit changes, who sees it and when. */

static void
test_put_get_delete(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 7);
	assert_int_equal(store_space_version(space), 0);
	fixture_put(space, "a", "1");
	assert_row(fixture, space, "a", "1");
	assert_row(fixture, space, "b", NULL);
	assert_int_equal(store_space_version(space), 1);
	struct store_turn *turn = fixture_begin(space);
	assert_int_equal(store_turn_version(turn), 2);
	store_delete(turn, SLICE("a"));
	store_put(turn, SLICE("b"), SLICE(""));
	assert_int_equal(fixture_commit(turn), BASE_OK);
	assert_row(fixture, space, "a", NULL);
	assert_row(fixture, space, "b", "");
	store_space_close(space);
}

static void
test_spaces_are_apart(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *one = store_space_open(fixture->store, 1);
	struct store_space *last = store_space_open(fixture->store, UINT64_MAX);
	struct store_space *again = store_space_open(fixture->store, 1);
	assert_ptr_equal(one, again);
	fixture_put(one, "a", "one");
	fixture_put(last, "a", "last");
	assert_row(fixture, one, "a", "one");
	assert_row(fixture, last, "a", "last");
	store_space_close(again);
	store_space_close(one);
	store_space_close(last);
}

static bool
count_row(void *argument, struct slice key, struct slice value)
{
	(void)key, (void)value;
	++*(size_t *)argument;
	return true;
}

static void
test_frozen_is_one_moment(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 7);
	fixture_put(space, "a", "1");
	fixture_put(space, "b", "1");
	struct store_space *frozen = store_space_freeze(fixture->store, 7);
	assert_ptr_not_equal(frozen, space);
	fixture_put(space, "a", "2");
	fixture_put(space, "c", "2");
	struct store_turn *turn = fixture_begin(space);
	store_delete(turn, SLICE("b"));
	assert_int_equal(fixture_commit(turn), BASE_OK);
	assert_row(fixture, frozen, "a", "1");
	assert_row(fixture, frozen, "b", "1");
	assert_row(fixture, frozen, "c", NULL);
	assert_int_equal(store_space_version(frozen), 2);
	struct slice keys[] = {SLICE("a"), SLICE("c")}, values[2];
	assert_int_equal(store_get_many(frozen, keys, 2, fixture->arena, values), BASE_OK);
	assert_slice(values[0], "1");
	assert_true(slice_absent(values[1]));
	size_t rows = 0;
	uint64_t version = 0;
	const struct store_range all = {SLICE(""), SLICE_NONE, 0};
	assert_int_equal(store_scan(frozen, &all, count_row, &rows, &version), BASE_OK);
	assert_int_equal(rows, 2);
	assert_int_equal(version, 2);
	store_space_close(frozen);
	assert_row(fixture, space, "a", "2");
	assert_row(fixture, space, "b", NULL);
	store_space_close(space);
}

static void
test_survives_reopen(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 3);
	fixture_put(space, "k", "v");
	fixture_put(space, "k", "w");
	store_space_close(space);
	fixture_reopen(fixture);
	space = store_space_open(fixture->store, 3);
	assert_row(fixture, space, "k", "w");
	assert_int_equal(store_space_version(space), 2);
	store_space_close(space);
}

static void
test_turn_sees_what_waits(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 3);
	struct slice value;
	fixture_put(space, "old", "durable");
	struct store_turn *turn = fixture_begin(space);
	store_put(turn, SLICE("k"), SLICE("1"));
	store_put(turn, SLICE("k"), SLICE("2"));
	assert_int_equal(store_turn_get(turn, SLICE("k"), fixture->arena, &value), BASE_OK);
	assert_slice(value, "2");
	assert_row(fixture, space, "k", NULL);
	struct base_ticket *first = store_submit(&turn);
	assert_null(turn);
	turn = fixture_begin(space);
	assert_int_equal(store_turn_get(turn, SLICE("k"), fixture->arena, &value), BASE_OK);
	assert_slice(value, "2");
	assert_int_equal(
		store_turn_get(turn, SLICE("old"), fixture->arena, &value), BASE_OK);
	assert_slice(value, "durable");
	store_delete(turn, SLICE("k"));
	assert_int_equal(
		store_turn_get(turn, SLICE("k"), fixture->arena, &value), BASE_NOT_FOUND);
	assert_int_equal(fixture_commit(turn), BASE_OK);
	assert_int_equal(base_ticket_outcome(first), BASE_OK);
	base_ticket_drop(first);
	assert_row(fixture, space, "k", NULL);
	store_space_close(space);
}

static void
test_abandoned_turn_leaves_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 3);
	struct slice value;
	fixture_put(space, "k", "kept");
	struct store_turn *turn = fixture_begin(space);
	store_put(turn, SLICE("k"), SLICE("dropped"));
	store_turn_release(&turn);
	turn = fixture_begin(space);
	assert_int_equal(store_turn_version(turn), 2);
	assert_int_equal(store_turn_get(turn, SLICE("k"), fixture->arena, &value), BASE_OK);
	assert_slice(value, "kept");
	store_abandon(turn);
	store_abandon(NULL);
	store_space_close(space);
}

static void
test_add(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 3);
	struct base_ticket *tickets[20];
	for (size_t i = 0; i < 20; i++) {
		struct store_turn *turn = fixture_begin(space);
		store_add(turn, SLICE("n"), 300);
		store_add(turn, SLICE("n"), -1);
		tickets[i] = store_submit(&turn);
	}
	struct base_ticket *all = base_ticket_all(tickets, 20);
	assert_int_equal(base_ticket_await(all), BASE_OK);
	struct slice value;
	assert_int_equal(store_get(space, SLICE("n"), fixture->arena, &value), BASE_OK);
	assert_int_equal(value.length, 8);
	assert_memory_equal(value.data, "\x5c\x17\0\0\0\0\0\0", 8); /* 20 * 299 */
	struct store_turn *turn = fixture_begin(space);
	store_put(turn, SLICE("n"), SLICE("text"));
	store_add(turn, SLICE("n"), 1);
	assert_int_equal(fixture_commit(turn), BASE_DAMAGED);
	store_space_close(space);
}

struct seen {
	char text[256];
	size_t most;
};

static bool
note_row(void *argument, struct slice key, struct slice value)
{
	struct seen *seen = argument;
	size_t length = strlen(seen->text);
	snprintf(seen->text + length, sizeof seen->text - length, "%.*s=%.*s ",
		SLICE_ARG(key), SLICE_ARG(value));
	return --seen->most > 0;
}

static void
assert_scan(struct store_space *space, struct store_range range, size_t most,
	const char *expected)
{
	struct seen seen = {.most = most};
	uint64_t version;
	assert_int_equal(store_scan(space, &range, note_row, &seen, &version), BASE_OK);
	assert_string_equal(seen.text, expected);
	assert_int_equal(version, store_space_version(space));
}

static void
test_scan(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *before = store_space_open(fixture->store, 8);
	struct store_space *space = store_space_open(fixture->store, 9);
	struct store_space *after = store_space_open(fixture->store, 10);
	fixture_put(before, "z", "no");
	fixture_put(after, "", "no");
	fixture_put(space, "b", "2");
	fixture_put(space, "a", "1");
	fixture_put(space, "ab", "3");
	assert_scan(space, (struct store_range){0}, 99, "a=1 ab=3 b=2 ");
	assert_scan(space, (struct store_range){.limit = 2}, 99, "a=1 ab=3 ");
	assert_scan(space, (struct store_range){0}, 1, "a=1 ");
	assert_scan(space, (struct store_range){.from = SLICE("ab")}, 99, "ab=3 b=2 ");
	assert_scan(space, (struct store_range){.from = SLICE("a"), .until = SLICE("ab")},
		99, "a=1 ");
	assert_scan(space, (struct store_range){.from = SLICE("z"), .until = SLICE("a")},
		99, "");
	store_space_close(before);
	store_space_close(space);
	store_space_close(after);
}

static void
test_delete_range(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 9);
	struct store_space *after = store_space_open(fixture->store, 10);
	fixture_put(after, "a", "kept");
	fixture_put(space, "a", "1");
	fixture_put(space, "b", "2");
	fixture_put(space, "c", "3");
	struct store_turn *turn = fixture_begin(space);
	store_put(turn, SLICE("bb"), SLICE("gone, too"));
	store_delete_range(turn, SLICE("b"), SLICE("c"));
	store_put(turn, SLICE("b"), SLICE("new"));
	assert_int_equal(fixture_commit(turn), BASE_OK);
	assert_scan(space, (struct store_range){0}, 99, "a=1 b=new c=3 ");
	turn = fixture_begin(space);
	store_delete_range(turn, SLICE("b"), SLICE_NONE);
	assert_int_equal(fixture_commit(turn), BASE_OK);
	assert_scan(space, (struct store_range){0}, 99, "a=1 ");
	assert_row(fixture, after, "a", "kept");
	store_space_close(space);
	store_space_close(after);
}

static void
test_get_many(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 9);
	fixture_put(space, "a", "1");
	fixture_put(space, "c", "");
	struct slice keys[] = {SLICE("c"), SLICE("b"), SLICE("a")}, values[3];
	assert_int_equal(store_get_many(space, keys, 3, fixture->arena, values), BASE_OK);
	assert_false(slice_absent(values[0]));
	assert_int_equal(values[0].length, 0);
	assert_true(slice_absent(values[1]));
	assert_slice(values[2], "1");
	assert_int_equal(store_get_many(space, keys, 0, fixture->arena, values), BASE_OK);
	store_space_close(space);
}

static void
test_set_is_one_commit(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *spaces[] = {store_space_open(fixture->store, 30),
		store_space_open(fixture->store, 10), store_space_open(fixture->store, 30),
		store_space_open(fixture->store, 20)};
	struct store_set *set;
	assert_int_equal(
		store_set_begin(fixture->store, spaces, 4, STORE_CHANGE, &set), BASE_OK);
	assert_ptr_equal(store_set_turn(set, 0), store_set_turn(set, 2));
	for (size_t i = 0; i < 4; i++)
		store_add(store_set_turn(set, i), SLICE("n"), 1);
	struct base_ticket *ticket = store_set_submit(&set);
	assert_null(set);
	assert_int_equal(base_ticket_await(ticket), BASE_OK);
	struct slice value;
	assert_int_equal(store_get(spaces[0], SLICE("n"), fixture->arena, &value), BASE_OK);
	assert_int_equal(value.data[0], 2);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(store_space_version(spaces[i]), 1);
		store_space_close(spaces[i]);
	}
}

struct order {
	char text[64];
	struct store_space *space;
};

static void
publish(void *argument)
{
	struct order *order = argument;
	size_t length = strlen(order->text);
	snprintf(order->text + length, sizeof order->text - length, "p%d ",
		(int)store_space_version(order->space));
}

static void
changed(void *argument)
{
	struct order *order = argument;
	size_t length = strlen(order->text);
	snprintf(order->text + length, sizeof order->text - length, "w ");
}

/* Watchers come last of a group, so one more commit elsewhere shows that they came. */
static void
test_publish_then_watch(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 9);
	struct store_space *other = store_space_open(fixture->store, 10);
	struct order order = {.space = space};
	struct store_watch *watch = store_watch_add(space, changed, &order);
	for (int i = 0; i < 2; i++) {
		struct store_turn *turn = fixture_begin(space);
		store_on_durable(turn, publish, &order);
		assert_int_equal(fixture_commit(turn), BASE_OK);
		fixture_put(other, "a", "1");
	}
	store_watch_remove(watch);
	fixture_put(space, "a", "1");
	store_space_close(space);
	store_space_close(other);
	fixture_reopen(fixture);
	assert_string_equal(order.text, "p1 w p2 w ");
}

static void
test_second_process_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct store *second;
	struct base_error error;
	assert_int_equal(store_open(&fixture->settings, &second, &error), BASE_CONFLICT);
	assert_null(second);
}

static void
test_read_only(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 9);
	fixture_put(space, "a", "1");
	store_space_close(space);
	fixture_close(fixture);
	fixture->settings.read_only = true;
	fixture_open(fixture);
	space = store_space_open(fixture->store, 9);
	assert_row(fixture, space, "a", "1");
	struct store_turn *turn;
	assert_int_equal(store_begin(space, STORE_CHANGE, &turn), BASE_DENIED);
	assert_null(turn);
	store_space_close(space);
}

static void
test_reserve(void **state)
{
	struct fixture *fixture = *state;
	fixture_close(fixture);
	fixture->settings.reserve_bytes = UINT64_MAX;
	fixture_open(fixture);
	struct store_space *space = store_space_open(fixture->store, 9);
	struct store_turn *turn;
	struct store_spill *spill;
	assert_int_equal(store_begin(space, STORE_NEW_MAIL, &turn), BASE_DISK_FULL);
	assert_int_equal(store_spill_create(fixture->store, &spill), BASE_DISK_FULL);
	fixture_put(space, "a", "changes go on");
	store_space_close(space);
	fixture_close(fixture);
	fixture->settings.last_reserve_bytes = UINT64_MAX;
	fixture_open(fixture);
	space = store_space_open(fixture->store, 9);
	assert_int_equal(store_begin(space, STORE_CHANGE, &turn), BASE_DISK_FULL);
	store_space_close(space);
}

#define MANY 300

/* More of them than fit into one group; each third deletes what the one before put. */
static void
test_many_changes_of_one_row(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	struct base_ticket *tickets[MANY];
	char value[20], own[20];
	for (int i = 0; i < MANY; i++) {
		struct store_turn *turn = fixture_begin(space);
		snprintf(value, sizeof value, "%d", i);
		snprintf(own, sizeof own, "own %d", i);
		if (i % 3 == 0)
			store_delete(turn, SLICE("row"));
		store_put(turn, SLICE("row"), SLICE("soon gone"));
		store_delete_range(turn, SLICE("row"), SLICE("rows"));
		store_put(turn, SLICE("row"), slice_of_text(value));
		if (i % 3 == 2)
			store_delete(turn, SLICE("row"));
		store_put(turn, slice_of_text(own), slice_of_text(value));
		tickets[i] = store_submit(&turn);
	}
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(base_ticket_await(tickets[i]), BASE_OK);
	}
	assert_row(fixture, space, "row", NULL);
	assert_row(fixture, space, "own 0", "0");
	assert_int_equal(store_space_version(space), MANY);
	fixture_put(space, "row", "the last");
	store_space_close(space);
	fixture_reopen(fixture);
	space = store_space_open(fixture->store, 1);
	assert_row(fixture, space, "row", "the last");
	for (int i = 0; i < MANY; i++) {
		snprintf(value, sizeof value, "%d", i);
		snprintf(own, sizeof own, "own %d", i);
		assert_row(fixture, space, own, value);
	}
	assert_int_equal(store_space_version(space), MANY + 1);
	store_space_close(space);
}

static bool
check_value(void *argument, struct slice key, struct slice value)
{
	(void)key;
	assert_slice(value, *(const char **)argument);
	return true;
}

static void
assert_reads(struct fixture *fixture, struct store_space *space, const char *expected)
{
	struct slice key = SLICE("a"), value;
	struct store_range range = {.from = key};
	uint64_t version;
	assert_row(fixture, space, "a", expected);
	assert_int_equal(store_get_many(space, &key, 1, fixture->arena, &value), BASE_OK);
	assert_slice(value, expected);
	assert_int_equal(
		store_scan(space, &range, check_value, &expected, &version), BASE_OK);
	assert_int_equal(store_scan(space, &range, check_value, &expected, NULL), BASE_OK);
}

/* As while the blobs of a group are being synced, whose batch has been. */
static void
test_half_durable_group_is_not_read(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture->store;
	struct store_space *space = store_space_open(store, 1);
	struct store_key key = store_key_row(1, SLICE("a"));
	struct rocks_batch *batch = rocks_batch_create();
	fixture_put(space, "a", "before");
	store_window_open(store);
	rocks_batch_put(batch, store_key_slice(&key), SLICE("after"));
	assert_int_equal(rocks_write(store->keys, batch), BASE_OK);
	rocks_batch_destroy(batch);
	assert_reads(fixture, space, "before");
	store_window_close(&store->window);
	assert_reads(fixture, space, "after");
	store_space_close(space);
}

static void
put_place(struct store *store, const struct store_hash *hash, struct store_place place)
{
	struct rocks_batch *batch = rocks_batch_create();
	struct store_key key = store_key_hash(STORE_KEY_PLACE, hash);
	struct store_value value = store_value_place(&place);
	rocks_batch_put(batch, store_key_slice(&key), store_value_slice(&value));
	assert_int_equal(rocks_write(store->keys, batch), BASE_OK);
	rocks_batch_destroy(batch);
}

/* As while collect moves it to a segment that is not there for readers yet. */
static void
test_blob_that_is_being_moved(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	struct store_hash hash = fixture_deliver(fixture, space, SLICE("letter"), "a");
	struct store_place place;
	store_space_close(space);
	fixture_reopen(fixture);
	struct store *store = fixture->store;
	assert_int_equal(store_place_find(store, &hash, &place), BASE_OK);
	store_window_open(store);
	put_place(store, &hash, (struct store_place){99, 32, 100, 6});
	assert_blob(fixture, &hash, SLICE("letter"));
	put_place(store, &hash, place);
	store_window_close(&store->window);
	assert_blob(fixture, &hash, SLICE("letter"));
}

#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_put_get_delete),
		WITH_STORE(test_spaces_are_apart),
		WITH_STORE(test_frozen_is_one_moment),
		WITH_STORE(test_survives_reopen),
		WITH_STORE(test_turn_sees_what_waits),
		WITH_STORE(test_abandoned_turn_leaves_nothing),
		WITH_STORE(test_add),
		WITH_STORE(test_scan),
		WITH_STORE(test_delete_range),
		WITH_STORE(test_get_many),
		WITH_STORE(test_set_is_one_commit),
		WITH_STORE(test_publish_then_watch),
		WITH_STORE(test_second_process_is_refused),
		WITH_STORE(test_read_only),
		WITH_STORE(test_reserve),
		WITH_STORE(test_half_durable_group_is_not_read),
		WITH_STORE(test_many_changes_of_one_row),
		WITH_STORE(test_blob_that_is_being_moved),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
