#include "store/test-fixture.h"
#include <pthread.h>
#include <stdatomic.h>

/* Many at once: turns exclude one another, nothing is lost, readers see whole commits. */

#define THREADS 8
#define ROUNDS  60
#define SPACES  3

struct crowd {
	struct fixture *fixture;
	struct store_space *spaces[SPACES];
	atomic_bool over;
	atomic_int woken, published, failures;
};

static void
count_wake(void *argument)
{
	atomic_fetch_add(&((struct crowd *)argument)->woken, 1);
}

static void
count_publish(void *argument)
{
	atomic_fetch_add(&((struct crowd *)argument)->published, 1);
}

/* Two counters of one space that are equal at every moment, and a blob. */
static void
change_one(struct crowd *crowd, size_t round)
{
	struct store_space *space = crowd->spaces[round % SPACES];
	char text[16];
	snprintf(text, sizeof text, "mail %zu", round % 7);
	struct store_blob *blob =
		blob_of(crowd->fixture->store, slice_of_text(text), SLICE(""));
	struct store_turn *turn;
	if (store_begin(space, STORE_NEW_MAIL, &turn)) {
		atomic_fetch_add(&crowd->failures, 1);
		store_blob_drop(blob);
		return;
	}
	uint64_t version = store_turn_version(turn);
	store_add(turn, SLICE("a"), 1);
	store_add(turn, SLICE("b"), 1);
	store_reference(turn, blob, slice_of(&version, sizeof version));
	store_on_durable(turn, count_publish, crowd);
	struct base_ticket *ticket = store_submit(&turn);
	store_blob_drop(blob);
	if (base_ticket_wait(ticket))
		atomic_fetch_add(&crowd->failures, 1);
	base_ticket_drop(ticket);
}

static void
change_all(struct crowd *crowd)
{
	struct store_set *set;
	if (store_set_begin(
		    crowd->fixture->store, crowd->spaces, SPACES, STORE_CHANGE, &set)) {
		atomic_fetch_add(&crowd->failures, 1);
		return;
	}
	for (size_t i = 0; i < SPACES; i++) {
		store_add(store_set_turn(set, i), SLICE("a"), 1);
		store_add(store_set_turn(set, i), SLICE("b"), 1);
	}
	struct base_ticket *ticket = store_set_submit(&set);
	if (base_ticket_wait(ticket))
		atomic_fetch_add(&crowd->failures, 1);
	base_ticket_drop(ticket);
}

static void *
run_changes(void *argument)
{
	struct crowd *crowd = argument;
	for (size_t round = 0; round < ROUNDS; round++) {
		change_one(crowd, round);
		if (round % 8 == 0)
			change_all(crowd);
	}
	return NULL;
}

static int64_t
number_of(struct slice value)
{
	int64_t number = 0;
	if (value.length == sizeof number)
		memcpy(&number, value.data, sizeof number);
	return number;
}

static void *
run_reads(void *argument)
{
	struct crowd *crowd = argument;
	struct slice keys[] = {SLICE("a"), SLICE("b")}, values[2];
	while (!atomic_load(&crowd->over)) {
		SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
		if (store_get_many(crowd->spaces[1], keys, 2, arena, values) ||
			number_of(values[0]) != number_of(values[1]))
			atomic_fetch_add(&crowd->failures, 1);
	}
	return NULL;
}

static void *
run_upkeep(void *argument)
{
	struct crowd *crowd = argument;
	while (!atomic_load(&crowd->over)) {
		uint64_t freed;
		struct store_verdict verdict;
		if (store_collect(crowd->fixture->store, UINT64_MAX, &freed) ||
			store_verify(crowd->fixture->store, NULL, NULL, &verdict) ||
			verdict.damaged || verdict.missing)
			atomic_fetch_add(&crowd->failures, 1);
	}
	return NULL;
}

static void
check_counters(struct crowd *crowd)
{
	int64_t all = 0;
	uint64_t versions = 0;
	for (size_t i = 0; i < SPACES; i++) {
		struct slice value;
		assert_int_equal(store_get(crowd->spaces[i], SLICE("a"),
					 crowd->fixture->arena, &value),
			BASE_OK);
		all += number_of(value);
		versions += store_space_version(crowd->spaces[i]);
	}
	int64_t expected = THREADS * (ROUNDS + SPACES * ((ROUNDS + 7) / 8));
	assert_int_equal(all, expected);
	assert_int_equal(versions, expected);
}

static void
test_crowd(void **state)
{
	struct crowd crowd = {.fixture = *state};
	pthread_t changers[THREADS], reader, keeper;
	for (size_t i = 0; i < SPACES; i++)
		crowd.spaces[i] = store_space_open(crowd.fixture->store, 10 - i);
	struct store_watch *watch = store_watch_add(crowd.spaces[0], count_wake, &crowd);
	pthread_create(&reader, NULL, run_reads, &crowd);
	pthread_create(&keeper, NULL, run_upkeep, &crowd);
	for (size_t i = 0; i < THREADS; i++)
		pthread_create(&changers[i], NULL, run_changes, &crowd);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(changers[i], NULL);
	atomic_store(&crowd.over, true);
	pthread_join(reader, NULL);
	pthread_join(keeper, NULL);
	store_watch_remove(watch);
	assert_int_equal(crowd.failures, 0);
	assert_int_equal(crowd.published, THREADS * ROUNDS);
	assert_true(crowd.woken > 0);
	check_counters(&crowd);
	for (size_t i = 0; i < SPACES; i++)
		store_space_close(crowd.spaces[i]);
	struct store_verdict verdict;
	assert_int_equal(store_verify(crowd.fixture->store, NULL, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.blobs, 7);
	assert_int_equal(verdict.damaged + verdict.missing, 0);
}

/* Mail comes and goes while segments are rewritten under its readers. */
static void *
run_churn(void *argument)
{
	struct crowd *crowd = argument;
	struct store_space *space = crowd->spaces[0];
	for (size_t round = 0; round < ROUNDS; round++) {
		char bytes[3000];
		base_random(bytes, sizeof bytes);
		struct store_hash hash = fixture_deliver(
			crowd->fixture, space, slice_of(bytes, sizeof bytes), "m");
		assert_blob(crowd->fixture, &hash, slice_of(bytes, sizeof bytes));
		if (round % 5)
			fixture_forget(space, &hash, "m");
		else
			assert_blob(crowd->fixture, &hash, slice_of(bytes, sizeof bytes));
	}
	return NULL;
}

static void
test_churn(void **state)
{
	struct crowd crowd = {.fixture = *state};
	pthread_t churners[4], keeper;
	crowd.spaces[0] = store_space_open(crowd.fixture->store, 1);
	pthread_create(&keeper, NULL, run_upkeep, &crowd);
	for (size_t i = 0; i < 4; i++)
		pthread_create(&churners[i], NULL, run_churn, &crowd);
	for (size_t i = 0; i < 4; i++)
		pthread_join(churners[i], NULL);
	atomic_store(&crowd.over, true);
	pthread_join(keeper, NULL);
	assert_int_equal(crowd.failures, 0);
	store_space_close(crowd.spaces[0]);
	fixture_reopen(crowd.fixture);
	uint64_t freed;
	struct store_verdict verdict;
	assert_int_equal(store_collect(crowd.fixture->store, UINT64_MAX, &freed), BASE_OK);
	assert_int_equal(store_verify(crowd.fixture->store, NULL, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.blobs, 4 * ROUNDS / 5);
	assert_int_equal(verdict.damaged + verdict.missing + verdict.unreferenced, 0);
}

#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_crowd),
		WITH_STORE(test_churn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
