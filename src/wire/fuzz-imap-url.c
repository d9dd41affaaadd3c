#include "base/error.h"
#include "wire/imap-url.h"

/* What a URL names lies in it, and its rump is a URL that names the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct wire_imap_url url, rump;
	if (!wire_imap_url_parse(slice_of(data, size), arena, &url))
		return 0;
	ASSERT(url.uid != 0 && url.mailbox.length <= size && url.section.length <= size);
	ASSERT(url.absolute == !slice_absent(url.host));
	if (url.access == WIRE_IMAP_ACCESS_NONE)
		return 0;
	ASSERT(wire_imap_url_parse(url.rump, arena, &rump));
	ASSERT(rump.uid == url.uid && slice_equal(rump.mailbox, url.mailbox));
	ASSERT(slice_equal(rump.rump, url.rump) && slice_absent(rump.mechanism));
	return 0;
}
