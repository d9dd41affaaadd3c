#include "post/search-segment.h"

/*
 * Finding bytes in megabytes of words and texts: sixteen places at a time are compared with
 * the first and the last byte of what is sought; most have neither.
 */

typedef char lanes __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

static lanes
all_lanes(char byte)
{
	lanes filled = {0};
	return filled + byte;
}

static bool
is_here(const char *place, struct slice sought)
{
	return memcmp(place, sought.data, sought.length) == 0;
}

/* The first of eight places, those with a byte that is not 0; 8: none of them. */
static size_t
first_here(const char *place, struct slice sought, uint64_t lanes_set)
{
	for (uint64_t left = le64toh(lanes_set); left;) {
		size_t lane = (size_t)__builtin_ctzll(left) / 8;
		if (is_here(place + lane, sought))
			return lane;
		left &= ~((uint64_t)0xff << 8 * lane);
	}
	return 8;
}

static size_t
find_slowly(struct slice bytes, struct slice sought, size_t at)
{
	for (; at + sought.length <= bytes.length; at++)
		if (is_here(bytes.data + at, sought))
			return at;
	return bytes.length;
}

size_t
search_scan(struct slice bytes, struct slice sought, size_t at)
{
	const size_t width = sizeof(lanes);
	if (sought.length == 1)
		return at + slice_find_byte(slice_from(bytes, at), sought.data[0]);
	lanes first = all_lanes(sought.data[0]);
	lanes last = all_lanes(sought.data[sought.length - 1]);
	for (; at + sought.length - 1 + width <= bytes.length; at += width) {
		lanes starts, ends;
		const char *place = bytes.data + at;
		memcpy(&starts, place, width);
		memcpy(&ends, place + sought.length - 1, width);
		halves both = (halves)((starts == first) & (ends == last));
		if (!(both[0] | both[1]))
			continue;
		size_t lane = first_here(place, sought, both[0]);
		if (lane == 8)
			lane += first_here(place + 8, sought, both[1]);
		if (lane < width)
			return at + lane;
	}
	return find_slowly(bytes, sought, at);
}

/* Eight bytes at a time: the high bit of each that is the byte. */
uint32_t
search_count_byte(struct slice bytes, char byte)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7f;
	const uint64_t wanted = 0x0101010101010101 * (unsigned char)byte;
	uint32_t count = 0;
	size_t at = 0;
	for (; bytes.length - at >= 8; at += 8) {
		uint64_t word;
		memcpy(&word, bytes.data + at, 8);
		word ^= wanted;
		word = ~(((word & low) + low) | word | low);
		count += (uint32_t)__builtin_popcountll(word);
	}
	for (; at < bytes.length; at++)
		count += bytes.data[at] == byte;
	return count;
}
