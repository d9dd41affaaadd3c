#include "base/error.h"
#include "wire/imap-multisearch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is within its limits; what was not says why. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 20000)
		return 0;
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct wire_imap_cursor cursor = wire_imap_cursor_over(slice_of(data, size), arena);
	struct wire_imap_multisearch wanted;
	if (!wire_imap_multisearch_parse(&cursor, &wanted)) {
		ASSERT(cursor.error);
		return 0;
	}
	ASSERT(wanted.count > 0 && wanted.count <= WIRE_IMAP_SOURCES_MOST);
	for (size_t i = 0; i < wanted.count; i++)
		ASSERT(slice_absent(wanted.sources[i].name) ==
			(wanted.sources[i].kind < WIRE_IMAP_SOURCE_SUBTREE));
	ASSERT(wanted.search.key && wanted.search.key->kind == WIRE_IMAP_SEARCH_AND);
	return 0;
}
