#include "base/test.h"
#include "door/guessing.h"

#define PER_HOUR 30
#define MINUTE   ((uint64_t)60 * 1000)
#define HOUR     (60 * MINUTE)

static const struct slice ANNA = SLICE_INIT("\xc0\x00\x02\x01");
static const struct slice NEXT_DOOR = SLICE_INIT("\xc0\x00\x02\x02");
static const struct slice ELSEWHERE = SLICE_INIT("\xc6\x33\x64\x01");

static struct door_guess_verdict
guess_once(struct door_guess *guess, uint64_t now)
{
	struct door_guess_verdict verdict = door_guess_judge(guess, PER_HOUR, now);
	assert_int_equal(door_guess_charge(guess, PER_HOUR, now), !verdict.refused);
	return verdict;
}

static bool
is_refused(struct door_guesses *guesses, struct slice key, uint64_t now)
{
	bool refused = door_guesses_judge(guesses, key, now).refused;
	assert_int_equal(door_guesses_charge(guesses, key, now), !refused);
	return refused;
}

static void
mistyping_costs_nothing_and_guessing_costs_more_and_more(void **state)
{
	(void)state;
	struct door_guess guess = {0};
	uint64_t before = 0;
	for (int i = 0; i < DOOR_GUESS_FREE; i++)
		assert_true(guess_once(&guess, 0).delay_ms == 0);
	for (int i = DOOR_GUESS_FREE; i < PER_HOUR; i++) {
		struct door_guess_verdict verdict = guess_once(&guess, 0);
		assert_false(verdict.refused);
		assert_true(verdict.delay_ms > before ||
			    verdict.delay_ms == DOOR_GUESS_DELAY_MOST_MS);
		before = verdict.delay_ms;
	}
	assert_true(guess_once(&guess, 0).refused);
}

/* A guesser who tries every second for a day gets what the hours allow, no more. */
static void
a_day_of_guessing(void **state)
{
	(void)state;
	struct door_guess guess = {0};
	unsigned tried = 0;
	for (uint64_t now = 0; now < 24 * HOUR; now += 1000)
		tried += !guess_once(&guess, now).refused;
	assert_in_range(tried, 24 * PER_HOUR, 25 * PER_HOUR);
}

static void
an_hour_of_rest_forgives(void **state)
{
	(void)state;
	struct door_guess guess = {0};
	for (int i = 0; i < 2 * PER_HOUR; i++)
		guess_once(&guess, 0);
	for (uint64_t now = 1; now < HOUR / PER_HOUR; now++)
		assert_true(guess_once(&guess, now).refused);
	assert_false(guess_once(&guess, HOUR / PER_HOUR).refused);
	assert_true(door_guess_level(&guess, PER_HOUR, 3 * HOUR) == 0);
	assert_true(guess_once(&guess, 3 * HOUR).delay_ms == 0);
}

/* A right password a minute, forever, is never slowed down. */
static void
right_passwords_do_not_count(void **state)
{
	(void)state;
	struct door_guess guess = {0};
	for (uint64_t now = 0; now < 100 * HOUR; now += MINUTE) {
		struct door_guess_verdict verdict = guess_once(&guess, now);
		assert_true(!verdict.refused && verdict.delay_ms == 0);
		door_guess_give_back(&guess, PER_HOUR, now + 30);
	}
	assert_true(guess.level == 0);
}

static void
time_that_stands_still_or_goes_back_is_harmless(void **state)
{
	(void)state;
	struct door_guess guess = {.level = 5 * HOUR, .at_ms = 1000};
	assert_true(door_guess_level(&guess, PER_HOUR, 0) == 5 * HOUR);
	assert_true(door_guess_level(&guess, PER_HOUR, UINT64_MAX) == 0);
	assert_true(door_guess_level(&guess, UINT32_MAX, 2000) == 0);
}

static void
one_address_does_not_stop_its_neighbours(void **state)
{
	(void)state;
	struct door_guesses *guesses = door_guesses_create(PER_HOUR);
	for (int i = 0; i < 10 * PER_HOUR; i++)
		is_refused(guesses, ANNA, 0);
	assert_true(is_refused(guesses, ANNA, 0));
	assert_false(is_refused(guesses, NEXT_DOOR, 0));
	assert_false(is_refused(guesses, ELSEWHERE, 0));
	door_guesses_destroy(guesses);
}

static void
a_whole_network_that_guesses_is_stopped(void **state)
{
	(void)state;
	struct door_guesses *guesses = door_guesses_create(PER_HOUR);
	unsigned tried = 0;
	for (unsigned host = 0; host < 256; host++)
		for (int i = 0; i < PER_HOUR; i++) {
			uint8_t address[] = {192, 0, 2, (uint8_t)host};
			tried += !is_refused(guesses, slice_of(address, 4), 0);
		}
	assert_int_equal(tried, PER_HOUR * DOOR_GUESS_NETWORK_FACTOR);
	assert_false(is_refused(guesses, ELSEWHERE, 0));
	door_guesses_destroy(guesses);
}

static void
ipv6_is_counted_by_64_and_48(void **state)
{
	(void)state;
	struct door_guesses *guesses = door_guesses_create(PER_HOUR);
	unsigned tried = 0;
	for (unsigned net = 0; net < 100; net++)
		for (int i = 0; i < PER_HOUR; i++) {
			uint8_t key[] = {0x20, 1, 0xd, 0xb8, 0, 1, 0, (uint8_t)net};
			tried += !is_refused(guesses, slice_of(key, 8), 0);
		}
	assert_int_equal(tried, PER_HOUR * DOOR_GUESS_NETWORK_FACTOR);
	door_guesses_destroy(guesses);
}

static void
places_are_bounded_and_the_worst_are_kept(void **state)
{
	(void)state;
	struct door_guesses *guesses = door_guesses_create(PER_HOUR);
	for (int i = 0; i < 2 * PER_HOUR; i++)
		is_refused(guesses, ANNA, 0);
	for (uint32_t i = 0; i < 2 * DOOR_GUESS_PLACES_MOST; i++) {
		uint8_t address[] = {10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
		is_refused(guesses, slice_of(address, 4), 1);
	}
	assert_true(door_guesses_count(guesses) <= DOOR_GUESS_PLACES_MOST + 1);
	assert_true(is_refused(guesses, ANNA, 1));
	door_guesses_sweep(guesses, 10 * HOUR);
	assert_int_equal(door_guesses_count(guesses), 0);
	door_guesses_destroy(guesses);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistyping_costs_nothing_and_guessing_costs_more_and_more),
		cmocka_unit_test(a_day_of_guessing),
		cmocka_unit_test(an_hour_of_rest_forgives),
		cmocka_unit_test(right_passwords_do_not_count),
		cmocka_unit_test(time_that_stands_still_or_goes_back_is_harmless),
		cmocka_unit_test(one_address_does_not_stop_its_neighbours),
		cmocka_unit_test(a_whole_network_that_guesses_is_stopped),
		cmocka_unit_test(ipv6_is_counted_by_64_and_48),
		cmocka_unit_test(places_are_bounded_and_the_worst_are_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
