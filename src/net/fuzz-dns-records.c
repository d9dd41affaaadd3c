#include "net/dns-records.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum net_dns_type types[] = {NET_DNS_A, NET_DNS_AAAA, NET_DNS_CNAME,
	NET_DNS_PTR, NET_DNS_MX, NET_DNS_TXT, NET_DNS_TLSA};

/* Back to the wire, in lower case as the text has it. */
static void
put_name(struct buffer *into, struct slice name)
{
	while (!slice_empty(name)) {
		struct slice label = slice_cut(&name, '.');
		char bytes[64];
		size_t used = 0;
		for (size_t i = 0; i < label.length; i++) {
			char c = label.data[i];
			if (c == '\\') {
				c = (char)((label.data[i + 1] - '0') * 100 +
					   (label.data[i + 2] - '0') * 10 +
					   (label.data[i + 3] - '0'));
				i += 3;
			}
			ASSERT(used < sizeof bytes);
			bytes[used++] = c;
		}
		buffer_put_byte(into, (char)used);
		buffer_put(into, slice_of(bytes, used));
	}
	buffer_put_byte(into, 0);
}

/* What a name was made of, it gives again. */
static void
check_name(struct slice wire, struct arena *arena)
{
	SCOPED(buffer_free) struct buffer again = buffer_with(1024);
	struct slice rest = wire, name;

	if (!dns_name_parse(&rest, arena, &name))
		return;
	ASSERT(name.length < DNS_NAME_TEXT_MOST);
	put_name(&again, name);
	ASSERT(slice_equal_nocase(
		buffer_slice(&again), slice_first(wire, wire.length - rest.length)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_of(data, size);
	struct net_dns_record record;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		/* No more than the room that the resolver asks the arena for. */
		SCOPED(arena_release)
		struct arena *arena = arena_create(DNS_RECORD_ROOM(size) + 4096);
		if (dns_record_parse(types[i], bytes, arena, &record))
			ASSERT(arena_used(arena) <= DNS_RECORD_ROOM(size));
	}
	SCOPED(arena_release) struct arena *arena = arena_create(16 * 1024);
	check_name(bytes, arena);
	return 0;
}
