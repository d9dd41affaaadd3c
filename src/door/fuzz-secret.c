/* Hashes that are moved in: what is accepted is bounded, and the text comes out again. */
#include "door/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct door_secret first, second;
	if (door_secret_parse(slice_of(data, size), &first, NULL) != BASE_OK)
		return 0;
	SCOPED(buffer_free) struct buffer text = buffer_with(DOOR_SECRET_TEXT_MOST);
	ASSERT(door_secret_put(&first, &text));
	ASSERT(slice_equal(buffer_slice(&text), first.text));
	ASSERT(door_secret_parse(buffer_slice(&text), &second, NULL) == BASE_OK);
	ASSERT(first.kind == second.kind && first.memory_kib == second.memory_kib);
	if (first.kind == DOOR_CRYPT)
		return 0;
	ASSERT(first.memory_kib <= DOOR_ARGON2_MEMORY_KIB_MOST);
	ASSERT(first.passes && first.passes <= DOOR_ARGON2_PASSES_MOST);
	ASSERT(first.lanes && first.lanes <= DOOR_ARGON2_LANES_MOST);
	return 0;
}
