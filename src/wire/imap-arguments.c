#include "wire/imap-arguments.h"

bool
wire_imap_one_mailbox(struct wire_imap_cursor *cursor, struct slice *name)
{
	return wire_imap_space(cursor) && wire_imap_mailbox(cursor, name) &&
	       wire_imap_end(cursor);
}

bool
wire_imap_two_mailboxes(
	struct wire_imap_cursor *cursor, struct slice *from, struct slice *to)
{
	return wire_imap_space(cursor) && wire_imap_mailbox(cursor, from) &&
	       wire_imap_space(cursor) && wire_imap_mailbox(cursor, to) &&
	       wire_imap_end(cursor);
}

bool
wire_imap_list_parse(struct wire_imap_cursor *cursor, struct wire_imap_list *list)
{
	*list = (struct wire_imap_list){0};
	return wire_imap_space(cursor) && wire_imap_mailbox(cursor, &list->reference) &&
	       wire_imap_space(cursor) && wire_imap_list_mailbox(cursor, &list->pattern) &&
	       wire_imap_end(cursor);
}

bool
wire_imap_copy_parse(struct wire_imap_cursor *cursor, struct wire_imap_copy *copy)
{
	*copy = (struct wire_imap_copy){0};
	return wire_imap_space(cursor) && wire_imap_set_parse(cursor, &copy->set) &&
	       wire_imap_one_mailbox(cursor, &copy->name);
}

bool
wire_imap_one_set(struct wire_imap_cursor *cursor, struct wire_imap_set *set)
{
	return wire_imap_space(cursor) && wire_imap_set_parse(cursor, set) &&
	       wire_imap_end(cursor);
}

bool
wire_imap_login_parse(
	struct wire_imap_cursor *cursor, struct slice *user, struct slice *password)
{
	return wire_imap_space(cursor) && wire_imap_astring(cursor, user) &&
	       wire_imap_space(cursor) && wire_imap_astring(cursor, password) &&
	       wire_imap_end(cursor);
}

/* Base64 and "=" are of astring's characters (RFC 4959 3). */
bool
wire_imap_authenticate_parse(
	struct wire_imap_cursor *cursor, struct slice *mechanism, struct slice *initial)
{
	*initial = SLICE_NONE;
	if (!wire_imap_space(cursor) || !wire_imap_atom(cursor, mechanism))
		return false;
	if (wire_imap_maybe(cursor, ' ') && !wire_imap_astring(cursor, initial))
		return false;
	return wire_imap_end(cursor);
}

bool
wire_imap_compress_parse(struct wire_imap_cursor *cursor, struct slice *mechanism)
{
	return wire_imap_space(cursor) && wire_imap_atom(cursor, mechanism) &&
	       wire_imap_end(cursor);
}

static bool
add_name(struct wire_imap_cursor *cursor, struct slice **names, size_t *count)
{
	if (*count == WIRE_IMAP_ENABLE_MOST)
		return wire_imap_fail(cursor, "There are too many names");
	*names = wire_imap_room(cursor, *names, *count, sizeof **names);
	return *names && wire_imap_atom(cursor, &(*names)[(*count)++]);
}

bool
wire_imap_enable_parse(struct wire_imap_cursor *cursor, struct slice **names, size_t *count)
{
	*names = NULL;
	*count = 0;
	if (!wire_imap_space(cursor))
		return false;
	do {
		if (!add_name(cursor, names, count))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_end(cursor);
}

/* RFC 3501 9: status-att. */
static bool
take_status_item(struct wire_imap_cursor *cursor, unsigned *items)
{
	static const struct slice NAMES[] = {SLICE_INIT("MESSAGES"), SLICE_INIT("RECENT"),
		SLICE_INIT("UIDNEXT"), SLICE_INIT("UIDVALIDITY"), SLICE_INIT("UNSEEN")};
	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
		if (wire_imap_maybe_word(cursor, NAMES[i])) {
			*items |= 1U << i;
			return true;
		}
	}
	return wire_imap_fail(cursor, "There is no such status item");
}

bool
wire_imap_status_parse(struct wire_imap_cursor *cursor, struct wire_imap_status *status)
{
	*status = (struct wire_imap_status){0};
	if (!wire_imap_space(cursor) || !wire_imap_mailbox(cursor, &status->name) ||
		!wire_imap_space(cursor) || !wire_imap_byte(cursor, '('))
		return false;
	do {
		if (!take_status_item(cursor, &status->items))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')') && wire_imap_end(cursor);
}
