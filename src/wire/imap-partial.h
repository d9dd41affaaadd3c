#ifndef WIRE_IMAP_PARTIAL_H
#define WIRE_IMAP_PARTIAL_H

#include "base/buffer.h"
#include "wire/imap-cursor.h"

/*
 * A window on a result (RFC 9394 3.1): "1:100" counts from its beginning, "-1:-100" from
 * its end. Both bounds are from 1 and in, first is not greater than last. A server that
 * limits how many it answers leaves out so many of the lowest ranks.
 */
struct wire_imap_partial {
	bool from_end;
	uint32_t first, last, left_out;
};
MUST_CHECK bool wire_imap_partial_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_partial *partial);

/*
 * As an answer repeats it (RFC 9394 4): the bound nearer to its end first, whatever way it
 * was written (4:2 is 2:4), as other servers say it and clients look for it.
 */
void wire_imap_put_partial(struct buffer *into, const struct wire_imap_partial *partial);

/*
 * What it means in a result of so many: the ranks [first, last] from 1, counted from the
 * beginning. False when the window holds nothing.
 */
bool wire_imap_partial_resolve(const struct wire_imap_partial *partial, uint32_t count,
	uint32_t *first, uint32_t *last);

/* UIDBATCHES (RFC 10022): how many UIDs a batch has, and which batches are asked for. */
struct wire_imap_batches {
	uint32_t size;
	bool ranged;
	uint32_t first, last; /* of ranged; from 1, both in */
};
MUST_CHECK bool wire_imap_batches_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_batches *batches);

#endif
