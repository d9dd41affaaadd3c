#include "base/error.h"
#include "wire/imap-pattern.h"
#include "wire/imap-response.h"

typedef bool put_text(struct buffer *into, struct slice text, bool utf8);
typedef bool take_text(struct wire_imap_cursor *cursor, struct slice *text);

/* What is written must be read as the same; NUL, which can't be, as "?". */
static void
check(put_text *put, take_text *take, struct slice text, bool utf8, struct arena *arena)
{
	SCOPED(buffer_free) struct buffer written = buffer_with(1 << 22);
	ASSERT(put(&written, text, utf8));
	struct wire_imap_cursor cursor =
		wire_imap_cursor_over(buffer_slice(&written), arena);
	struct slice read;
	cursor.utf8 = utf8;
	ASSERT(take(&cursor, &read));
	ASSERT(wire_imap_end(&cursor));
	ASSERT(read.length == text.length);
	for (size_t i = 0; i < text.length; i++)
		ASSERT(read.data[i] == (text.data[i] ? text.data[i] : '?'));
}

static void
check_date(struct slice text, struct arena *arena)
{
	struct wire_imap_cursor cursor = wire_imap_cursor_over(text, arena);
	struct wire_date date, again;
	if (!wire_imap_date_time(&cursor, &date))
		return;
	SCOPED(buffer_free) struct buffer written = buffer_with(100);
	ASSERT(wire_imap_put_date_time(&written, date));
	cursor = wire_imap_cursor_over(buffer_slice(&written), arena);
	ASSERT(wire_imap_date_time(&cursor, &again));
	ASSERT(again.unix_time == date.unix_time && again.zone == date.zone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 22);
	struct slice text = slice_of(data, size);
	for (int utf8 = 0; utf8 < 2; utf8++) {
		check(wire_imap_put_string, wire_imap_string, text, utf8, arena);
		check(wire_imap_put_nstring, wire_imap_nstring, text, utf8, arena);
		check(wire_imap_put_astring, wire_imap_astring, text, utf8, arena);
		if (slice_is_utf8(text) && slice_find_byte(text, '\0') == text.length &&
			!wire_imap_is_inbox(text))
			check(wire_imap_put_mailbox, wire_imap_mailbox, text, utf8, arena);
	}
	check_date(text, arena);
	return 0;
}
