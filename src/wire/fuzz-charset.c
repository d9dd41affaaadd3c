#include "base/base.h"
#include "wire/charset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM ((size_t)16 << 20)

/* A name, a line end, bytes: what comes out is valid, and at a ceiling its start. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ROOM);
	SCOPED(buffer_free) struct buffer text = buffer_with(ROOM);
	SCOPED(buffer_free) struct buffer few = buffer_with(size / 2);
	struct slice bytes = slice_of(data, size);
	struct slice charset = slice_cut(&bytes, '\n');
	ASSERT(wire_to_utf8(charset, bytes, &text));
	ASSERT(slice_is_utf8(buffer_slice(&text)));
	bool all = wire_to_utf8(charset, bytes, &few);
	ASSERT(all == (text.length <= size / 2));
	ASSERT(slice_starts(buffer_slice(&text), buffer_slice(&few)));
	ASSERT(slice_is_utf8(buffer_slice(&few)));
	wire_fold(arena, bytes);
	ASSERT(slice_is_utf8(wire_utf8_first(buffer_slice(&text), size / 3)));
	return 0;
}
