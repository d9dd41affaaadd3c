#include "base/error.h"
#include "wire/dsn.h"

#define PLENTY ((size_t)1 << 24)

/* What was read, written, must be read as the same, and written the same. */
static void
check_status(struct slice body, struct arena *arena)
{
	struct wire_dsn report, again;
	if (wire_dsn_status_parse(body, arena, &report) != BASE_OK)
		return;
	SCOPED(buffer_free) struct buffer first = buffer_with(PLENTY);
	SCOPED(buffer_free) struct buffer second = buffer_with(PLENTY);
	ASSERT(report.count > 0);
	ASSERT(wire_dsn_status_put(&first, &report));
	ASSERT(wire_dsn_status_parse(buffer_slice(&first), arena, &again) == BASE_OK);
	ASSERT(again.count == report.count);
	ASSERT(wire_dsn_status_put(&second, &again));
	ASSERT(slice_equal(buffer_slice(&first), buffer_slice(&second)));
}

/* A whole message from what was read, and its report found in it again. */
static void
check_message(struct slice body, struct arena *arena)
{
	struct wire_dsn_message message = {
		.texts = &wire_dsn_english,
		.from = SLICE("postmaster@troika.test"),
		.to = slice_first(body, 64),
		.message_id = SLICE("<1@troika.test>"),
		.subject = slice_first(body, 100),
		.boundary = SLICE("=_troika"),
		.original = SLICE("Subject: test\r\n"),
	};
	if (wire_dsn_status_parse(body, arena, &message.report) != BASE_OK ||
		slice_find(body, message.boundary) < body.length)
		return;
	SCOPED(buffer_free) struct buffer text = buffer_with(PLENTY);
	struct wire_dsn found;
	ASSERT(wire_dsn_put(&text, &message));
	ASSERT(wire_dsn_parse(buffer_slice(&text), arena, &found) == BASE_OK);
	ASSERT(found.count == message.report.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 20000)
		return 0;
	SCOPED(arena_release) struct arena *arena = arena_create(PLENTY);
	struct slice input = slice_of(data, size);
	check_status(input, arena);
	check_message(input, arena);
	struct wire_dsn report;
	(void)!wire_dsn_parse(input, arena, &report);
	return 0;
}
