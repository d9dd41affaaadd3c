#ifndef STORE_PACK_H
#define STORE_PACK_H

#include "store/record.h"

/*
 * Compression of blobs, frame by frame, so that a range still costs a frame. Blobs of one
 * frame stay as they are: they are most of the mail, and little of the bytes.
 */
#define STORE_PACK_ABOVE STORE_FRAME_SIZE
#define STORE_PACK_LEVEL 3

/*
 * Compresses a raw body into packed, and its frame table into frames; both empty before.
 * false when it saves less than a sixteenth: then the blob is better left as it is.
 */
MUST_CHECK bool store_pack(struct slice body, struct buffer *packed, struct buffer *frames);

MUST_CHECK bool store_pack_is_worth_it(uint64_t packed, uint64_t length);

/* For a body that does not fit into memory: adds one raw frame to packed and to frames. */
struct store_packer;
struct store_packer *store_packer_create(void);
void store_packer_destroy(struct store_packer *packer);
void store_packer_release(struct store_packer **packer); /* for SCOPED */
void store_packer_add(struct store_packer *packer, struct slice frame,
	struct buffer *packed, struct buffer *frames);

/* The frame table of a body that is stored as it is. */
void store_frames_of_raw(struct slice body, struct buffer *frames);

#endif
