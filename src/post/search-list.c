#include "post/search-segment.h"

/* The documents that have a word, as bytes. */

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
put_kind(uint32_t document_count, const struct search_posting *postings, size_t count,
	uint8_t kind, struct buffer *scratch, struct buffer *into)
{
	uint32_t next = 0;
	buffer_clear(scratch);
	for (size_t i = 0; i < count; i++) {
		if (!(postings[i].kinds & kind))
			continue;
		buffer_put_varint(scratch, postings[i].document - next);
		next = postings[i].document + 1;
	}
	if (scratch->length < bitmap_size(document_count))
		buffer_put_sized(into, buffer_slice(scratch));
	else
		put_bitmap(document_count, postings, count, kind, into);
}

void
search_list_put(uint32_t document_count, const struct search_posting *postings,
	size_t count, struct buffer *scratch, struct buffer *into)
{
	uint8_t kinds = 0;
	for (size_t i = 0; i < count; i++)
		kinds |= postings[i].kinds;
	buffer_put_byte(into, (char)kinds);
	for (uint8_t kind = 1; kind <= SEARCH_KINDS; kind = (uint8_t)(kind << 1))
		if (kinds & kind)
			put_kind(document_count, postings, count, kind, scratch, into);
}

/* --- walking ---------------------------------------------------------------------------
 */

static bool
walk_kind(uint32_t document_count, struct slice list, uint8_t kind,
	search_posting_seen *seen, void *argument)
{
	uint64_t next = 0, distance;
	if (list.length > bitmap_size(document_count))
		return false;
	if (list.length == bitmap_size(document_count)) {
		for (uint32_t i = 0; i < document_count; i++)
			if (list.data[i / 8] >> i % 8 & 1)
				seen(argument, i, kind);
		return true;
	}
	while (list.length) {
		if (!take_varint(&list, &distance) || distance >= document_count - next)
			return false;
		next += distance;
		seen(argument, (uint32_t)next++, kind);
	}
	return true;
}

bool
search_list_walk(uint32_t document_count, struct slice *rest, search_posting_seen *seen,
	void *argument)
{
	uint8_t kinds;
	struct slice list;
	if (!take_byte(rest, &kinds) || kinds & ~SEARCH_KINDS)
		return false;
	for (uint8_t kind = 1; kind <= SEARCH_KINDS; kind = (uint8_t)(kind << 1))
		if (kinds & kind &&
			(!take_sized(rest, &list) ||
				!walk_kind(document_count, list, kind, seen, argument)))
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
unite_distances(uint32_t document_count, struct slice list, uint64_t *bits)
{
	uint64_t next = 0, distance;
	while (list.length) {
		distance = (unsigned char)list.data[0];
		if (distance < 0x80)
			list = slice_of(list.data + 1, list.length - 1);
		else if (!take_varint(&list, &distance))
			return false;
		if (distance >= document_count - next)
			return false;
		next += distance;
		bits[next / 64] |= (uint64_t)1 << next % 64;
		next++;
	}
	return true;
}

/* What a bitmap says behind the last document is damage. */
static bool
unite_kind(uint32_t document_count, struct slice list, uint64_t *bits)
{
	size_t size = bitmap_size(document_count);
	if (list.length < size)
		return unite_distances(document_count, list, bits);
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
	if (!take_byte(rest, &head) || head & ~SEARCH_KINDS)
		return false;
	for (uint8_t kind = 1; kind <= SEARCH_KINDS; kind = (uint8_t)(kind << 1)) {
		if (!(head & kind))
			continue;
		if (!take_sized(rest, &list))
			return false;
		if (kinds & kind && !unite_kind(document_count, list, bits))
			return false;
	}
	return true;
}
