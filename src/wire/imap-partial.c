#include "wire/imap-partial.h"

static bool
take_bound(struct wire_imap_cursor *cursor, bool from_end, uint32_t *bound)
{
	return (!from_end || wire_imap_byte(cursor, '-')) &&
	       wire_imap_nz_number(cursor, bound);
}

/* RFC 9394 3.1: both bounds count from the same end. */
bool
wire_imap_partial_parse(struct wire_imap_cursor *cursor, struct wire_imap_partial *partial)
{
	uint32_t a, b;
	*partial = (struct wire_imap_partial){.from_end = wire_imap_peek(cursor) == '-'};
	if (!take_bound(cursor, partial->from_end, &a) || !wire_imap_byte(cursor, ':') ||
		!take_bound(cursor, partial->from_end, &b))
		return false;
	partial->first = a < b ? a : b;
	partial->last = a < b ? b : a;
	return true;
}

void
wire_imap_put_partial(struct buffer *into, const struct wire_imap_partial *partial)
{
	const char *sign = partial->from_end ? "-" : "";
	buffer_printf(into, "%s%u:%s%u", sign, partial->first, sign, partial->last);
}

bool
wire_imap_partial_resolve(const struct wire_imap_partial *partial, uint32_t count,
	uint32_t *first, uint32_t *last)
{
	*first = *last = 0;
	if (partial->first > count)
		return false;
	uint32_t end = partial->last < count ? partial->last : count;
	*first = partial->from_end ? count - end + 1 : partial->first;
	*last = partial->from_end ? count - partial->first + 1 : end;
	*first += partial->left_out;
	return *first <= *last;
}

static bool
take_batch_range(struct wire_imap_cursor *cursor, struct wire_imap_batches *batches)
{
	batches->ranged = true;
	if (!wire_imap_nz_number(cursor, &batches->first) || !wire_imap_byte(cursor, ':') ||
		!wire_imap_nz_number(cursor, &batches->last))
		return false;
	return batches->first <= batches->last ||
	       wire_imap_fail(cursor, "[CLIENTBUG] The batches are the wrong way round");
}

bool
wire_imap_batches_parse(struct wire_imap_cursor *cursor, struct wire_imap_batches *batches)
{
	*batches = (struct wire_imap_batches){0};
	if (!wire_imap_space(cursor) || !wire_imap_nz_number(cursor, &batches->size))
		return false;
	if (wire_imap_maybe(cursor, ' ') && cursor->rest.length > 0 &&
		!take_batch_range(cursor, batches))
		return false;
	return wire_imap_end(cursor);
}
