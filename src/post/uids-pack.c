#include "post/uids-internal.h"

/*
 * A set as bytes, independent of the bitmap library: blocks of 65,536 numbers that have
 * members, each as ranges or as bits, whichever is shorter.
 *
 *	set    varint count of blocks, blocks by rising number
 *	block  varint number's distance to the one before, less 1 (the first: its number)
 *	       varint ranges, 0: 8,192 bytes of bits; else so many ranges
 *	range  varint gap to the end of the range before, varint length - 1
 */
#define BLOCK_SHIFT 16
#define BLOCK_SIZE  (1u << BLOCK_SHIFT)
#define BITS_BYTES  (BLOCK_SIZE / 8)

static uint32_t
block_of(const roaring_uint32_iterator_t *at)
{
	return at->current_value >> BLOCK_SHIFT;
}

/* The members of the block that *at stands in, as ranges; leaves it behind the block. */
static uint32_t
put_ranges(roaring_uint32_iterator_t *at, struct buffer *into)
{
	uint32_t number = block_of(at), count = 0, behind = number << BLOCK_SHIFT;
	while (at->has_value && block_of(at) == number) {
		uint32_t first = at->current_value, last = first;
		while (roaring_advance_uint32_iterator(at) &&
			at->current_value == last + 1 && block_of(at) == number)
			last++;
		buffer_put_varint(into, first - behind);
		buffer_put_varint(into, last - first);
		behind = last + 1; /* wraps at the very end, unused */
		count++;
	}
	return count;
}

static void
put_bits(roaring_uint32_iterator_t at, struct buffer *into)
{
	uint32_t number = block_of(&at);
	char *bits = buffer_reserve(into, BITS_BYTES);
	if (!bits)
		return;
	memset(bits, 0, BITS_BYTES);
	while (at.has_value && block_of(&at) == number) {
		uint32_t low = at.current_value & (BLOCK_SIZE - 1);
		bits[low / 8] = (char)(bits[low / 8] | 1 << low % 8);
		roaring_advance_uint32_iterator(&at);
	}
	buffer_commit(into, BITS_BYTES);
}

static void
put_block(roaring_uint32_iterator_t *at, struct buffer *into)
{
	SCOPED(buffer_free) struct buffer ranges = buffer_with(BITS_BYTES);
	roaring_uint32_iterator_t start = *at;
	uint32_t count = put_ranges(at, &ranges);
	bool as_bits = buffer_failed(&ranges);
	buffer_put_varint(into, as_bits ? 0 : count);
	if (as_bits)
		put_bits(start, into);
	else
		buffer_put(into, buffer_slice(&ranges));
}

static uint32_t
count_blocks(const struct post_uids *uids)
{
	uint32_t blocks = 0;
	roaring_uint32_iterator_t at;
	roaring_init_iterator(uids->bitmap, &at);
	while (at.has_value) {
		uint64_t next = ((uint64_t)(at.current_value >> BLOCK_SHIFT) + 1)
				<< BLOCK_SHIFT;
		blocks++;
		if (next > UINT32_MAX ||
			!roaring_move_uint32_iterator_equalorlarger(&at, (uint32_t)next))
			break;
	}
	return blocks;
}

bool
post_uids_pack(const struct post_uids *uids, struct buffer *into)
{
	roaring_uint32_iterator_t at;
	uint32_t next_number = 0;
	buffer_put_varint(into, count_blocks(uids));
	roaring_init_iterator(uids->bitmap, &at);
	while (at.has_value) {
		buffer_put_varint(into, block_of(&at) - next_number);
		next_number = block_of(&at) + 1;
		put_block(&at, into);
	}
	return !buffer_failed(into);
}

static bool
has_bit(const uint8_t *bits, uint32_t low)
{
	return bits[low / 8] >> low % 8 & 1;
}

/* The next range of set bits from *start on; false when there is none. */
static bool
next_run(const uint8_t *bits, uint32_t *start, uint32_t *end)
{
	uint32_t at = *start;
	while (at < BLOCK_SIZE && !has_bit(bits, at))
		at += at % 8 == 0 && bits[at / 8] == 0 ? 8 : 1;
	if (at >= BLOCK_SIZE)
		return false;
	*start = at;
	while (at < BLOCK_SIZE && has_bit(bits, at))
		at += at % 8 == 0 && bits[at / 8] == 0xFF ? 8 : 1;
	*end = at;
	return true;
}

static bool
take_bits(struct slice *rest, uint32_t base, struct post_uids *uids)
{
	struct slice bits;
	uint32_t start = 0, end;
	if (!take_bytes(rest, BITS_BYTES, &bits))
		return false;
	for (; next_run((const uint8_t *)bits.data, &start, &end); start = end)
		post_uids_add_range(uids, base + start, base + end - 1);
	return true;
}

static bool
take_ranges(struct slice *rest, uint64_t count, uint32_t base, struct post_uids *uids)
{
	uint64_t at = 0, gap, more;
	for (uint64_t i = 0; i < count; i++) {
		if (!take_varint(rest, &gap) || !take_varint(rest, &more))
			return false;
		if (gap >= BLOCK_SIZE || more >= BLOCK_SIZE ||
			at + gap + more >= BLOCK_SIZE)
			return false;
		at += gap;
		post_uids_add_range(
			uids, (uint32_t)(base + at), (uint32_t)(base + at + more));
		at += more + 1;
	}
	return true;
}

static bool
take_block_into(struct slice *rest, uint64_t *next_number, struct post_uids *uids)
{
	uint64_t distance, ranges;
	if (!take_varint(rest, &distance) || !take_varint(rest, &ranges))
		return false;
	if (distance >= BLOCK_SIZE || *next_number + distance >= BLOCK_SIZE)
		return false;
	uint32_t base = (uint32_t)(*next_number + distance) << BLOCK_SHIFT;
	*next_number += distance + 1;
	return ranges ? take_ranges(rest, ranges, base, uids) : take_bits(rest, base, uids);
}

bool
post_uids_take(struct slice *rest, struct post_uids **uids)
{
	SCOPED(post_uids_release) struct post_uids *set = post_uids_create();
	uint64_t blocks, next_number = 0;
	*uids = NULL;
	if (!take_varint(rest, &blocks))
		return false;
	for (uint64_t i = 0; i < blocks; i++)
		if (!take_block_into(rest, &next_number, set))
			return false;
	post_uids_settle(set);
	*uids = set;
	set = NULL;
	return true;
}

bool
post_uids_unpack(struct slice bytes, struct post_uids **uids)
{
	if (!post_uids_take(&bytes, uids))
		return false;
	if (slice_empty(bytes))
		return true;
	post_uids_release(uids);
	return false;
}
