#include "base/slice.h"

struct slice
slice_of_text(const char *nul_terminated)
{
	if (!nul_terminated)
		return SLICE_NONE;
	return slice_of(nul_terminated, strlen(nul_terminated));
}

bool
slice_equal(struct slice a, struct slice b)
{
	return a.length == b.length &&
	       (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

bool
slice_equal_nocase(struct slice a, struct slice b)
{
	if (a.length != b.length)
		return false;
	for (size_t i = 0; i < a.length; i++)
		if (byte_lower(a.data[i]) != byte_lower(b.data[i]))
			return false;
	return true;
}

int
slice_compare(struct slice a, struct slice b)
{
	size_t shared = a.length < b.length ? a.length : b.length;
	int order = shared ? memcmp(a.data, b.data, shared) : 0;
	if (order)
		return order;
	return (a.length > b.length) - (a.length < b.length);
}

bool
slice_starts(struct slice s, struct slice prefix)
{
	return slice_equal(slice_first(s, prefix.length), prefix);
}

bool
slice_starts_nocase(struct slice s, struct slice prefix)
{
	return slice_equal_nocase(slice_first(s, prefix.length), prefix);
}

static struct slice
slice_last(struct slice s, size_t length)
{
	return slice_from(s, s.length > length ? s.length - length : 0);
}

bool
slice_ends(struct slice s, struct slice suffix)
{
	return slice_equal(slice_last(s, suffix.length), suffix);
}

bool
slice_ends_nocase(struct slice s, struct slice suffix)
{
	return slice_equal_nocase(slice_last(s, suffix.length), suffix);
}

struct slice
slice_part(struct slice s, size_t start, size_t length)
{
	return slice_first(slice_from(s, start), length);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice
slice_trim(struct slice s)
{
	while (s.length && is_blank(s.data[0]))
		s = slice_from(s, 1);
	while (s.length && is_blank(s.data[s.length - 1]))
		s.length--;
	return s;
}

size_t
slice_find_byte(struct slice s, char wanted)
{
	const char *found = s.length ? memchr(s.data, wanted, s.length) : NULL;
	return found ? (size_t)(found - s.data) : s.length;
}

size_t
slice_find(struct slice s, struct slice wanted)
{
	if (!wanted.length || wanted.length > s.length)
		return wanted.length ? s.length : 0;
	const char *found = memmem(s.data, s.length, wanted.data, wanted.length);
	return found ? (size_t)(found - s.data) : s.length;
}

size_t
slice_find_nocase(struct slice s, struct slice wanted)
{
	for (size_t i = 0; i + wanted.length <= s.length; i++)
		if (slice_starts_nocase(slice_from(s, i), wanted))
			return i;
	return s.length;
}

size_t
slice_find_last_byte(struct slice s, char wanted)
{
	const char *found = s.length ? memrchr(s.data, wanted, s.length) : NULL;
	return found ? (size_t)(found - s.data) : s.length;
}

struct slice
slice_cut(struct slice *rest, char separator)
{
	struct slice whole = *rest;
	size_t at = slice_find_byte(whole, separator);
	*rest = at == whole.length ? SLICE_NONE : slice_from(whole, at + 1);
	return slice_first(whole, at);
}

bool
slice_to_u64(struct slice s, uint64_t *value)
{
	uint64_t total = 0;
	*value = 0;
	if (!s.length)
		return false;
	for (size_t i = 0; i < s.length; i++) {
		if (!byte_is_digit(s.data[i]))
			return false;
		if (__builtin_mul_overflow(total, 10U, &total) ||
			__builtin_add_overflow(total, (unsigned)(s.data[i] - '0'), &total))
			return false;
	}
	*value = total;
	return true;
}

bool
slice_to_u32(struct slice s, uint32_t *value)
{
	uint64_t wide;
	*value = 0;
	if (!slice_to_u64(s, &wide) || wide > UINT32_MAX)
		return false;
	*value = (uint32_t)wide;
	return true;
}

static bool
continues(struct slice s, size_t from, size_t length)
{
	if (s.length < length)
		return false;
	for (size_t i = from; i < length; i++)
		if (((unsigned char)s.data[i] & 0xC0) != 0x80)
			return false;
	return true;
}

/* RFC 3629 4: the second byte's range depends on the first. */
static bool
second_byte_fits(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xE0:
		return second >= 0xA0;
	case 0xED:
		return second < 0xA0;
	case 0xF0:
		return second >= 0x90;
	case 0xF4:
		return second < 0x90;
	default:
		return true;
	}
}

size_t
slice_utf8_first(struct slice s)
{
	if (!s.length)
		return 0;
	unsigned char first = (unsigned char)s.data[0];
	if (first < 0x80)
		return 1;
	if (first < 0xC2 || first > 0xF4)
		return 0;
	size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
	if (!continues(s, 1, length) || !second_byte_fits(first, (unsigned char)s.data[1]))
		return 0;
	return length;
}

/* Eight bytes at once, as most text has nothing else. */
static struct slice
past_ascii(struct slice s)
{
	uint64_t word;
	while (s.length >= sizeof word) {
		memcpy(&word, s.data, sizeof word);
		if (word & 0x8080808080808080U)
			break;
		s = slice_from(s, sizeof word);
	}
	while (s.length && (unsigned char)s.data[0] < 0x80)
		s = slice_from(s, 1);
	return s;
}

bool
slice_is_utf8(struct slice s)
{
	while ((s = past_ascii(s)).length) {
		size_t step = slice_utf8_first(s);
		if (!step)
			return false;
		s = slice_from(s, step);
	}
	return true;
}

bool
slice_is_ascii(struct slice s)
{
	return past_ascii(s).length == 0;
}

bool
slice_equal_secret(struct slice a, struct slice b)
{
	volatile unsigned char difference = 0;
	if (a.length != b.length)
		return false;
	for (size_t i = 0; i < a.length; i++)
		difference = (unsigned char)(difference | (a.data[i] ^ b.data[i]));
	return difference == 0;
}

int
byte_hex_value(char c)
{
	if (byte_is_digit(c))
		return c - '0';
	char lower = byte_lower(c);
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static size_t
least_of(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;
	return least < c ? least : c;
}

/* One row at a time. */
size_t
slice_distance(struct slice a, struct slice b)
{
	size_t row[SLICE_DISTANCE_MOST + 1];
	a = slice_first(a, SLICE_DISTANCE_MOST);
	b = slice_first(b, SLICE_DISTANCE_MOST);
	for (size_t j = 0; j <= b.length; j++)
		row[j] = j;
	for (size_t i = 0; i < a.length; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < b.length; j++) {
			size_t replaced = diagonal + (a.data[i] != b.data[j]);
			diagonal = row[j + 1];
			row[j + 1] = least_of(replaced, row[j] + 1, diagonal + 1);
		}
	}
	return row[b.length];
}
