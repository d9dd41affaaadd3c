#include "wire/imap-arguments.h"

struct use_name {
	struct slice name;
	enum wire_imap_special_use use;
};

static const struct use_name USES[] = {
	{SLICE_INIT("\\All"), WIRE_IMAP_USE_ALL},
	{SLICE_INIT("\\Archive"), WIRE_IMAP_USE_ARCHIVE},
	{SLICE_INIT("\\Drafts"), WIRE_IMAP_USE_DRAFTS},
	{SLICE_INIT("\\Flagged"), WIRE_IMAP_USE_FLAGGED},
	{SLICE_INIT("\\Junk"), WIRE_IMAP_USE_JUNK},
	{SLICE_INIT("\\Sent"), WIRE_IMAP_USE_SENT},
	{SLICE_INIT("\\Trash"), WIRE_IMAP_USE_TRASH},
	{SLICE_INIT("\\Important"), WIRE_IMAP_USE_IMPORTANT},
};

#define USE_COUNT (sizeof USES / sizeof *USES)

struct slice
wire_imap_special_use_name(enum wire_imap_special_use use)
{
	for (size_t i = 0; i < USE_COUNT; i++)
		if (USES[i].use == use)
			return USES[i].name;
	return SLICE_NONE;
}

/* use-attr (RFC 6154 6): a backslash and an atom. */
static bool
take_use(struct wire_imap_cursor *cursor, struct wire_imap_create *create)
{
	struct slice unknown;
	for (size_t i = 0; i < USE_COUNT; i++) {
		if (wire_imap_maybe_word(cursor, USES[i].name)) {
			create->uses |= USES[i].use;
			return true;
		}
	}
	create->unknown_use = true;
	return wire_imap_byte(cursor, '\\') && wire_imap_atom(cursor, &unknown);
}

static bool
take_uses(struct wire_imap_cursor *cursor, struct wire_imap_create *create)
{
	if (!wire_imap_byte(cursor, '('))
		return false;
	if (wire_imap_maybe(cursor, ')'))
		return true;
	do {
		if (!take_use(cursor, create))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')');
}

/* create-param (RFC 6154 3, RFC 4466 2.2); USE is the only one known. */
static bool
take_parameters(struct wire_imap_cursor *cursor, struct wire_imap_create *create)
{
	if (!wire_imap_byte(cursor, '('))
		return false;
	if (!wire_imap_maybe_word(cursor, SLICE("USE")))
		return wire_imap_fail(cursor, "There is no such parameter of CREATE");
	return wire_imap_space(cursor) && take_uses(cursor, create) &&
	       wire_imap_byte(cursor, ')');
}

bool
wire_imap_create_parse(struct wire_imap_cursor *cursor, struct wire_imap_create *create)
{
	*create = (struct wire_imap_create){0};
	if (!wire_imap_space(cursor) || !wire_imap_mailbox(cursor, &create->name))
		return false;
	if (wire_imap_maybe(cursor, ' ') && !take_parameters(cursor, create))
		return false;
	return wire_imap_end(cursor);
}
