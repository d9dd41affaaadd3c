#include "base/error.h"
#include "wire/imap-response.h"
#include "wire/imap-set.h"

static void
check_order(const struct wire_imap_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct wire_imap_range range = set->ranges[i];
		ASSERT(range.first > 0 && range.first <= range.last);
		ASSERT(i == 0 || set->ranges[i - 1].last + 1 < range.first);
		ASSERT(wire_imap_set_contains(set, range.first));
		ASSERT(wire_imap_set_contains(set, range.last));
		ASSERT(!wire_imap_set_contains(set, range.first - 1));
	}
}

static void
check_round_trip(const struct wire_imap_set *set, struct arena *arena)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 22);
	ASSERT(wire_imap_put_set(&text, set->ranges, set->count));
	struct wire_imap_cursor cursor = wire_imap_cursor_over(buffer_slice(&text), arena);
	struct wire_imap_set again;
	ASSERT(wire_imap_set_parse(&cursor, &again) && wire_imap_end(&cursor));
	ASSERT(again.count == set->count);
	ASSERT(memcmp(again.ranges, set->ranges, set->count * sizeof *set->ranges) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 22);
	struct wire_imap_cursor cursor =
		wire_imap_cursor_over(slice_of(data + 1, size - 1), arena);
	struct wire_imap_set set;
	if (!wire_imap_set_parse(&cursor, &set)) {
		ASSERT(cursor.error);
		return 0;
	}
	check_order(&set);
	if (!set.saved)
		check_round_trip(&set, arena);
	wire_imap_set_resolve(&set, data[0]);
	check_order(&set);
	ASSERT(set.count == 0 || data[0] > 0);
	return 0;
}
