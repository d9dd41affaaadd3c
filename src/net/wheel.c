#include "net/wheel.h"
#include "base/error.h"

#define DIGIT_BITS 6

void
net_wheel_start(struct net_wheel *wheel, uint64_t now_ms)
{
	*wheel = (struct net_wheel){.start_ms = now_ms};
}

static uint64_t
tick_of(const struct net_wheel *wheel, uint64_t due_ms)
{
	if (due_ms <= wheel->start_ms)
		return 0;
	return (due_ms - wheel->start_ms + NET_WHEEL_TICK_MS - 1) / NET_WHEEL_TICK_MS;
}

static void
place(struct net_wheel *wheel, struct net_wheel_entry *entry)
{
	uint64_t differs = entry->tick ^ wheel->tick;
	unsigned highest = differs ? 63 - (unsigned)__builtin_clzll(differs) : 0;
	entry->level = highest / DIGIT_BITS;
	ASSERT(entry->level < NET_WHEEL_LEVELS);
	entry->slot =
		(unsigned)(entry->tick >> (DIGIT_BITS * entry->level)) % NET_WHEEL_SLOTS;

	struct net_wheel_entry **head = &wheel->slots[entry->level][entry->slot];
	entry->next = *head;
	entry->link = head;
	if (entry->next)
		entry->next->link = &entry->next;
	*head = entry;
	wheel->occupied[entry->level] |= UINT64_C(1) << entry->slot;
}

void
net_wheel_put(struct net_wheel *wheel, struct net_wheel_entry *entry, uint64_t due_ms)
{
	net_wheel_remove(wheel, entry);
	uint64_t tick = tick_of(wheel, due_ms);
	entry->tick = tick > wheel->tick ? tick : wheel->tick;
	place(wheel, entry);
}

void
net_wheel_remove(struct net_wheel *wheel, struct net_wheel_entry *entry)
{
	if (!entry->link)
		return;
	*entry->link = entry->next;
	if (entry->next)
		entry->next->link = entry->link;
	entry->link = NULL;
	entry->next = NULL;
	if (!wheel->slots[entry->level][entry->slot])
		wheel->occupied[entry->level] &= ~(UINT64_C(1) << entry->slot);
}

/* The lowest occupied level and its first slot; false when the wheel is empty. */
static bool
first_slot(const struct net_wheel *wheel, unsigned *level, unsigned *slot)
{
	for (unsigned i = 0; i < NET_WHEEL_LEVELS; i++) {
		if (!wheel->occupied[i])
			continue;
		*level = i;
		*slot = (unsigned)__builtin_ctzll(wheel->occupied[i]);
		return true;
	}
	return false;
}

static uint64_t
slot_tick(const struct net_wheel *wheel, unsigned level, unsigned slot)
{
	unsigned above = DIGIT_BITS * (level + 1);
	return (wheel->tick >> above << above) | (uint64_t)slot << (DIGIT_BITS * level);
}

static void
fall_apart(struct net_wheel *wheel, unsigned level, unsigned slot)
{
	struct net_wheel_entry *entry = wheel->slots[level][slot];
	wheel->slots[level][slot] = NULL;
	wheel->occupied[level] &= ~(UINT64_C(1) << slot);
	while (entry) {
		struct net_wheel_entry *next = entry->next;
		place(wheel, entry);
		entry = next;
	}
}

struct net_wheel_entry *
net_wheel_take_due(struct net_wheel *wheel, uint64_t now_ms)
{
	uint64_t now = (now_ms - wheel->start_ms) / NET_WHEEL_TICK_MS;
	unsigned level, slot;
	while (first_slot(wheel, &level, &slot)) {
		uint64_t tick = slot_tick(wheel, level, slot);
		if (tick > now)
			break;
		wheel->tick = tick;
		if (level == 0) {
			struct net_wheel_entry *entry = wheel->slots[0][slot];
			net_wheel_remove(wheel, entry);
			return entry;
		}
		fall_apart(wheel, level, slot);
	}
	if (now > wheel->tick)
		wheel->tick = now;
	return NULL;
}

uint64_t
net_wheel_next(const struct net_wheel *wheel)
{
	unsigned level, slot;
	if (!first_slot(wheel, &level, &slot))
		return NET_WHEEL_NEVER;
	return wheel->start_ms + slot_tick(wheel, level, slot) * NET_WHEEL_TICK_MS;
}
