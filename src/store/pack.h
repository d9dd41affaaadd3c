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

/* The frame table of a body that is stored as it is. */
void store_frames_of_raw(struct slice body, struct buffer *frames);

#endif
