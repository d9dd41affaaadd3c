#include "base/error.h"
#include "wire/imap-search.h"

/* Written and read again, the keys must be written the same. */
static void
check_round_trip(const struct wire_imap_search *search, struct arena *arena)
{
	SCOPED(buffer_free) struct buffer first = buffer_with(1 << 24);
	SCOPED(buffer_free) struct buffer second = buffer_with(1 << 24);
	buffer_put_byte(&first, ' ');
	buffer_put_byte(&second, ' ');
	ASSERT(wire_imap_search_put(&first, search));
	struct wire_imap_cursor cursor = wire_imap_cursor_over(buffer_slice(&first), arena);
	struct wire_imap_search again;
	ASSERT(wire_imap_search_parse(&cursor, &again));
	ASSERT(again.keys == search->keys);
	ASSERT(wire_imap_search_put(&second, &again));
	ASSERT(slice_equal(buffer_slice(&first), buffer_slice(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 20000)
		return 0;
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	SCOPED(arena_release) struct arena *scratch = arena_create(1 << 24);
	struct wire_imap_cursor cursor = wire_imap_cursor_over(slice_of(data, size), arena);
	struct wire_imap_search search;
	if (wire_imap_search_parse(&cursor, &search))
		check_round_trip(&search, scratch);
	else
		ASSERT(cursor.error);
	return 0;
}
