#ifndef NET_WHEEL_H
#define NET_WHEEL_H

#include <stdint.h>

/*
 * Deadlines of many sessions: put, move and take in constant time, whatever their number.
 * Pure: no clock, no lock, no descriptor. Times are in ms of the caller's steady clock.
 * An entry becomes due at its time or up to NET_WHEEL_TICK_MS later, never earlier.
 *
 * Six levels of 64 slots. A time's level is the highest base-64 digit in which it differs
 * from now, its slot that digit. So each slot of a level lies ahead of now, all of a lower
 * level come before all of a higher one, and a slot that is reached falls apart into
 * lower ones.
 */
#define NET_WHEEL_TICK_MS 16
#define NET_WHEEL_LEVELS  6 /* 34 years */
#define NET_WHEEL_SLOTS   64
#define NET_WHEEL_NEVER   UINT64_MAX

struct net_wheel_entry {
	struct net_wheel_entry *next;
	struct net_wheel_entry **link; /* what points here; NULL: not in the wheel */
	uint64_t tick;
	unsigned level, slot;
};

struct net_wheel {
	uint64_t start_ms;
	uint64_t tick; /* now, since start */
	uint64_t occupied[NET_WHEEL_LEVELS];
	struct net_wheel_entry *slots[NET_WHEEL_LEVELS][NET_WHEEL_SLOTS];
};

void net_wheel_start(struct net_wheel *wheel, uint64_t now_ms);
/* Puts the entry, or moves it. */
void net_wheel_put(struct net_wheel *wheel, struct net_wheel_entry *entry, uint64_t due_ms);
/* One that is not in the wheel is fine. */
void net_wheel_remove(struct net_wheel *wheel, struct net_wheel_entry *entry);
/* Takes out one due entry; NULL when there are no more. */
struct net_wheel_entry *net_wheel_take_due(struct net_wheel *wheel, uint64_t now_ms);
/* When to look again: at the earliest entry's time or before; NET_WHEEL_NEVER if empty. */
uint64_t net_wheel_next(const struct net_wheel *wheel);

#endif
