#include "store/record.h"
#include <zstd.h>

#define SEGMENT_MAGIC  SLICE("Troika\r\n")
#define RECORD_MAGIC   SLICE("\xF6TB\n")
#define FORMAT_VERSION 1

uint64_t
store_record_frames(const struct store_record *record)
{
	return record->length / STORE_FRAME_SIZE + (record->length % STORE_FRAME_SIZE != 0);
}

uint64_t
store_record_tail_size(const struct store_record *record)
{
	return store_record_frames(record) * STORE_FRAME_ENTRY + record->trace +
	       record->references;
}

uint64_t
store_record_size(const struct store_record *record)
{
	return STORE_RECORD_HEAD + record->stored + store_record_tail_size(record);
}

/* Writes into memory whose size is known to fit. */
static char *
put_bytes(char *at, struct slice s)
{
	return (char *)memcpy(at, s.data, s.length) + s.length;
}

static char *
put_number(char *at, uint64_t number, size_t width)
{
	for (size_t i = 0; i < width; i++)
		at[i] = (char)(number >> (8 * (width - 1 - i)));
	return at + width;
}

/* Closes a header: the crc32c of everything before it. */
static void
put_crc(char *start, char *at)
{
	put_number(at, base_crc32c(0, slice_of(start, (size_t)(at - start))), 4);
}

static bool
crc_fits(struct slice header)
{
	struct slice end = slice_from(header, header.length - 4);
	uint32_t crc;
	return take_be32(&end, &crc) &&
	       crc == base_crc32c(0, slice_first(header, header.length - 4));
}

void
store_segment_header_encode(uint64_t number, char *into)
{
	char *at = put_bytes(into, SEGMENT_MAGIC);
	at = put_number(at, FORMAT_VERSION, 1);
	at = put_number(at, 0, 8);
	at = put_number(at, 0, 3);
	at = put_number(at, number, 8);
	put_crc(into, at);
}

bool
store_segment_header_decode(struct slice bytes, uint64_t *number)
{
	struct slice rest = slice_first(bytes, STORE_SEGMENT_HEADER);
	struct slice magic, unused;
	uint8_t version;
	return bytes.length >= STORE_SEGMENT_HEADER && crc_fits(rest) &&
	       take_bytes(&rest, SEGMENT_MAGIC.length, &magic) &&
	       slice_equal(magic, SEGMENT_MAGIC) && take_byte(&rest, &version) &&
	       version == FORMAT_VERSION && take_bytes(&rest, 11, &unused) &&
	       take_be64(&rest, number);
}

void
store_record_encode(const struct store_record *record, char *into)
{
	char *at = put_bytes(into, RECORD_MAGIC);
	at = put_number(at, FORMAT_VERSION, 1);
	at = put_number(at, record->codec, 1);
	at = put_number(at, 0, 2);
	at = put_number(at, record->space, 8);
	at = put_bytes(at, slice_of(record->hash.bytes, STORE_HASH_SIZE));
	at = put_number(at, record->length, 8);
	at = put_number(at, record->stored, 8);
	at = put_number(at, record->trace, 4);
	at = put_number(at, record->references, 4);
	at = put_number(at, record->tail_crc, 4);
	put_crc(into, at);
}

static bool
take_lengths(struct slice *rest, struct store_record *record)
{
	return take_be64(rest, &record->length) && take_be64(rest, &record->stored) &&
	       take_be32(rest, &record->trace) && take_be32(rest, &record->references) &&
	       take_be32(rest, &record->tail_crc);
}

static bool
is_sensible(const struct store_record *record)
{
	return record->length <= STORE_BLOB_MOST && record->stored <= record->length &&
	       (record->codec != STORE_CODEC_RAW || record->stored == record->length) &&
	       record->trace <= STORE_TRACE_MOST &&
	       record->references <= STORE_REFERENCES_MOST;
}

bool
store_record_decode(struct slice bytes, struct store_record *record)
{
	struct slice rest = slice_first(bytes, STORE_RECORD_HEAD);
	struct slice magic, hash;
	uint8_t version, codec;
	uint16_t unused;
	if (bytes.length < STORE_RECORD_HEAD || !crc_fits(rest) ||
		!take_bytes(&rest, RECORD_MAGIC.length, &magic) ||
		!slice_equal(magic, RECORD_MAGIC) || !take_byte(&rest, &version) ||
		version != FORMAT_VERSION || !take_byte(&rest, &codec) ||
		codec >= STORE_CODECS || !take_be16(&rest, &unused) || unused ||
		!take_be64(&rest, &record->space) ||
		!take_bytes(&rest, STORE_HASH_SIZE, &hash) || !take_lengths(&rest, record))
		return false;
	record->codec = (enum store_codec)codec;
	memcpy(record->hash.bytes, hash.data, STORE_HASH_SIZE);
	return is_sensible(record);
}

bool
store_tail_decode(
	const struct store_record *record, struct slice bytes, struct store_tail *tail)
{
	if (bytes.length != store_record_tail_size(record) ||
		base_crc32c(0, bytes) != record->tail_crc)
		return false;
	size_t frames = store_record_frames(record) * STORE_FRAME_ENTRY;
	tail->frames = slice_first(bytes, frames);
	tail->trace = slice_part(bytes, frames, record->trace);
	tail->references = slice_from(bytes, frames + record->trace);
	return true;
}

void
store_frame_encode(const struct store_frame *frame, char *into)
{
	put_number(put_number(into, frame->stored, 4), frame->crc, 4);
}

struct store_frame
store_frame_at(struct slice frames, uint64_t index)
{
	struct slice rest = slice_from(frames, index * STORE_FRAME_ENTRY);
	struct store_frame frame;
	bool fits = take_be32(&rest, &frame.stored) && take_be32(&rest, &frame.crc);
	ASSERT(fits);
	return frame;
}

uint64_t
store_frame_length(const struct store_record *record, uint64_t index)
{
	uint64_t left = record->length - index * STORE_FRAME_SIZE;
	return left < STORE_FRAME_SIZE ? left : STORE_FRAME_SIZE;
}

bool
store_frame_decode(
	const struct store_frame *frame, struct slice stored, char *into, uint64_t length)
{
	if (stored.length != frame->stored || stored.length > length ||
		base_crc32c(0, stored) != frame->crc)
		return false;
	if (stored.length == length) {
		if (into != stored.data)
			memcpy(into, stored.data, length);
		return true;
	}
	return ZSTD_decompress(into, length, stored.data, stored.length) == length;
}

bool
store_record_take_reference(struct slice *references, uint64_t *space, struct slice *owner)
{
	struct slice rest = *references;
	if (!take_be64(&rest, space) || !take_sized(&rest, owner))
		return false;
	*references = rest;
	return true;
}
