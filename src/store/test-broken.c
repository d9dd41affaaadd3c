#include "store/test-fixture.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>

/*
 * A store that can't write any more. A limit on the size of files stands for the disk:
 * the write fails with EFBIG, which is nothing that would get better by waiting.
 */

static void
limit_files(rlim_t size)
{
	struct rlimit limit = {.rlim_cur = size, .rlim_max = RLIM_INFINITY};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
note_broken(void *argument)
{
	atomic_fetch_add((atomic_int *)argument, 1);
}

static void
note_call(void *argument)
{
	*(bool *)argument = true;
}

static void
test_broken_for_good(void **state)
{
	struct fixture *fixture = *state;
	atomic_int broken = 0;
	bool was_published = false, was_refused = false;
	fixture_close(fixture);
	fixture->settings.on_broken = note_broken;
	fixture->settings.on_broken_argument = &broken;
	fixture_open(fixture);
	struct store_space *space = store_space_open(fixture->store, 1);
	fixture_put(space, "a", "before");
	struct store_hash kept =
		fixture_deliver(fixture, space, noise(fixture, 10000, 1), "kept");
	struct store_blob *blob =
		blob_of(fixture->store, noise(fixture, 100000, 2), SLICE(""));
	struct store_turn *turn = fixture_begin(space);
	struct store_turn *open;
	store_put(turn, SLICE("a"), SLICE("lost"));
	store_reference(turn, blob, SLICE("lost"));
	store_on_durable(turn, note_call, &was_published);
	store_on_refused(turn, note_call, &was_refused);
	store_blob_drop(blob);
	limit_files(50000);
	enum base_failure outcome = fixture_commit(turn);
	limit_files(RLIM_INFINITY);
	assert_int_equal(outcome, BASE_UNAVAILABLE);
	assert_false(was_published);
	assert_true(was_refused);
	assert_int_equal(store_begin(space, STORE_CHANGE, &open), BASE_UNAVAILABLE);
	assert_row(fixture, space, "a", "before");
	assert_blob(fixture, &kept, noise(fixture, 10000, 1));
	store_space_close(space);
	fixture_close(fixture);
	assert_int_equal(broken, 1);
}

/* A turn that was open when the store broke can still be submitted; it just fails. */
static void
test_open_turn_fails(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *one = store_space_open(fixture->store, 1);
	struct store_space *two = store_space_open(fixture->store, 2);
	bool was_refused = false;
	struct store_turn *open = fixture_begin(one);
	struct store_turn *turn = fixture_begin(two);
	store_on_refused(open, note_call, &was_refused);
	struct store_blob *blob =
		blob_of(fixture->store, noise(fixture, 100000, 2), SLICE(""));
	store_put(open, SLICE("a"), SLICE("1"));
	store_reference(turn, blob, SLICE("m"));
	store_blob_drop(blob);
	limit_files(50000);
	enum base_failure outcome = fixture_commit(turn);
	limit_files(RLIM_INFINITY);
	assert_int_equal(outcome, BASE_UNAVAILABLE);
	assert_false(was_refused);
	assert_int_equal(fixture_commit(open), BASE_UNAVAILABLE);
	assert_true(was_refused);
	store_space_close(one);
	store_space_close(two);
	fixture_reopen(fixture);
	one = store_space_open(fixture->store, 1);
	assert_int_equal(store_space_version(one), 0);
	fixture_put(one, "a", "after");
	store_space_close(one);
}

/* Holds the committer up. */
static void
wait_for_gate(void *argument)
{
	pthread_mutex_lock(argument);
	pthread_mutex_unlock(argument);
}

static void
test_too_much_waits(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct base_ticket *tickets[10];
	struct slice large = noise(fixture, STORE_VALUE_MOST, 1);
	size_t accepted = 0;
	pthread_mutex_lock(&gate);
	struct store_turn *turn = fixture_begin(space);
	store_on_durable(turn, wait_for_gate, &gate);
	tickets[accepted++] = store_submit(&turn);
	while (accepted < 10 && store_begin(space, STORE_NEW_MAIL, &turn) == BASE_OK) {
		store_put(turn, SLICE("large"), large);
		tickets[accepted++] = store_submit(&turn);
	}
	pthread_mutex_unlock(&gate);
	assert_int_equal(accepted, 1 + STORE_WAITING_BYTES_MOST / STORE_VALUE_MOST);
	struct base_ticket *all = base_ticket_all(tickets, accepted);
	assert_int_equal(base_ticket_await(all), BASE_OK);
	fixture_put(space, "a", "goes on");
	store_space_close(space);
}

static enum base_failure
deliver(struct fixture *fixture, struct store_space *space, struct slice bytes)
{
	struct store_turn *turn = fixture_begin(space);
	struct store_blob *blob = blob_of(fixture->store, bytes, SLICE(""));
	store_put(turn, SLICE("a"), slice_first(bytes, 10));
	store_reference(turn, blob, SLICE("m"));
	store_blob_drop(blob);
	return fixture_commit(turn);
}

/* A segment can't be begun: nothing was written yet, so that it is no end. */
static void
test_no_descriptors_left(void **state)
{
	struct fixture *fixture = *state;
	struct rlimit limit;
	struct store_space *space = store_space_open(fixture->store, 1);
	struct slice letter = noise(fixture, 10000, 1);
	struct store_hash hash = hash_of(letter);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	rlim_t before = limit.rlim_cur;
	limit.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	enum base_failure outcome = deliver(fixture, space, letter);
	limit.rlim_cur = before;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(outcome, BASE_UNAVAILABLE);
	assert_row(fixture, space, "a", NULL);
	assert_int_equal(deliver(fixture, space, letter), BASE_OK);
	assert_blob(fixture, &hash, letter);
	store_space_close(space);
}

#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_broken_for_good),
		WITH_STORE(test_open_turn_fails),
		WITH_STORE(test_too_much_waits),
		WITH_STORE(test_no_descriptors_left),
	};
	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
