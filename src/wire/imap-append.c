#include "wire/imap-append.h"

/* An announcement that nothing follows yet. */
static bool
is_announcement(struct slice rest)
{
	size_t brace = slice_starts(rest, SLICE("~")) ? 1 : 0;
	return brace < rest.length && rest.data[brace] == '{' &&
	       slice_find_byte(rest, '\n') == rest.length && slice_ends(rest, SLICE("}"));
}

static struct wire_imap_append_part *
new_part(struct wire_imap_cursor *cursor, struct wire_imap_append_message *message)
{
	if (message->part_count == WIRE_IMAP_PARTS_MOST) {
		wire_imap_fail(cursor, "There are too many parts");
		return NULL;
	}
	message->parts = wire_imap_room(
		cursor, message->parts, message->part_count, sizeof *message->parts);
	if (!message->parts)
		return NULL;
	struct wire_imap_append_part *part = &message->parts[message->part_count++];
	*part = (struct wire_imap_append_part){.url = SLICE_NONE};
	return part;
}

/* A text's place. While gathering, the last one is only announced: that ends the reading.
 */
static bool
take_text(struct wire_imap_cursor *cursor, struct wire_imap_append *append,
	struct wire_imap_append_message *message)
{
	message->binary |= wire_imap_peek(cursor) == '~';
	if (is_announcement(cursor->rest)) {
		append->reached = true;
		return wire_imap_fail(cursor, "The text is missing");
	}
	struct wire_imap_append_part *part = new_part(cursor, message);
	return part && wire_imap_literal_apart(cursor, &part->size);
}

/* utf8-literal (RFC 9755 4), of a message or of a part. */
static bool
take_utf8(struct wire_imap_cursor *cursor, struct wire_imap_append *append,
	struct wire_imap_append_message *message)
{
	message->utf8 = true;
	return wire_imap_space(cursor) && wire_imap_byte(cursor, '(') &&
	       take_text(cursor, append, message) && wire_imap_byte(cursor, ')');
}

/* cat-part (RFC 4469 5, 9755 4). */
static bool
take_part(struct wire_imap_cursor *cursor, struct wire_imap_append *append,
	struct wire_imap_append_message *message)
{
	if (wire_imap_maybe_word(cursor, SLICE("TEXT")))
		return wire_imap_space(cursor) && take_text(cursor, append, message);
	if (wire_imap_maybe_word(cursor, SLICE("UTF8")))
		return take_utf8(cursor, append, message);
	if (!wire_imap_maybe_word(cursor, SLICE("URL")))
		return wire_imap_fail(cursor, "TEXT, UTF8 or URL was expected");
	struct wire_imap_append_part *part = new_part(cursor, message);
	return part && wire_imap_space(cursor) && wire_imap_astring(cursor, &part->url);
}

static bool
take_parts(struct wire_imap_cursor *cursor, struct wire_imap_append *append,
	struct wire_imap_append_message *message)
{
	message->catenates = true;
	if (!wire_imap_space(cursor) || !wire_imap_byte(cursor, '('))
		return false;
	do {
		if (!take_part(cursor, append, message))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')');
}

static bool
take_data(struct wire_imap_cursor *cursor, struct wire_imap_append *append,
	struct wire_imap_append_message *message)
{
	if (wire_imap_maybe_word(cursor, SLICE("CATENATE")))
		return take_parts(cursor, append, message);
	if (wire_imap_maybe_word(cursor, SLICE("UTF8")))
		return take_utf8(cursor, append, message);
	return take_text(cursor, append, message);
}

/* append-message (RFC 4466 2.5), from the space on. */
static bool
take_message(struct wire_imap_cursor *cursor, struct wire_imap_append *append)
{
	if (append->count == WIRE_IMAP_MESSAGES_MOST)
		return wire_imap_fail(cursor, "There are too many messages");
	append->messages = wire_imap_room(
		cursor, append->messages, append->count, sizeof *append->messages);
	if (!append->messages)
		return false;
	struct wire_imap_append_message *message = &append->messages[append->count++];
	*message = (struct wire_imap_append_message){0};
	if (!wire_imap_space(cursor))
		return false;
	if (wire_imap_peek(cursor) == '(' &&
		(!wire_imap_flag_list(cursor, &message->flags) || !wire_imap_space(cursor)))
		return false;
	message->has_date = wire_imap_peek(cursor) == '"';
	if (message->has_date &&
		(!wire_imap_date_time(cursor, &message->date) || !wire_imap_space(cursor)))
		return false;
	return take_data(cursor, append, message);
}

static bool
take_messages(struct wire_imap_cursor *cursor, struct wire_imap_append *append)
{
	if (!wire_imap_space(cursor) || !wire_imap_mailbox(cursor, &append->name))
		return false;
	do {
		if (!take_message(cursor, append))
			return false;
	} while (wire_imap_peek(cursor) == ' ');
	return true;
}

bool
wire_imap_append_parse(struct wire_imap_cursor *cursor, struct wire_imap_append *append)
{
	*append = (struct wire_imap_append){0};
	return take_messages(cursor, append) && wire_imap_end(cursor);
}

bool
wire_imap_replace_parse(struct wire_imap_cursor *cursor, struct wire_imap_append *append)
{
	*append = (struct wire_imap_append){0};
	if (!wire_imap_space(cursor) || !wire_imap_set_parse(cursor, &append->replaced))
		return false;
	const struct wire_imap_set *set = &append->replaced;
	if (set->saved || set->count != 1 || set->ranges[0].first != set->ranges[0].last)
		return wire_imap_fail(cursor, "REPLACE takes one message's number");
	return wire_imap_space(cursor) && wire_imap_mailbox(cursor, &append->name) &&
	       take_message(cursor, append) && wire_imap_end(cursor);
}

bool
wire_imap_append_reached(struct slice gathered, bool utf8, struct arena *scratch,
	struct wire_imap_append *append)
{
	struct wire_imap_cursor cursor = wire_imap_cursor_over(gathered, scratch);
	cursor.utf8 = utf8;
	struct slice word;
	*append = (struct wire_imap_append){0};
	if (!wire_imap_tag(&cursor, &word) || !wire_imap_word(&cursor, &word))
		return false;
	if (slice_equal_nocase(word, SLICE("UID")) &&
		(!wire_imap_space(&cursor) || !wire_imap_word(&cursor, &word)))
		return false;
	bool parsed = slice_equal_nocase(word, SLICE("APPEND"))
			      ? wire_imap_append_parse(&cursor, append)
			      : slice_equal_nocase(word, SLICE("REPLACE")) &&
					wire_imap_replace_parse(&cursor, append);
	return !parsed && append->reached;
}
