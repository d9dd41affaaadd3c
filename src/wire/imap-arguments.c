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
wire_imap_getquota_parse(struct wire_imap_cursor *cursor, struct slice *root)
{
	return wire_imap_space(cursor) && wire_imap_astring(cursor, root) &&
	       wire_imap_end(cursor);
}

/* "(STORAGE 512 MESSAGE 10)", or "()". */
static bool
take_limits(struct wire_imap_cursor *cursor)
{
	struct slice resource;
	uint64_t limit;
	if (!wire_imap_byte(cursor, '('))
		return false;
	if (wire_imap_maybe(cursor, ')'))
		return true;
	do {
		if (!wire_imap_atom(cursor, &resource) || !wire_imap_space(cursor) ||
			!wire_imap_number64(cursor, &limit))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')');
}

bool
wire_imap_setquota_parse(struct wire_imap_cursor *cursor, struct slice *root)
{
	return wire_imap_space(cursor) && wire_imap_astring(cursor, root) &&
	       wire_imap_space(cursor) && take_limits(cursor) && wire_imap_end(cursor);
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
wire_imap_language_parse(
	struct wire_imap_cursor *cursor, struct slice **texts, size_t *count)
{
	*texts = NULL;
	*count = 0;
	while (wire_imap_maybe(cursor, ' ')) {
		if (*count == WIRE_IMAP_ENABLE_MOST)
			return wire_imap_fail(cursor, "There are too many names");
		*texts = wire_imap_room(cursor, *texts, *count, sizeof **texts);
		if (!*texts || !wire_imap_astring(cursor, &(*texts)[(*count)++]))
			return false;
	}
	return wire_imap_end(cursor);
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
