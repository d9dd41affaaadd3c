#include "store/keylog.h"

#define BLOCK_SIZE    ((size_t)32 << 10)
#define HEADER_SIZE   ((size_t)7)
#define BATCH_HEADER  ((size_t)12)        /* sequence, count */
#define SEQUENCE_LEAP ((uint64_t)1 << 24) /* more changes than any group has */
#define CRC_MASK      0xa282ead8U
#define KIND_NOTE     3 /* of a record in a batch; length and bytes follow */

enum fragment_type { FRAGMENT_FULL = 1, FRAGMENT_FIRST, FRAGMENT_MIDDLE, FRAGMENT_LAST };

struct fragment {
	enum fragment_type type;
	struct slice payload;
	size_t end;
};

enum found { FOUND_FRAGMENT, FOUND_END, FOUND_BAD };

static uint64_t
little_endian(const char *bytes, size_t width)
{
	uint64_t value = 0;
	while (width-- > 0)
		value = value << 8 | (unsigned char)bytes[width];
	return value;
}

static uint32_t
masked_crc(struct slice s)
{
	uint32_t crc = base_crc32c(0, s);
	return ((crc >> 15) | (crc << 17)) + CRC_MASK;
}

/* The fragment whose header is at this offset. */
static enum found
fragment_at(struct slice log, size_t at, struct fragment *fragment)
{
	size_t room = BLOCK_SIZE - at % BLOCK_SIZE;
	if (room > log.length - at)
		room = log.length - at;
	if (room < HEADER_SIZE)
		return FOUND_BAD;
	const char *header = log.data + at;
	size_t length = little_endian(header + 4, 2);
	unsigned type = (unsigned char)header[6];
	if (type < FRAGMENT_FULL || type > FRAGMENT_LAST || length > room - HEADER_SIZE ||
		masked_crc(slice_of(header + 6, 1 + length)) != little_endian(header, 4))
		return FOUND_BAD;
	fragment->type = (enum fragment_type)type;
	fragment->payload = slice_of(header + HEADER_SIZE, length);
	fragment->end = at + HEADER_SIZE + length;
	return FOUND_FRAGMENT;
}

/* Too little room for a header at the end of a block is filled with zeros. */
static size_t
past_trailer(struct slice log, size_t at)
{
	size_t left = BLOCK_SIZE - at % BLOCK_SIZE;
	return left < HEADER_SIZE && log.length - at >= left ? at + left : at;
}

static enum found
next_fragment(struct slice log, size_t *at, struct fragment *fragment)
{
	*at = past_trailer(log, *at);
	return *at == log.length ? FOUND_END : fragment_at(log, *at, fragment);
}

static bool
begins_batch(const struct fragment *fragment)
{
	return fragment->type == FRAGMENT_FULL || fragment->type == FRAGMENT_FIRST;
}

static bool
ends_batch(const struct fragment *fragment)
{
	return fragment->type == FRAGMENT_FULL || fragment->type == FRAGMENT_LAST;
}

struct look {
	struct slice log;
	bool batches;
	uint64_t first, sequence;
};

static bool
is_plausible(const struct look *look, const struct fragment *fragment)
{
	if (!begins_batch(fragment))
		return false;
	if (!look->batches)
		return true;
	if (fragment->payload.length < BATCH_HEADER)
		return false;
	uint64_t sequence = little_endian(fragment->payload.data, 8);
	return !look->sequence ||
	       (sequence > look->sequence && sequence - look->sequence <= SEQUENCE_LEAP);
}

/* At any offset up to the end of this block, as lengths can't be trusted after damage. */
static bool
batch_in_block(const struct look *look, size_t from)
{
	size_t until = from - from % BLOCK_SIZE + BLOCK_SIZE;
	struct fragment fragment;
	for (size_t at = from; at < until && at + HEADER_SIZE <= look->log.length; at++)
		if (fragment_at(look->log, at, &fragment) == FOUND_FRAGMENT &&
			is_plausible(look, &fragment))
			return true;
	return false;
}

static bool
batch_begins_after(const struct look *look, size_t from)
{
	while (from < look->log.length) {
		if (batch_in_block(look, from))
			return true;
		from = from - from % BLOCK_SIZE + BLOCK_SIZE;
	}
	return false;
}

static void
note_sequence(struct look *look, struct slice payload)
{
	if (!look->batches || payload.length < BATCH_HEADER)
		return;
	uint64_t count = little_endian(payload.data + 8, 4);
	uint64_t first = little_endian(payload.data, 8);
	look->first = look->first ? look->first : first;
	look->sequence = first + (count ? count - 1 : 0);
}

/* Also where a batch was begun of which nothing came to the disk: that tells as much. */
static bool
is_filled(struct slice rest)
{
	return rest.length && rest.data[0] == 0 &&
	       memcmp(rest.data, rest.data + 1, rest.length - 1) == 0;
}

bool
keylog_name_parse(struct slice name, uint64_t *number)
{
	struct slice end = SLICE(".log");
	return slice_ends(name, end) &&
	       slice_to_u64(slice_first(name, name.length - end.length), number);
}

struct keylog_verdict
keylog_look(struct slice log, bool batches, uint64_t sequence)
{
	struct look look = {log, batches, 0, sequence};
	struct keylog_verdict verdict = {.end = KEYLOG_WHOLE};
	bool inside = false;
	size_t at = 0, begin = 0;
	struct fragment fragment;
	enum found found;
	while ((found = next_fragment(log, &at, &fragment)) == FOUND_FRAGMENT) {
		if (begins_batch(&fragment) == inside)
			break;
		if (begins_batch(&fragment)) {
			note_sequence(&look, fragment.payload);
			begin = at;
		}
		inside = !ends_batch(&fragment);
		at = fragment.end;
		if (inside)
			continue;
		verdict.whole = at;
		verdict.last = begin;
		verdict.batches++;
		verdict.first = look.first;
		verdict.sequence = look.sequence;
	}
	if (found == FOUND_END && !inside)
		return verdict;
	if (is_filled(slice_from(log, verdict.whole))) {
		verdict.end = KEYLOG_FILLED;
		return verdict;
	}
	verdict.end =
		found != FOUND_END && batch_begins_after(&look, at + (found == FOUND_BAD))
			? KEYLOG_DAMAGED
			: KEYLOG_TORN;
	return verdict;
}

bool
keylog_next(struct slice log, size_t *at, struct buffer *record)
{
	struct fragment fragment;
	size_t next = *at;
	bool inside = false;
	buffer_cut(record, 0);
	do {
		if (next_fragment(log, &next, &fragment) != FOUND_FRAGMENT ||
			begins_batch(&fragment) == inside ||
			!buffer_put(record, fragment.payload))
			return false;
		inside = true;
		next = fragment.end;
	} while (!ends_batch(&fragment));
	*at = next;
	return true;
}

/* The first bytes of a batch, which may be in several fragments; how many there are. */
static size_t
front_of_batch(struct slice log, size_t at, char *into, size_t room)
{
	struct fragment fragment;
	size_t length = 0;
	do {
		if (next_fragment(log, &at, &fragment) != FOUND_FRAGMENT)
			return 0;
		struct slice part = slice_first(fragment.payload, room - length);
		if (part.length)
			memcpy(into + length, part.data, part.length);
		length += part.length;
		at = fragment.end;
	} while (length < room && !ends_batch(&fragment));
	return length;
}

size_t
keylog_note(struct slice log, uint64_t at, char into[KEYLOG_NOTE_MOST])
{
	char front[BATCH_HEADER + 2 + KEYLOG_NOTE_MOST];
	if (at > log.length)
		return 0;
	struct slice rest = slice_of(front, front_of_batch(log, at, front, sizeof front));
	uint8_t kind, length;
	struct slice header, note;
	if (!take_bytes(&rest, BATCH_HEADER, &header) || !take_byte(&rest, &kind) ||
		kind != KIND_NOTE || !take_byte(&rest, &length) ||
		length > KEYLOG_NOTE_MOST || !take_bytes(&rest, length, &note) || !length)
		return 0;
	memcpy(into, note.data, length);
	return length;
}
