#include "base/encode.h"
#include "base/error.h"
#include "wire/sasl.h"

/* What was decoded, encoded, must be the same base64. */
static void
check_plain(struct slice base64, struct arena *arena)
{
	struct wire_sasl_plain plain;
	if (!wire_sasl_plain_decode(base64, arena, &plain))
		return;
	SCOPED(buffer_free) struct buffer again = buffer_with(1 << 16);
	ASSERT(plain.authenticate.length > 0 && plain.password.length > 0);
	ASSERT(wire_sasl_plain_put(&again, &plain));
	ASSERT(slice_equal(buffer_slice(&again), base64));
}

static void
check_login(struct slice base64, struct arena *arena)
{
	struct slice text;
	if (!wire_sasl_login_decode(base64, arena, &text))
		return;
	ASSERT(slice_is_utf8(text) && text.length <= WIRE_SASL_PART_MOST);
	ASSERT(slice_equal(base64_encode(arena, text), base64));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 10000)
		return 0;
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 17);
	struct slice raw = slice_of(data, size);
	check_plain(raw, arena);
	check_login(raw, arena);
	check_plain(base64_encode(arena, raw), arena);
	check_login(base64_encode(arena, raw), arena);
	return 0;
}
