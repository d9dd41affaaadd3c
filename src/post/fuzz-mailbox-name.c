/* A name that is accepted is in its final form, within the limits, and has whole levels. */
#include "post/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice name, again;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	if (post_name_canonical(arena, slice_of(data, size), &name, NULL))
		return 0;
	ASSERT(name.length && name.length <= POST_MAILBOX_NAME_MOST);
	ASSERT(slice_is_utf8(name));
	ASSERT(!slice_starts(name, SLICE("/")) && !slice_ends(name, SLICE("/")));
	ASSERT(slice_find(name, SLICE("//")) == name.length);
	ASSERT(!post_name_canonical(arena, name, &again, NULL));
	ASSERT(slice_equal(name, again));
	return 0;
}
