#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "store/store.h"

/*
 * The bytes of a blob segment. Pure: no file, no store.
 *
 * A segment is a header and then records, one behind the other. A record describes
 * itself, so that lost keys can be rebuilt from segments alone:
 *
 *	head        80 bytes: magic, version, codec, space, SHA-256, lengths, checksums
 *	body        the blob, in frames
 *	tail        frame table, trace, references (space, owner) known when it was written
 *
 * The tail stands behind the body, as a spilled blob learns it last. Each 128 KiB of the
 * blob is a frame with its own crc32c, so that a range costs a frame. With the codec
 * STORE_CODEC_ZSTD a frame that is stored shorter than it is, is compressed alone.
 * Numbers are big endian.
 */
#define STORE_SEGMENT_HEADER 32
#define STORE_RECORD_HEAD    80
#define STORE_FRAME_SIZE     ((uint64_t)128 << 10)
#define STORE_FRAME_ENTRY    8 /* stored length, crc32c of the stored bytes */

/* Above these a record is taken as damaged, whatever its checksum says. */
#define STORE_TRACE_MOST      ((uint32_t)1 << 20)
#define STORE_REFERENCES_MOST ((uint32_t)64 << 10) /* bytes; further ones are left out */
#define STORE_BLOB_MOST       ((uint64_t)1 << 40)

enum store_codec { STORE_CODEC_RAW, STORE_CODEC_ZSTD, STORE_CODECS };

struct store_record {
	enum store_codec codec;
	uint64_t space; /* of the first reference */
	struct store_hash hash;
	uint64_t length; /* of the blob */
	uint64_t stored; /* of the body */
	uint32_t trace;
	uint32_t references;
	uint32_t tail_crc;
};

uint64_t store_record_frames(const struct store_record *record);
uint64_t store_record_tail_size(const struct store_record *record);
uint64_t store_record_size(const struct store_record *record); /* head, body and tail */

/* The output is exactly STORE_SEGMENT_HEADER and STORE_RECORD_HEAD bytes. */
void store_segment_header_encode(uint64_t number, char *into);
MUST_CHECK bool store_segment_header_decode(struct slice bytes, uint64_t *number);
void store_record_encode(const struct store_record *record, char *into);
MUST_CHECK bool store_record_decode(struct slice bytes, struct store_record *record);

struct store_tail {
	struct slice frames, trace, references;
};

/* false: its length or its checksum does not fit the head. */
MUST_CHECK bool store_tail_decode(
	const struct store_record *record, struct slice bytes, struct store_tail *tail);

struct store_frame {
	uint32_t stored;
	uint32_t crc;
};

void store_frame_encode(const struct store_frame *frame, char *into);
struct store_frame store_frame_at(struct slice frames, uint64_t index);
/* Bytes of the blob in this frame: STORE_FRAME_SIZE, less in the last. */
uint64_t store_frame_length(const struct store_record *record, uint64_t index);

/*
 * Checks one frame and gives its bytes: into has room for the frame's length. false when
 * the checksum, or what comes out of the codec, does not fit.
 */
MUST_CHECK bool store_frame_decode(
	const struct store_frame *frame, struct slice stored, char *into, uint64_t length);

MUST_CHECK bool store_record_take_reference(
	struct slice *references, uint64_t *space, struct slice *owner);

#endif
