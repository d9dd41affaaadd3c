#include "wire/imap-list.h"

/* The longer of two that begin alike stands first. */
static const struct {
	struct slice name;
	enum wire_imap_status_item item;
} ITEMS[] = {
	{SLICE_INIT("MESSAGES"), WIRE_IMAP_STATUS_MESSAGES},
	{SLICE_INIT("RECENT"), WIRE_IMAP_STATUS_RECENT},
	{SLICE_INIT("UIDNEXT"), WIRE_IMAP_STATUS_UIDNEXT},
	{SLICE_INIT("UIDVALIDITY"), WIRE_IMAP_STATUS_UIDVALIDITY},
	{SLICE_INIT("UNSEEN"), WIRE_IMAP_STATUS_UNSEEN},
	{SLICE_INIT("HIGHESTMODSEQ"), WIRE_IMAP_STATUS_HIGHESTMODSEQ},
	{SLICE_INIT("SIZE"), WIRE_IMAP_STATUS_SIZE},
	{SLICE_INIT("DELETED-STORAGE"), WIRE_IMAP_STATUS_DELETED_STORAGE},
	{SLICE_INIT("DELETED"), WIRE_IMAP_STATUS_DELETED},
	{SLICE_INIT("MAILBOXID"), WIRE_IMAP_STATUS_MAILBOXID},
	{SLICE_INIT("APPENDLIMIT"), WIRE_IMAP_STATUS_APPENDLIMIT},
};

static bool
take_item(struct wire_imap_cursor *cursor, unsigned *items)
{
	for (size_t i = 0; i < sizeof ITEMS / sizeof *ITEMS; i++) {
		if (wire_imap_maybe_word(cursor, ITEMS[i].name)) {
			*items |= ITEMS[i].item;
			return true;
		}
	}
	return wire_imap_fail(cursor, "There is no such status item");
}

bool
wire_imap_status_items(struct wire_imap_cursor *cursor, unsigned *items)
{
	*items = 0;
	if (!wire_imap_byte(cursor, '('))
		return false;
	do {
		if (!take_item(cursor, items))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')');
}

bool
wire_imap_status_parse(struct wire_imap_cursor *cursor, struct wire_imap_status *status)
{
	*status = (struct wire_imap_status){0};
	return wire_imap_space(cursor) && wire_imap_mailbox(cursor, &status->name) &&
	       wire_imap_space(cursor) && wire_imap_status_items(cursor, &status->items) &&
	       wire_imap_end(cursor);
}
