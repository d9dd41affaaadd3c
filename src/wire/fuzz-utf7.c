#include "base/error.h"
#include "wire/utf7.h"

#define PLENTY ((size_t)1 << 20)

static void
check_decode(struct slice encoded)
{
	SCOPED(buffer_free) struct buffer utf8 = buffer_with(PLENTY);
	SCOPED(buffer_free) struct buffer again = buffer_with(PLENTY);
	if (!wire_utf7_decode(encoded, &utf8))
		return;
	ASSERT(slice_is_utf8(buffer_slice(&utf8)));
	ASSERT(wire_utf7_encode(buffer_slice(&utf8), &again));
	ASSERT(slice_equal(buffer_slice(&again), encoded));
}

static void
check_encode(struct slice utf8)
{
	SCOPED(buffer_free) struct buffer encoded = buffer_with(PLENTY);
	SCOPED(buffer_free) struct buffer again = buffer_with(PLENTY);
	if (!wire_utf7_encode(utf8, &encoded)) {
		ASSERT(!slice_is_utf8(utf8) || slice_find_byte(utf8, '\0') < utf8.length);
		return;
	}
	ASSERT(slice_is_ascii(buffer_slice(&encoded)));
	ASSERT(wire_utf7_decode(buffer_slice(&encoded), &again));
	ASSERT(slice_equal(buffer_slice(&again), utf8));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 100000)
		return 0;
	check_decode(slice_of(data, size));
	check_encode(slice_of(data, size));
	return 0;
}
