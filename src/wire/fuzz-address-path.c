#include "base/base.h"
#include "wire/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM ((size_t)16 << 20)

static void
check_bare(struct arena *arena, const struct wire_path *path)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(ROOM);
	struct wire_path bare;
	if (path->null)
		return;
	ASSERT(wire_address_put_bare(&text, path->local, path->domain));
	enum base_failure failure =
		wire_path_parse_bare(arena, buffer_slice(&text), &bare, NULL);
	/* Quotes and A-labels may make it longer than it was. */
	ASSERT(failure == BASE_OK || failure == BASE_TOO_LARGE);
	if (failure == BASE_OK)
		ASSERT(slice_equal(bare.local, path->local) &&
			slice_equal(bare.domain, path->domain));
}

/* An accepted path is written and read again as the same; a refused one takes nothing. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ROOM);
	SCOPED(buffer_free) struct buffer text = buffer_with(ROOM);
	struct slice input = slice_of(data, size), rest = input;
	struct wire_path path, again;
	struct base_error error;
	if (wire_path_parse(arena, &rest, &path, &error) != BASE_OK) {
		ASSERT(rest.length == input.length && error.text[0]);
		return 0;
	}
	ASSERT(rest.length < input.length && slice_is_utf8(path.local) &&
		slice_is_ascii(path.domain));
	ASSERT(wire_path_put(&text, &path));
	rest = buffer_slice(&text);
	enum base_failure failure = wire_path_parse(arena, &rest, &again, NULL);
	ASSERT(failure == BASE_OK || failure == BASE_TOO_LARGE);
	if (failure == BASE_OK)
		ASSERT(rest.length == 0 && slice_equal(path.local, again.local) &&
			slice_equal(path.domain, again.domain) && path.null == again.null &&
			path.literal == again.literal);
	check_bare(arena, &path);
	wire_local_folded(arena, path.local);
	wire_domain_for_people(arena, path.domain);
	return 0;
}
