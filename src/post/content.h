#ifndef POST_CONTENT_H
#define POST_CONTENT_H

#include "post/records.h"
#include "wire/mime.h"

/*
 * What is kept of a message beside its blob, made once while it comes in: rendered and
 * packed before any turn, the same bytes for every recipient.
 *
 * A message of absurd structure, whose records would pass these ceilings, is shown as one
 * opaque part; its blob is whole.
 */
#define POST_CONTENT_HEADER_MOST    (64 * 1024)
#define POST_CONTENT_ENVELOPE_MOST  (1024 * 1024)
#define POST_CONTENT_STRUCTURE_MOST (4 * 1024 * 1024)

struct post_content_input {
	const uint8_t *hash;
	const struct wire_message *message;
	struct slice header; /* the blob's; SLICE_NONE: too large */
	struct slice trace;
	const struct wire_mime_part *preview_part; /* NULL: no text */
	struct slice preview_raw;
};

/* Packs a post_content_record. */
void post_content_build(const struct post_content_input *input, struct buffer *into);

#endif
