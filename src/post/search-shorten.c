#include "post/search-shorten.h"
#include "post/search-segment.h"

/* --- lines ------------------------------------------------------------------------------
 */

#define SHARED_MOST UINT8_MAX

/* Without the '\n', so that each line has a rest, but for a last one that has none. */
static size_t
shared_length(struct slice before, struct slice line)
{
	size_t most = line.length && slice_ends(line, SLICE("\n")) ? line.length - 1
								   : line.length;
	size_t count = 0;
	if (most > before.length)
		most = before.length;
	while (count < most && count < SHARED_MOST &&
		before.data[count] == line.data[count])
		count++;
	return count;
}

/* With its '\n', unless it is the last one and has none. */
static struct slice
take_line(struct slice *rest)
{
	struct slice line = slice_first(*rest, slice_find_byte(*rest, '\n') + 1);
	*rest = slice_from(*rest, line.length);
	return line;
}

static void
put_shared(struct slice lines, struct buffer *into)
{
	struct slice before = SLICE("");
	while (lines.length) {
		struct slice line = take_line(&lines);
		buffer_put_byte(into, (char)shared_length(before, line));
		before = line;
	}
}

static void
put_rests(struct slice lines, struct buffer *into)
{
	struct slice before = SLICE("");
	while (lines.length) {
		struct slice line = take_line(&lines);
		buffer_put(into, slice_from(line, shared_length(before, line)));
		before = line;
	}
}

void
search_lines_shorten(struct slice lines, struct buffer *into)
{
	uint32_t count = search_count_byte(lines, '\n');
	count += lines.length && lines.data[lines.length - 1] != '\n';
	buffer_put_be32(into, count);
	put_shared(lines, into);
	put_rests(lines, into);
}

/* Most words are short: so many bytes are copied sooner than only those of a word. */
#define AT_ONCE 16

/* The line ends among eight bytes, the first one lowest, as their high bits; right up to
 * the first of them. */
static uint64_t
ends_of(const char *bytes)
{
	const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
	uint64_t word;
	memcpy(&word, bytes, 8);
	word = le64toh(word) ^ ones * '\n';
	return (word - ones) & ~word & highs;
}

/* The line's length with its '\n' from AT_ONCE bytes; 0: it is longer. */
static size_t
length_at_once(const char *bytes)
{
	uint64_t low = ends_of(bytes), high = ends_of(bytes + 8);
	uint64_t ends = low ? low : high;
	return ends ? (size_t)__builtin_ctzll(ends) / 8 + (low ? 1 : 9) : 0;
}

/* A line into at, where 2 * AT_ONCE bytes are free, as its rest has AT_ONCE; what is taken
 * of that. 0: it is longer. */
static size_t
put_at_once(const char *before, size_t same, const char *rest, char *at)
{
	char shared[AT_ONCE];
	size_t length = same <= AT_ONCE ? length_at_once(rest) : 0;
	if (!length)
		return 0;
	memcpy(shared, before, AT_ONCE);
	memcpy(at, shared, AT_ONCE);
	memcpy(at + same, rest, AT_ONCE);
	return length;
}

/* Takes its rest; its length, 0: there is no room for it. */
static size_t
put_line(const char *before, size_t same, struct slice *shortened, char *at, size_t room)
{
	size_t quick = 0;
	if (same > (size_t)(at - before))
		return 0;
	if (room >= 2 * AT_ONCE && shortened->length >= AT_ONCE)
		quick = put_at_once(before, same, shortened->data, at);
	if (quick) {
		*shortened = slice_from(*shortened, quick);
		return same + quick;
	}
	struct slice rest = take_line(shortened);
	if (same + rest.length > room)
		return 0;
	memcpy(at, before, same);
	memcpy(at + same, rest.data, rest.length);
	return same + rest.length;
}

bool
search_lines_restore(struct slice shortened, size_t length, struct buffer *into)
{
	uint32_t count;
	struct slice shared;
	char *start = buffer_reserve(into, length), *at = start, *before = start;
	if (!start || !take_be32(&shortened, &count) ||
		!take_bytes(&shortened, count, &shared))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		size_t same = (unsigned char)shared.data[i];
		size_t put = put_line(
			before, same, &shortened, at, length - (size_t)(at - start));
		if (!put)
			return false;
		before = at;
		at += put;
	}
	if (shortened.length || (size_t)(at - start) != length)
		return false;
	buffer_commit(into, length);
	return true;
}

/* --- records ----------------------------------------------------------------------------
 */

static uint32_t
number_at(const char *bytes)
{
	uint32_t number;
	memcpy(&number, bytes, sizeof number);
	return be32toh(number);
}

void
search_records_shorten(
	struct slice bytes, struct search_records records, struct buffer *into)
{
	size_t size = (size_t)records.numbers * 4, count = bytes.length / size;
	uint32_t before[SEARCH_NUMBERS_MOST] = {0};
	char *planes = buffer_reserve(into, bytes.length);
	ASSERT(records.numbers && records.numbers <= SEARCH_NUMBERS_MOST);
	if (!planes)
		return;
	for (size_t i = 0; i < count; i++)
		for (unsigned j = 0; j < records.numbers; j++) {
			uint32_t number = number_at(bytes.data + i * size + j * 4);
			uint32_t kept = number - (records.rising >> j & 1 ? before[j] : 0);
			before[j] = number;
			for (unsigned byte = 0; byte < 4; byte++)
				planes[(j * 4 + byte) * count + i] =
					(char)(kept >> (24 - 8 * byte));
		}
	memcpy(planes + count * size, bytes.data + count * size, bytes.length % size);
	buffer_commit(into, bytes.length);
}

void
search_records_restore(
	struct slice shortened, struct search_records records, struct buffer *into)
{
	size_t size = (size_t)records.numbers * 4, count = shortened.length / size;
	uint32_t before[SEARCH_NUMBERS_MOST] = {0};
	char *bytes = buffer_reserve(into, shortened.length);
	ASSERT(records.numbers && records.numbers <= SEARCH_NUMBERS_MOST);
	if (!bytes)
		return;
	for (size_t i = 0; i < count; i++)
		for (unsigned j = 0; j < records.numbers; j++) {
			const char *plane = shortened.data + (size_t)j * 4 * count + i;
			uint32_t number = (uint32_t)(unsigned char)plane[0] << 24 |
					  (uint32_t)(unsigned char)plane[count] << 16 |
					  (uint32_t)(unsigned char)plane[2 * count] << 8 |
					  (unsigned char)plane[3 * count];
			number += records.rising >> j & 1 ? before[j] : 0;
			before[j] = number;
			number = htobe32(number);
			memcpy(bytes + i * size + j * 4, &number, sizeof number);
		}
	memcpy(bytes + count * size, shortened.data + count * size,
		shortened.length % size);
	buffer_commit(into, shortened.length);
}
