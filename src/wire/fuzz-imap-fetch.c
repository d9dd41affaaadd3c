#include "base/error.h"
#include "wire/imap-fetch.h"

/* An item's name, read as a request, must give the same name. */
static void
check_name(const struct wire_imap_fetch_item *item, struct arena *arena)
{
	SCOPED(buffer_free) struct buffer request = buffer_with(1 << 22);
	SCOPED(buffer_free) struct buffer again = buffer_with(1 << 22);
	buffer_put_text(&request, " 1 ");
	ASSERT(wire_imap_fetch_item_put(&request, item));
	if (item->partial) {
		buffer_cut(&request, request.length - 1);
		buffer_printf(&request, ".%llu>", (unsigned long long)item->length);
	}
	struct wire_imap_cursor cursor =
		wire_imap_cursor_over(buffer_slice(&request), arena);
	struct wire_imap_fetch fetch;
	ASSERT(wire_imap_fetch_parse(&cursor, &fetch));
	ASSERT(fetch.count == 1 && fetch.items[0].kind == item->kind);
	ASSERT(fetch.items[0].offset == item->offset);
	ASSERT(fetch.items[0].length == item->length);
	buffer_put_text(&again, " 1 ");
	ASSERT(wire_imap_fetch_item_put(&again, &fetch.items[0]));
	struct slice name = buffer_slice(&again);
	ASSERT(slice_starts(buffer_slice(&request),
		slice_first(name, name.length - (item->partial ? 1 : 0))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 10000)
		return 0;
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	SCOPED(arena_release) struct arena *scratch = arena_create(1 << 22);
	struct wire_imap_cursor cursor = wire_imap_cursor_over(slice_of(data, size), arena);
	struct wire_imap_fetch fetch;
	if (!wire_imap_fetch_parse(&cursor, &fetch)) {
		ASSERT(cursor.error);
		return 0;
	}
	for (size_t i = 0; i < fetch.count && i < 8; i++) {
		arena_reset(scratch);
		check_name(&fetch.items[i], scratch);
	}
	return 0;
}
