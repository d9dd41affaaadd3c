#include "base/error.h"
#include "wire/imap-metadata.h"
#include "wire/imap-response.h"

/* GETMETADATA and SETMETADATA over the same text; what was set is written and read again.
 */

static void
check_get(struct slice text, struct arena *arena)
{
	struct wire_imap_getmetadata wanted;
	struct wire_imap_cursor cursor = wire_imap_cursor_over(text, arena);
	bool parsed = wire_imap_getmetadata_parse(&cursor, &wanted);
	ASSERT(parsed == !cursor.error);
	for (size_t i = 0; parsed && i < wanted.count; i++)
		ASSERT(wire_imap_entry_matches(
			wanted.entries[i], wanted.entries[i], wanted.depth));
}

static void
write_again(const struct wire_imap_setmetadata *set, struct buffer *into)
{
	buffer_put_byte(into, ' ');
	wire_imap_put_mailbox(into, set->mailbox, false);
	for (size_t i = 0; i < set->count; i++) {
		buffer_put_text(into, i ? " " : " (");
		wire_imap_put_astring(into, set->entries[i].name, false);
		buffer_put_byte(into, ' ');
		wire_imap_put_value(into, set->entries[i].value, false);
	}
	buffer_put_byte(into, ')');
}

static void
check_set(struct slice text, struct arena *arena)
{
	struct wire_imap_setmetadata set, again;
	struct wire_imap_cursor cursor = wire_imap_cursor_over(text, arena);
	bool parsed = wire_imap_setmetadata_parse(&cursor, &set);
	ASSERT(parsed == !cursor.error);
	if (!parsed)
		return;
	SCOPED(buffer_free) struct buffer written = buffer_with(SIZE_MAX);
	SCOPED(arena_release) struct arena *second = arena_create(ARENA_NO_CEILING);
	write_again(&set, &written);
	cursor = wire_imap_cursor_over(buffer_slice(&written), second);
	ASSERT(wire_imap_setmetadata_parse(&cursor, &again));
	ASSERT(slice_equal(set.mailbox, again.mailbox) && set.count == again.count);
	for (size_t i = 0; i < set.count; i++) {
		ASSERT(slice_equal(set.entries[i].name, again.entries[i].name));
		ASSERT(slice_equal(set.entries[i].value, again.entries[i].value));
		ASSERT(slice_absent(set.entries[i].value) ==
			slice_absent(again.entries[i].value));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 18);
	check_get(slice_of(data, size), arena);
	arena_reset(arena);
	check_set(slice_of(data, size), arena);
	return 0;
}
