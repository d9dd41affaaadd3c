#include "base/id.h"
#include "base/hash.h"

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum { HALF = BASE_ID_LENGTH / 2, BITS = 5 };

static void
put_half(uint64_t value, char into[HALF])
{
	for (int at = HALF - 1; at >= 0; at--, value >>= BITS)
		into[at] = digits[value & 31];
}

void
base_id_make(int64_t wall_ms, char into[BASE_ID_LENGTH])
{
	put_half((uint64_t)wall_ms, into);
	put_half(base_random_u64(), into + HALF);
}

bool
base_id_time(struct slice id, int64_t *wall_ms)
{
	*wall_ms = 0;
	if (id.length != BASE_ID_LENGTH)
		return false;
	uint64_t value = 0;
	for (size_t at = 0; at < BASE_ID_LENGTH; at++) {
		const char *digit =
			memchr(digits, byte_upper(id.data[at]), sizeof digits - 1);
		if (!digit)
			return false;
		if (at < HALF)
			value = value << BITS | (uint64_t)(digit - digits);
	}
	*wall_ms = (int64_t)value;
	return true;
}
