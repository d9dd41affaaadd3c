#include "wire/imap-arguments.h"

static bool
take_pair(struct wire_imap_cursor *cursor, struct wire_imap_id_pair *pair)
{
	if (!wire_imap_string(cursor, &pair->field) || !wire_imap_space(cursor) ||
		!wire_imap_nstring(cursor, &pair->value))
		return false;
	return (pair->field.length <= WIRE_IMAP_ID_FIELD_MOST &&
		       pair->value.length <= WIRE_IMAP_ID_VALUE_MOST) ||
	       wire_imap_fail(cursor, "A field of ID is too long");
}

static bool
add_pair(struct wire_imap_cursor *cursor, struct wire_imap_id_pair **pairs, size_t *count)
{
	if (*count == WIRE_IMAP_ID_MOST)
		return wire_imap_fail(cursor, "ID has too many fields");
	*pairs = wire_imap_room(cursor, *pairs, *count, sizeof **pairs);
	return *pairs && take_pair(cursor, &(*pairs)[(*count)++]);
}

static bool
take_pairs(struct wire_imap_cursor *cursor, struct wire_imap_id_pair **pairs, size_t *count)
{
	if (wire_imap_maybe(cursor, ')'))
		return true;
	do {
		if (!add_pair(cursor, pairs, count))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')');
}

bool
wire_imap_id_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_id_pair **pairs, size_t *count)
{
	*pairs = NULL;
	*count = 0;
	if (!wire_imap_space(cursor))
		return false;
	if (wire_imap_maybe_word(cursor, SLICE("NIL")))
		return wire_imap_end(cursor);
	return wire_imap_byte(cursor, '(') && take_pairs(cursor, pairs, count) &&
	       wire_imap_end(cursor);
}
