/* Targets of routes: what is taken has a host and a port, and is taken again as written. */
#include "relay/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct relay_target first, second;
	struct base_error error;
	if (relay_target_parse(slice_of(data, size), 25, &first, &error) ||
		first.way == RELAY_WAY_MX)
		return 0;
	ASSERT(first.host.length > 0 && first.port > 0);
	struct slice again = arena_printf(arena, "%s://[%.*s]:%u",
		first.implicit_tls ? "smtps" : "smtp", SLICE_ARG(first.host), first.port);
	ASSERT(relay_target_parse(again, 25, &second, &error) == BASE_OK);
	ASSERT(slice_equal(first.host, second.host) && first.port == second.port);
	ASSERT(first.implicit_tls == second.implicit_tls);
	return 0;
}
