#include "base/base.h"
#include "wire/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM ((size_t)64 << 20)

static bool
same_text(struct slice a, struct slice b)
{
	return slice_absent(a) == slice_absent(b) && slice_equal(a, b);
}

static void
must_be_clean(struct slice text)
{
	for (size_t i = 0; i < text.length; i++)
		ASSERT(text.data[i] != '\r' && text.data[i] != '\n' && text.data[i]);
}

/* What was read is written and read again: it is the same, and the text stays the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ROOM);
	SCOPED(buffer_free) struct buffer text = buffer_with(ROOM);
	SCOPED(buffer_free) struct buffer again = buffer_with(ROOM);
	struct wire_addresses first = {.count = 0}, second = {.count = 0};
	wire_addresses_parse(arena, slice_of(data, size), &first);
	ASSERT(wire_addresses_put(&text, &first));
	wire_addresses_parse(arena, buffer_slice(&text), &second);
	ASSERT(first.count == second.count);
	const struct wire_address *a = first.first, *b = second.first;
	for (; a; a = a->next, b = b->next) {
		ASSERT(a->kind == b->kind && same_text(a->name, b->name) &&
			same_text(a->route, b->route) && same_text(a->domain, b->domain) &&
			slice_equal(a->local, b->local));
		must_be_clean(a->name);
		must_be_clean(a->route);
		must_be_clean(a->local);
		must_be_clean(a->domain);
	}
	ASSERT(wire_addresses_put(&again, &second));
	ASSERT(slice_equal(buffer_slice(&text), buffer_slice(&again)));
	return 0;
}
