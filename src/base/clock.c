#include "base/clock.h"
#include "base/error.h"
#include <stdatomic.h>

struct base_clock {
	_Atomic int64_t advanced_ms;
};

struct base_clock *
base_clock_create(void)
{
	struct base_clock *clock = calloc(1, sizeof *clock);
	ASSERT(clock);
	return clock;
}

void
base_clock_destroy(struct base_clock *clock)
{
	free(clock);
}

static int64_t
now_ms(const struct base_clock *clock, clockid_t which)
{
	struct timespec now;
	ASSERT(clock_gettime(which, &now) == 0);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 +
	       atomic_load_explicit(&clock->advanced_ms, memory_order_relaxed);
}

int64_t
base_clock_wall_ms(const struct base_clock *clock)
{
	return now_ms(clock, CLOCK_REALTIME);
}

uint64_t
base_clock_steady_ms(const struct base_clock *clock)
{
	return (uint64_t)now_ms(clock, CLOCK_MONOTONIC);
}

uint64_t
base_clock_left_ms(const struct base_clock *clock, uint64_t until)
{
	uint64_t now = base_clock_steady_ms(clock);
	return until > now ? until - now : 1;
}

void
base_clock_advance(struct base_clock *clock, int64_t ms)
{
	ASSERT(ms >= 0);
	atomic_fetch_add_explicit(&clock->advanced_ms, ms, memory_order_relaxed);
}
