#include "wire/imap-arguments.h"

/* Everything up to the literal: mailbox, flags, date (RFC 3501 9: append). */
static bool
take_head(struct wire_imap_cursor *cursor, struct wire_imap_append *append)
{
	*append = (struct wire_imap_append){0};
	if (!wire_imap_space(cursor) || !wire_imap_mailbox(cursor, &append->name) ||
		!wire_imap_space(cursor))
		return false;
	if (wire_imap_peek(cursor) == '(' &&
		(!wire_imap_flag_list(cursor, &append->flags) || !wire_imap_space(cursor)))
		return false;
	append->has_date = wire_imap_peek(cursor) == '"';
	return !append->has_date ||
	       (wire_imap_date_time(cursor, &append->date) && wire_imap_space(cursor));
}

/* An announcement that nothing follows yet. */
static bool
is_announcement(struct slice rest)
{
	size_t brace = slice_starts(rest, SLICE("~")) ? 1 : 0;
	return brace < rest.length && rest.data[brace] == '{' &&
	       slice_find_byte(rest, '\n') == rest.length && slice_ends(rest, SLICE("}"));
}

bool
wire_imap_append_reached(struct slice gathered, struct arena *scratch)
{
	struct wire_imap_cursor cursor = wire_imap_cursor_over(gathered, scratch);
	struct wire_imap_append append;
	struct slice part;
	return wire_imap_tag(&cursor, &part) && wire_imap_word(&cursor, &part) &&
	       slice_equal_nocase(part, SLICE("APPEND")) && take_head(&cursor, &append) &&
	       is_announcement(cursor.rest);
}

bool
wire_imap_append_parse(struct wire_imap_cursor *cursor, struct wire_imap_append *append)
{
	return take_head(cursor, append) &&
	       wire_imap_literal_apart(cursor, &append->size) && wire_imap_end(cursor);
}
