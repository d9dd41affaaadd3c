#ifndef POST_INCOMING_INTERNAL_H
#define POST_INCOMING_INTERNAL_H

#include "post/incoming.h"
#include "post/post-internal.h"
#include "post/receiving.h"
#include "wire/mime.h"

struct post_incoming {
	struct post *post;
	struct post_receiving_share share; /* of the memory */
	uint64_t size, most;
	struct buffer bytes;       /* until it spills */
	struct store_spill *spill; /* NULL: in memory */
	struct base_sha256 *sha256;
	struct arena *arena; /* the parser's and its result's */
	struct wire_mime_parser *parser;
	const struct wire_message *structure; /* NULL: not ended yet */
	enum base_failure failure;            /* the first one: the rest is refused */

	bool traced;
	struct buffer trace;

	bool sealed;
	struct store_blob *blob;
	uint8_t hash[BASE_SHA256_SIZE];
	struct buffer content; /* the packed record */
};

/* After the last byte: ends parsing, once. */
const struct wire_message *post_incoming_structure(struct post_incoming *incoming);

#endif
