#include "base/base.h"
#include "wire/body-structure.h"
#include "wire/mime-section.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM ((size_t)64 << 20)

/* What is accepted is a tree that can be walked and rendered, and packs to the same tree.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ROOM);
	SCOPED(buffer_free) struct buffer packed = buffer_with(ROOM);
	SCOPED(buffer_free) struct buffer again = buffer_with(ROOM);
	SCOPED(buffer_free) struct buffer rendered = buffer_with(ROOM);
	const struct wire_message *message, *second;
	uint32_t path[3] = {1, 2, 1};
	if (wire_mime_unpack(arena, slice_of(data, size), 0, &message) != BASE_OK)
		return 0;
	ASSERT(wire_mime_pack(message, true, &packed));
	ASSERT(wire_mime_unpack(arena, buffer_slice(&packed), 0, &second) == BASE_OK);
	ASSERT(wire_mime_pack(second, true, &again));
	ASSERT(slice_equal(buffer_slice(&packed), buffer_slice(&again)));
	ASSERT(wire_body_put(&rendered, message->top, WIRE_BODY_STRUCTURE, true));
	wire_section_part(message->top, path, 3);
	return 0;
}
