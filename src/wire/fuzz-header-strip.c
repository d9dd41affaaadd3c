#include "base/base.h"
#include "wire/header-strip.h"
#include "wire/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct slice names[] = {SLICE_INIT("bcc"), SLICE_INIT("resent-bcc")};

static void
strip(struct slice message, size_t piece, struct buffer *into)
{
	struct wire_header_strip strip;
	wire_header_strip_begin(&strip, names, 2, wire_sink_buffer(into));
	while (message.length) {
		struct slice part = slice_first(message, piece);
		ASSERT(wire_header_strip_add(&strip, part) == BASE_OK);
		message = slice_from(message, part.length);
	}
	ASSERT(wire_header_strip_end(&strip) == BASE_OK);
}

/* Nothing of the name is left for who reads the header, and nothing else is missing. */
static void
check(struct slice before, struct slice after)
{
	struct wire_header had, has;
	struct slice rest = after;
	while (wire_header_next(&before, &had)) {
		if (slice_equal_nocase(had.name, names[0]) ||
			slice_equal_nocase(had.name, names[1]))
			continue;
		ASSERT(wire_header_next(&rest, &has));
		ASSERT(slice_equal(had.all, has.all));
	}
	ASSERT(!wire_header_next(&rest, &has));
}

/* The first octet says how large the pieces are. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct slice message = slice_of((const char *)data + 1, size - 1);
	SCOPED(buffer_free) struct buffer whole = buffer_with(size);
	SCOPED(buffer_free) struct buffer pieces = buffer_with(size);
	strip(message, SIZE_MAX, &whole);
	strip(message, 1 + data[0] % 64, &pieces);
	ASSERT(slice_equal(buffer_slice(&whole), buffer_slice(&pieces)));
	check(message, buffer_slice(&whole));
	return 0;
}
