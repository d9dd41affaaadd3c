#include "post/search-distances.h"
#include "post/search-segment.h"

/* The documents that have a word, as bytes. */

#define PACKED 0x40 /* beside the kinds: the distances of a long list are packed */

static size_t
bitmap_size(uint32_t document_count)
{
	return ((size_t)document_count + 7) / 8;
}

/* --- writing ---------------------------------------------------------------------------
 */

static void
put_bitmap(uint32_t document_count, const struct search_posting *postings, size_t count,
	uint8_t kind, struct buffer *into)
{
	size_t size = bitmap_size(document_count);
	buffer_put_varint(into, size);
	char *bits = buffer_reserve(into, size);
	if (!bits)
		return;
	memset(bits, 0, size);
	for (size_t i = 0; i < count; i++)
		if (postings[i].kinds & kind)
			bits[postings[i].document / 8] |=
				(char)(1 << postings[i].document % 8);
	buffer_commit(into, size);
}

static void
put_distances(const struct search_posting *postings, size_t count, uint8_t kind,
	struct buffer *into)
{
	uint32_t next = 0;
	for (size_t i = 0; i < count; i++) {
		if (!(postings[i].kinds & kind))
			continue;
		buffer_put_varint(into, postings[i].document - next);
		next = postings[i].document + 1;
	}
}

static void
put_kind(uint32_t document_count, const struct search_posting *postings, size_t count,
	uint8_t kind, bool packed, struct buffer *scratch, struct buffer *into)
{
	SCOPED(buffer_free) struct buffer shorter = buffer_with(SEARCH_SEGMENT_BYTES_MOST);
	buffer_clear(scratch);
	put_distances(postings, count, kind, scratch);
	if (packed)
		search_distances_put(buffer_slice(scratch), &shorter);
	struct slice distances = buffer_slice(packed ? &shorter : scratch);
	if (distances.length < bitmap_size(document_count))
		buffer_put_sized(into, distances);
	else
		put_bitmap(document_count, postings, count, kind, into);
}

static void
put_list(uint32_t document_count, const struct search_posting *postings, size_t count,
	bool packed, struct buffer *scratch, struct buffer *into)
{
	uint8_t kinds = 0;
	for (size_t i = 0; i < count; i++)
		kinds |= postings[i].kinds;
	buffer_put_byte(into, (char)(packed ? kinds | PACKED : kinds));
	for (uint8_t kind = 1; kind <= SEARCH_KINDS; kind = (uint8_t)(kind << 1))
		if (kinds & kind)
			put_kind(document_count, postings, count, kind, packed, scratch,
				into);
}

/* A short one is not worth it. */
void
search_list_put(uint32_t document_count, const struct search_posting *postings,
	size_t count, struct buffer *scratch, struct buffer *into)
{
	size_t before = into->length;
	put_list(document_count, postings, count, false, scratch, into);
	if (into->length - before <= SEARCH_SMALL_LIST)
		return;
	buffer_cut(into, before);
	put_list(document_count, postings, count, true, scratch, into);
}

/* --- walking ---------------------------------------------------------------------------
 */

/* Goes on to the next document of a list; false on damage. */
static bool
step(uint32_t document_count, uint64_t distance, uint64_t *next)
{
	if (distance >= document_count - *next)
		return false;
	*next += distance + 1;
	return true;
}

static void
walk_bitmap(uint32_t document_count, struct slice list, uint8_t kind,
	search_posting_seen *seen, void *argument)
{
	for (uint32_t i = 0; i < document_count; i++)
		if (list.data[i / 8] >> i % 8 & 1)
			seen(argument, i, kind);
}

static bool
walk_packed(uint32_t document_count, struct slice list, uint8_t kind,
	search_posting_seen *seen, void *argument)
{
	struct search_distances distances;
	uint64_t next = 0, distance;
	if (!search_distances_begin(list, &distances))
		return false;
	while (distances.left) {
		if (!search_distances_next(&distances, &distance) ||
			!step(document_count, distance, &next))
			return false;
		seen(argument, (uint32_t)next - 1, kind);
	}
	return true;
}

static bool
walk_plain(uint32_t document_count, struct slice list, uint8_t kind,
	search_posting_seen *seen, void *argument)
{
	uint64_t next = 0, distance;
	while (list.length) {
		if (!take_varint(&list, &distance) ||
			!step(document_count, distance, &next))
			return false;
		seen(argument, (uint32_t)next - 1, kind);
	}
	return true;
}

static bool
walk_kind(uint32_t document_count, struct slice list, uint8_t kind, bool packed,
	search_posting_seen *seen, void *argument)
{
	if (list.length > bitmap_size(document_count))
		return false;
	if (list.length == bitmap_size(document_count)) {
		walk_bitmap(document_count, list, kind, seen, argument);
		return true;
	}
	return packed ? walk_packed(document_count, list, kind, seen, argument)
		      : walk_plain(document_count, list, kind, seen, argument);
}

bool
search_list_walk(uint32_t document_count, struct slice *rest, search_posting_seen *seen,
	void *argument)
{
	uint8_t head;
	struct slice list;
	if (!take_byte(rest, &head) || head & ~(SEARCH_KINDS | PACKED))
		return false;
	for (uint8_t kind = 1; kind <= SEARCH_KINDS; kind = (uint8_t)(kind << 1))
		if (head & kind && (!take_sized(rest, &list) ||
					   !walk_kind(document_count, list, kind,
						   head & PACKED, seen, argument)))
			return false;
	return true;
}

/* --- uniting ---------------------------------------------------------------------------
 */

static void
unite_bitmap(struct slice list, uint64_t *bits)
{
	size_t at = 0;
	for (; list.length - at >= 8; at += 8) {
		uint64_t word;
		memcpy(&word, list.data + at, 8);
		bits[at / 8] |= le64toh(word);
	}
	for (; at < list.length; at++)
		bits[at / 8] |= (uint64_t)(unsigned char)list.data[at] << at % 8 * 8;
}

/* Most distances are one byte. */
static bool
unite_plain(uint32_t document_count, struct slice list, uint64_t *bits)
{
	uint64_t next = 0, distance;
	while (list.length) {
		distance = (unsigned char)list.data[0];
		if (distance < 0x80)
			list = slice_of(list.data + 1, list.length - 1);
		else if (!take_varint(&list, &distance))
			return false;
		if (!step(document_count, distance, &next))
			return false;
		bits[(next - 1) / 64] |= (uint64_t)1 << (next - 1) % 64;
	}
	return true;
}

/* What a bitmap says behind the last document is damage. */
static bool
unite_kind(uint32_t document_count, struct slice list, bool packed, uint64_t *bits)
{
	size_t size = bitmap_size(document_count);
	if (list.length < size)
		return packed ? search_distances_unite(list, document_count, bits)
			      : unite_plain(document_count, list, bits);
	if (list.length > size)
		return false;
	if (document_count % 8 && (unsigned char)list.data[size - 1] >> document_count % 8)
		return false;
	unite_bitmap(list, bits);
	return true;
}

bool
search_list_unite(
	uint32_t document_count, struct slice *rest, uint8_t kinds, uint64_t *bits)
{
	uint8_t head;
	struct slice list;
	if (!take_byte(rest, &head) || head & ~(SEARCH_KINDS | PACKED))
		return false;
	for (uint8_t kind = 1; kind <= SEARCH_KINDS; kind = (uint8_t)(kind << 1)) {
		if (!(head & kind))
			continue;
		if (!take_sized(rest, &list))
			return false;
		if (kinds & kind && !unite_kind(document_count, list, head & PACKED, bits))
			return false;
	}
	return true;
}
