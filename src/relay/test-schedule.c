#include "base/test.h"
#include "relay/schedule.h"

#define MINUTE ((int64_t)60 * 1000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static const struct relay_schedule usual = {
	.expire_ms = RELAY_EXPIRE_MS, .warn_ms = RELAY_WARN_MS};

/* What happens to one row whose server never answers, and when. */
struct life {
	unsigned tries, warnings;
	int64_t warned_ms, ended_ms;
	int64_t pause_least_ms, pause_most_ms;
};

static struct life
live(const struct relay_schedule *schedule, uint64_t chance, int64_t days)
{
	struct life life = {.pause_least_ms = INT64_MAX, .ended_ms = -1};
	struct relay_progress row = {.chance = chance};
	for (int64_t now = 0; now < days * DAY;) {
		row.attempts++;
		life.tries++;
		struct relay_decision decision =
			relay_schedule_decide(schedule, &row, RELAY_POSTPONED, now);
		if (decision.action == RELAY_GIVE_UP) {
			life.ended_ms = now;
			break;
		}
		assert_int_equal(decision.action, RELAY_TRY_AGAIN);
		assert_true(decision.next_ms > now);
		if (decision.warn) {
			life.warnings++;
			life.warned_ms = now;
			row.warned = true;
		}
		int64_t pause = decision.next_ms - now;
		if (pause < life.pause_least_ms)
			life.pause_least_ms = pause;
		if (pause > life.pause_most_ms)
			life.pause_most_ms = pause;
		now = decision.next_ms;
	}
	return life;
}

static void
thirty_days_of_silence(void **state)
{
	(void)state;
	for (uint64_t chance = 1; chance; chance <<= 1) {
		struct life life = live(&usual, chance * 2654435761U, 30);
		assert_int_equal(life.ended_ms, 5 * DAY);
		assert_int_equal(life.warnings, 1);
		assert_int_equal(life.warned_ms, 4 * HOUR);
		assert_true(life.tries >= 30 && life.tries <= 45);
		assert_true(life.pause_most_ms <= 5 * HOUR);
	}
}

static void
pauses_grow_and_differ(void **state)
{
	(void)state;
	int64_t before = 0;
	bool differ = false;
	for (uint32_t attempts = 1; attempts <= 6; attempts++) {
		struct relay_progress row = {.attempts = attempts, .chance = 12345678};
		struct relay_progress other = {.attempts = attempts, .chance = 87654321};
		int64_t next =
			relay_schedule_decide(&usual, &row, RELAY_POSTPONED, 0).next_ms;
		int64_t base = 5 * MINUTE << (attempts - 1);
		assert_true(next >= base && next <= base + base / 4);
		assert_true(next > before);
		differ |= next !=
			  relay_schedule_decide(&usual, &other, RELAY_POSTPONED, 0).next_ms;
		before = next;
	}
	assert_true(differ);
}

/* Name servers are asked again sooner than other servers, and then as seldom. */
static void
after_a_look_up_the_first_pause_is_short(void **state)
{
	(void)state;
	struct relay_progress row = {.attempts = 1, .first_ms = RELAY_PAUSE_NAMES_MS};
	assert_in_range(relay_schedule_decide(&usual, &row, RELAY_POSTPONED, 0).next_ms,
		MINUTE, MINUTE * 5 / 4);
	row.attempts = 20;
	row.warned = true;
	assert_in_range(relay_schedule_decide(&usual, &row, RELAY_POSTPONED, 0).next_ms,
		4 * HOUR, 5 * HOUR);
}

static void
other_events_end_it(void **state)
{
	(void)state;
	struct relay_progress row = {.attempts = 1};
	assert_int_equal(relay_schedule_decide(&usual, &row, RELAY_DELIVERED, 0).action,
		RELAY_FORGET);
	assert_int_equal(relay_schedule_decide(&usual, &row, RELAY_REFUSED, 0).action,
		RELAY_GIVE_UP);
}

/* A server that was off, or a clock that jumped: not everything is given up at once. */
static void
a_late_row_is_tried_again_first(void **state)
{
	(void)state;
	struct relay_progress row = {.attempts = 1};
	int64_t now = 365 * DAY;
	for (; row.attempts < RELAY_ATTEMPTS_LEAST; row.attempts++) {
		struct relay_decision decision =
			relay_schedule_decide(&usual, &row, RELAY_POSTPONED, now);
		assert_int_equal(decision.action, RELAY_TRY_AGAIN);
		assert_false(decision.warn);
		assert_true(decision.next_ms - now <= HOUR);
		now = decision.next_ms;
	}
	assert_int_equal(relay_schedule_decide(&usual, &row, RELAY_POSTPONED, now).action,
		RELAY_GIVE_UP);
}

/* The clock went back before the arrival: the row is neither stuck nor given up. */
static void
a_row_from_the_future_goes_on(void **state)
{
	(void)state;
	struct relay_progress row = {.arrived_ms = 365 * DAY, .attempts = 1};
	struct relay_decision decision =
		relay_schedule_decide(&usual, &row, RELAY_POSTPONED, 0);
	assert_int_equal(decision.action, RELAY_TRY_AGAIN);
	assert_true(decision.next_ms <= 10 * MINUTE);
}

static void
short_lives_have_short_pauses(void **state)
{
	(void)state;
	const struct relay_schedule tiny = {.expire_ms = 60000, .warn_ms = 20000};
	struct life life = live(&tiny, 99, 1);
	assert_int_equal(life.ended_ms, 60000);
	assert_int_equal(life.warned_ms, 20000);
	assert_true(life.tries >= 4);
	const struct relay_schedule none = {.expire_ms = 1, .warn_ms = 1};
	assert_true(live(&none, 1, 1).tries <= RELAY_ATTEMPTS_LEAST + 1);
}

static void
a_rest_grows_to_its_bound(void **state)
{
	(void)state;
	assert_true(relay_schedule_rest(&usual, 1, 0) == RELAY_REST_FIRST_MS);
	assert_true(relay_schedule_rest(&usual, 2, 0) == 2 * RELAY_REST_FIRST_MS);
	assert_true(relay_schedule_rest(&usual, 1000000, 0) == RELAY_REST_MOST_MS);
	assert_true(relay_schedule_rest(&usual, 9, UINT64_MAX) <=
		    RELAY_REST_MOST_MS + RELAY_REST_MOST_MS / 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thirty_days_of_silence),
		cmocka_unit_test(pauses_grow_and_differ),
		cmocka_unit_test(after_a_look_up_the_first_pause_is_short),
		cmocka_unit_test(other_events_end_it),
		cmocka_unit_test(a_late_row_is_tried_again_first),
		cmocka_unit_test(a_row_from_the_future_goes_on),
		cmocka_unit_test(short_lives_have_short_pauses),
		cmocka_unit_test(a_rest_grows_to_its_bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
