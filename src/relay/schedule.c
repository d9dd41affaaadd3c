#include "relay/schedule.h"

/* first doubled for each one before, at most `most`. */
static uint64_t
doubled(uint64_t first, uint32_t times, uint64_t most)
{
	while (times-- > 0 && first < most)
		first *= 2;
	return first < most ? first : most;
}

/* Up to a quarter more. */
static uint64_t
with_jitter(uint64_t pause, uint64_t chance)
{
	return pause + chance % (pause / 4 + 1);
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

int64_t
relay_schedule_expiry(const struct relay_schedule *schedule, int64_t arrived_ms)
{
	return arrived_ms + (int64_t)schedule->expire_ms;
}

static uint64_t
pause_after(const struct relay_schedule *schedule, const struct relay_progress *row)
{
	uint64_t first = least(row->first_ms ? row->first_ms : RELAY_PAUSE_FIRST_MS,
		schedule->expire_ms / RELAY_TRIES_IN_EXPIRE);
	uint64_t pause = doubled(first ? first : 1, row->attempts - 1, RELAY_PAUSE_MOST_MS);
	/* The same rows get another jitter each time. */
	return with_jitter(pause, row->chance / (row->attempts + 1));
}

/* An appointment that lies between now and the next try is kept. */
static int64_t
not_past(int64_t next, int64_t now, int64_t appointment)
{
	return appointment > now && appointment < next ? appointment : next;
}

static struct relay_decision
postpone(const struct relay_schedule *schedule, const struct relay_progress *row,
	int64_t now)
{
	int64_t expiry = relay_schedule_expiry(schedule, row->arrived_ms);
	int64_t warning = row->arrived_ms + (int64_t)schedule->warn_ms;
	if (now >= expiry && row->attempts >= RELAY_ATTEMPTS_LEAST)
		return (struct relay_decision){.action = RELAY_GIVE_UP};
	struct relay_decision decision = {.action = RELAY_TRY_AGAIN,
		.warn = !row->warned && now >= warning && now < expiry};
	decision.next_ms = now + (int64_t)pause_after(schedule, row);
	if (!row->warned)
		decision.next_ms = not_past(decision.next_ms, now, warning);
	decision.next_ms = not_past(decision.next_ms, now, expiry);
	return decision;
}

struct relay_decision
relay_schedule_decide(const struct relay_schedule *schedule,
	const struct relay_progress *row, enum relay_event event, int64_t now_ms)
{
	ASSERT(row->attempts > 0);
	switch (event) {
	case RELAY_DELIVERED:
		break;
	case RELAY_REFUSED:
		return (struct relay_decision){.action = RELAY_GIVE_UP};
	case RELAY_POSTPONED:
		return postpone(schedule, row, now_ms);
	}
	return (struct relay_decision){.action = RELAY_FORGET};
}

uint64_t
relay_schedule_rest(
	const struct relay_schedule *schedule, unsigned failures, uint64_t chance)
{
	uint64_t first =
		least(RELAY_REST_FIRST_MS, schedule->expire_ms / RELAY_TRIES_IN_EXPIRE / 2);
	return with_jitter(
		doubled(first ? first : 1, failures - 1, RELAY_REST_MOST_MS), chance);
}
