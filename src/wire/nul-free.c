#include "wire/nul-free.h"
#include "base/error.h"

struct nul_free {
	struct base_source source;
	struct base_source *inner;
};

void
wire_hide_nul(char *bytes, size_t length)
{
	char *end = bytes + length;
	while (bytes < end && (bytes = memchr(bytes, '\0', (size_t)(end - bytes))))
		*bytes++ = (char)0x80;
}

struct slice
wire_nul_free(struct arena *arena, struct slice bytes)
{
	if (slice_find_byte(bytes, '\0') == bytes.length)
		return bytes;
	char *copy = arena_take(arena, bytes.length);
	memcpy(copy, bytes.data, bytes.length);
	wire_hide_nul(copy, bytes.length);
	return slice_of(copy, bytes.length);
}

static size_t
pull(struct base_source *source, char *into, size_t room)
{
	struct nul_free *filter = (struct nul_free *)source;
	size_t got = filter->inner->pull(filter->inner, into, room);
	if (got != BASE_SOURCE_FAILED)
		wire_hide_nul(into, got);
	return got;
}

static void
close_filter(struct base_source *source)
{
	struct nul_free *filter = (struct nul_free *)source;
	filter->inner->close(filter->inner);
	free(filter);
}

struct base_source *
wire_nul_free_source(struct base_source *inner)
{
	struct nul_free *filter = calloc(1, sizeof *filter);
	ASSERT(filter);
	filter->source = (struct base_source){.pull = pull, .close = close_filter};
	filter->inner = inner;
	return &filter->source;
}
