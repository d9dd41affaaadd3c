#include "base/hash.h"
#include "base/test.h"
#include "net/wheel.h"

#define ENTRIES 500
#define FAR_MS  (40 * 60 * 1000)

struct timed {
	struct net_wheel_entry entry; /* first */
	uint64_t due;
	bool waits;
};

static void
takes_in_time_never_early(void **state)
{
	(void)state;
	struct net_wheel wheel;
	struct timed one = {0}, two = {0};
	net_wheel_start(&wheel, 1000);
	assert_true(net_wheel_next(&wheel) == NET_WHEEL_NEVER);
	net_wheel_put(&wheel, &one.entry, 1100);
	net_wheel_put(&wheel, &two.entry, 301000);
	assert_true(net_wheel_next(&wheel) <= 1100 + NET_WHEEL_TICK_MS);
	assert_null(net_wheel_take_due(&wheel, 1099));
	assert_ptr_equal(net_wheel_take_due(&wheel, 1100 + NET_WHEEL_TICK_MS), &one.entry);
	assert_null(net_wheel_take_due(&wheel, 300999));
	assert_ptr_equal(net_wheel_take_due(&wheel, 999999999), &two.entry);
	assert_null(net_wheel_take_due(&wheel, 999999999));
	assert_true(net_wheel_next(&wheel) == NET_WHEEL_NEVER);
}

static void
moves_and_removes(void **state)
{
	(void)state;
	struct net_wheel wheel;
	struct timed one = {0}, two = {0}, three = {0};
	net_wheel_start(&wheel, 0);
	net_wheel_put(&wheel, &one.entry, 500);
	net_wheel_put(&wheel, &two.entry, 500);
	net_wheel_put(&wheel, &three.entry, 500);
	net_wheel_remove(&wheel, &two.entry);
	net_wheel_remove(&wheel, &two.entry);
	net_wheel_put(&wheel, &one.entry, 90000);
	assert_ptr_equal(net_wheel_take_due(&wheel, 600), &three.entry);
	assert_null(net_wheel_take_due(&wheel, 600));
	net_wheel_put(&wheel, &one.entry, 10); /* in the past: now */
	assert_ptr_equal(net_wheel_take_due(&wheel, 600), &one.entry);
}

static void
take_all(struct net_wheel *wheel, uint64_t now)
{
	struct net_wheel_entry *entry;
	while ((entry = net_wheel_take_due(wheel, now))) {
		struct timed *timed = (struct timed *)(void *)entry;
		assert_true(timed->waits);
		assert_true(timed->due <= now);
		timed->waits = false;
	}
}

/* Against the plain meaning: all entries, looked at one by one. */
static void
agrees_with_a_list(void **state)
{
	(void)state;
	uint64_t seed = base_random_u64();
	static struct timed timed[ENTRIES];
	memset(timed, 0, sizeof timed);
	struct net_wheel wheel;
	uint64_t now = seed % 100000;
	net_wheel_start(&wheel, now);
	for (int round = 0; round < 20000; round++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		struct timed *one = &timed[(seed >> 33) % ENTRIES];
		uint64_t far = (seed >> 20) % ((seed >> 60) ? 5000 : FAR_MS);
		one->due = now + far;
		one->waits = true;
		net_wheel_put(&wheel, &one->entry, one->due);
		if (round % 7)
			continue;
		now += (seed >> 40) % (round % 77 ? 300 : 100000);
		take_all(&wheel, now);
		uint64_t next = net_wheel_next(&wheel);
		for (size_t i = 0; i < ENTRIES; i++) {
			if (!timed[i].waits)
				continue;
			assert_true(timed[i].due + NET_WHEEL_TICK_MS > now);
			assert_true(timed[i].due + NET_WHEEL_TICK_MS > next);
		}
	}
	take_all(&wheel, now + FAR_MS + NET_WHEEL_TICK_MS);
	for (size_t i = 0; i < ENTRIES; i++)
		assert_false(timed[i].waits);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_in_time_never_early),
		cmocka_unit_test(moves_and_removes),
		cmocka_unit_test(agrees_with_a_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
