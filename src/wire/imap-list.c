#include "wire/imap-list.h"
#include "wire/imap-metadata.h"

struct option {
	struct slice name;
	enum wire_imap_list_option option;
};

static const struct option SELECTIONS[] = {
	{SLICE_INIT("SUBSCRIBED"), WIRE_IMAP_LIST_SUBSCRIBED},
	{SLICE_INIT("REMOTE"), WIRE_IMAP_LIST_REMOTE},
	{SLICE_INIT("RECURSIVEMATCH"), WIRE_IMAP_LIST_RECURSIVEMATCH},
	{SLICE_INIT("SPECIAL-USE"), WIRE_IMAP_LIST_SPECIAL_USE},
	{{NULL, 0}, 0},
};

static const struct option RETURNS[] = {
	{SLICE_INIT("SUBSCRIBED"), WIRE_IMAP_LIST_SUBSCRIBED},
	{SLICE_INIT("CHILDREN"), WIRE_IMAP_LIST_CHILDREN},
	{SLICE_INIT("SPECIAL-USE"), WIRE_IMAP_LIST_SPECIAL_USE},
	{SLICE_INIT("MYRIGHTS"), WIRE_IMAP_LIST_MYRIGHTS},
	{SLICE_INIT("STATUS"), WIRE_IMAP_LIST_STATUS},
	{SLICE_INIT("METADATA"), WIRE_IMAP_LIST_METADATA},
	{{NULL, 0}, 0},
};

static bool
take_option(struct wire_imap_cursor *cursor, const struct option *options,
	enum wire_imap_list_option *taken)
{
	for (; options->option; options++) {
		*taken = options->option;
		if (wire_imap_maybe_word(cursor, options->name))
			return true;
	}
	return wire_imap_fail(cursor, "There is no such option of LIST");
}

/* list-select-opts (RFC 5258 6): RECURSIVEMATCH needs something to match. */
static bool
take_selections(struct wire_imap_cursor *cursor, struct wire_imap_list *list)
{
	enum wire_imap_list_option taken = 0;
	list->extended = true;
	if (!wire_imap_byte(cursor, '('))
		return false;
	if (wire_imap_maybe(cursor, ')'))
		return true;
	do {
		if (!take_option(cursor, SELECTIONS, &taken))
			return false;
		list->select |= taken;
	} while (wire_imap_maybe(cursor, ' '));
	unsigned bases = WIRE_IMAP_LIST_SUBSCRIBED | WIRE_IMAP_LIST_SPECIAL_USE;
	if (list->select & WIRE_IMAP_LIST_RECURSIVEMATCH && !(list->select & bases))
		return wire_imap_fail(cursor, "RECURSIVEMATCH needs another option");
	return wire_imap_byte(cursor, ')');
}

static bool
take_pattern(struct wire_imap_cursor *cursor, struct wire_imap_list *list)
{
	if (list->pattern_count == WIRE_IMAP_PATTERNS_MOST)
		return wire_imap_fail(cursor, "There are too many patterns");
	list->patterns = wire_imap_room(
		cursor, list->patterns, list->pattern_count, sizeof *list->patterns);
	return list->patterns &&
	       wire_imap_list_mailbox(cursor, &list->patterns[list->pattern_count++]);
}

/* mbox-or-pat (RFC 5258 6). */
static bool
take_patterns(struct wire_imap_cursor *cursor, struct wire_imap_list *list)
{
	if (!wire_imap_maybe(cursor, '('))
		return take_pattern(cursor, list);
	list->extended = true;
	do {
		if (!take_pattern(cursor, list))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')');
}

/* RFC 9590 3: METADATA with its entries. */
static bool
take_entries(struct wire_imap_cursor *cursor, struct wire_imap_list *list)
{
	if (!wire_imap_byte(cursor, '('))
		return false;
	do {
		if (list->entry_count == WIRE_IMAP_ENTRIES_MOST)
			return wire_imap_fail(cursor, "There are too many entries");
		list->entries = wire_imap_room(
			cursor, list->entries, list->entry_count, sizeof *list->entries);
		if (!list->entries ||
			!wire_imap_entry(cursor, &list->entries[list->entry_count++]))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')');
}

static bool
take_return(struct wire_imap_cursor *cursor, struct wire_imap_list *list)
{
	enum wire_imap_list_option taken = 0;
	if (!take_option(cursor, RETURNS, &taken))
		return false;
	/* Said twice a word means what it means; two lists would not be one. */
	if (taken & (WIRE_IMAP_LIST_STATUS | WIRE_IMAP_LIST_METADATA) & list->returns)
		return wire_imap_fail(cursor, "STATUS and METADATA stand once each");
	list->returns |= taken;
	if (taken == WIRE_IMAP_LIST_STATUS)
		return wire_imap_space(cursor) &&
		       wire_imap_status_items(cursor, &list->status);
	if (taken == WIRE_IMAP_LIST_METADATA)
		return wire_imap_space(cursor) && take_entries(cursor, list);
	return true;
}

static bool
take_returns(struct wire_imap_cursor *cursor, struct wire_imap_list *list)
{
	list->extended = true;
	if (!wire_imap_maybe_word(cursor, SLICE("RETURN")))
		return wire_imap_fail(cursor, "RETURN was expected");
	if (!wire_imap_space(cursor) || !wire_imap_byte(cursor, '('))
		return false;
	if (wire_imap_maybe(cursor, ')'))
		return true;
	do {
		if (!take_return(cursor, list))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')');
}

bool
wire_imap_list_plain_parse(struct wire_imap_cursor *cursor, struct wire_imap_list *list)
{
	*list = (struct wire_imap_list){0};
	return wire_imap_space(cursor) && wire_imap_mailbox(cursor, &list->reference) &&
	       wire_imap_space(cursor) && take_pattern(cursor, list) &&
	       wire_imap_end(cursor);
}

bool
wire_imap_list_parse(struct wire_imap_cursor *cursor, struct wire_imap_list *list)
{
	*list = (struct wire_imap_list){0};
	if (!wire_imap_space(cursor))
		return false;
	if (wire_imap_peek(cursor) == '(' &&
		(!take_selections(cursor, list) || !wire_imap_space(cursor)))
		return false;
	if (!wire_imap_mailbox(cursor, &list->reference) || !wire_imap_space(cursor) ||
		!take_patterns(cursor, list))
		return false;
	if (wire_imap_maybe(cursor, ' ') && !take_returns(cursor, list))
		return false;
	return wire_imap_end(cursor);
}
