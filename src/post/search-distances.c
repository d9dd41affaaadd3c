#include "post/search-distances.h"

#define LOW_MOST  24
#define ONCE_MOST 56 /* bits that are there wherever the first one stands in its byte */

/* --- writing ----------------------------------------------------------------------------
 */

struct bits {
	struct buffer *into;
	uint64_t pending;
	unsigned count; /* of them; below 8 between two calls */
};

static void
put_bits(struct bits *bits, uint64_t value, unsigned count)
{
	bits->pending |= value << bits->count;
	bits->count += count;
	for (; bits->count >= 8; bits->count -= 8, bits->pending >>= 8)
		buffer_put_byte(bits->into, (char)bits->pending);
}

static void
put_distance(struct bits *bits, uint64_t distance, unsigned low)
{
	uint64_t zeros = distance >> low;
	for (; zeros > 32; zeros -= 32)
		put_bits(bits, 0, 32);
	put_bits(bits, (uint64_t)1 << zeros, (unsigned)zeros + 1);
	put_bits(bits, distance & (((uint64_t)1 << low) - 1), low);
}

/* What is best when each document is in the list by the same chance: mean times ln 2. */
static unsigned
low_bits(uint64_t sum, uint64_t count)
{
	unsigned low = 0;
	while (low < LOW_MOST && sum * 177 / 256 / count >> (low + 1))
		low++;
	return low;
}

void
search_distances_put(struct slice varints, struct buffer *into)
{
	uint64_t sum = 0, count = 0, distance;
	for (struct slice rest = varints; take_varint(&rest, &distance); count++)
		sum += distance;
	unsigned low = count ? low_bits(sum, count) : 0;
	struct bits bits = {.into = into};
	buffer_put_byte(into, (char)low);
	buffer_put_varint(into, count);
	while (take_varint(&varints, &distance))
		put_distance(&bits, distance, low);
	if (bits.count)
		put_bits(&bits, 0, 8 - bits.count);
}

/* --- reading ----------------------------------------------------------------------------
 */

bool
search_distances_begin(struct slice bytes, struct search_distances *distances)
{
	uint8_t low;
	*distances = (struct search_distances){0};
	if (!take_byte(&bytes, &low) || low > LOW_MOST ||
		!take_varint(&bytes, &distances->left))
		return false;
	distances->low = low;
	distances->bytes = bytes;
	return true;
}

/* ONCE_MOST of them or more; zeros behind the end. */
static uint64_t
bits_from(struct slice bytes, uint64_t at)
{
	uint64_t word = 0;
	size_t byte = (size_t)(at / 8);
	if (byte + sizeof word <= bytes.length)
		memcpy(&word, bytes.data + byte, sizeof word);
	else if (byte < bytes.length)
		memcpy(&word, bytes.data + byte, bytes.length - byte);
	return le64toh(word) >> at % 8;
}

/* Many zeros: past the bits that were read at once. */
static uint64_t
skip_zeros(struct search_distances *distances, uint64_t *bits)
{
	uint64_t zeros = 0, end = (uint64_t)distances->bytes.length * 8;
	for (; !*bits && distances->at < end; zeros += ONCE_MOST) {
		distances->at += ONCE_MOST;
		*bits = bits_from(distances->bytes, distances->at);
	}
	return zeros;
}

bool
search_distances_next(struct search_distances *distances, uint64_t *distance)
{
	unsigned low = distances->low;
	uint64_t bits = bits_from(distances->bytes, distances->at);
	uint64_t zeros = bits ? 0 : skip_zeros(distances, &bits);
	unsigned more = bits ? (unsigned)__builtin_ctzll(bits) : 0;
	distances->at += more + 1;
	bits = more + 1 + low <= ONCE_MOST ? bits >> (more + 1)
					   : bits_from(distances->bytes, distances->at);
	distances->at += low;
	distances->left--;
	*distance = (zeros + more) << low | (bits & (((uint64_t)1 << low) - 1));
	return distances->at <= (uint64_t)distances->bytes.length * 8;
}

bool
search_distances_unite(struct slice bytes, uint32_t count, uint64_t *bits)
{
	struct search_distances distances;
	uint64_t next = 0, distance;
	if (!search_distances_begin(bytes, &distances))
		return false;
	while (distances.left) {
		if (!search_distances_next(&distances, &distance) ||
			distance >= count - next)
			return false;
		next += distance;
		bits[next / 64] |= (uint64_t)1 << next % 64;
		next++;
	}
	return true;
}
