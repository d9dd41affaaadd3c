#include "base/error.h"
#include "wire/base-subject.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A base subject is its own base subject, and no answer. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 20000)
		return 0;
	bool is_reply;
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct slice base = wire_base_subject(arena, slice_of(data, size), &is_reply);
	struct slice again = wire_base_subject(arena, base, &is_reply);
	ASSERT(slice_equal(base, again));
	ASSERT(!is_reply);
	return 0;
}
