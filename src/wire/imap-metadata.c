#include "wire/imap-metadata.h"
#include "wire/imap-response.h"

static const struct slice SCOPES[] = {SLICE_INIT("/private"), SLICE_INIT("/shared")};

/* RFC 5464 3.2. */
static bool
is_entry_byte(char c)
{
	return (unsigned char)c >= ' ' && (unsigned char)c < 0x7f && c != '*' && c != '%';
}

static bool
is_below(struct slice name, struct slice above)
{
	return name.length > above.length && slice_starts_nocase(name, above) &&
	       name.data[above.length] == '/';
}

static bool
has_scope(struct slice name)
{
	for (size_t i = 0; i < sizeof SCOPES / sizeof *SCOPES; i++)
		if (slice_equal_nocase(name, SCOPES[i]) || is_below(name, SCOPES[i]))
			return true;
	return false;
}

/* Its parts are counted; 0 when one is empty. */
static size_t
count_parts(struct slice name)
{
	size_t count = 0;
	struct slice rest = slice_from(name, 1);
	while (!slice_absent(rest)) {
		if (slice_empty(slice_cut(&rest, '/')))
			return 0;
		count++;
	}
	return count;
}

bool
wire_imap_entry(struct wire_imap_cursor *cursor, struct slice *name)
{
	if (!wire_imap_astring(cursor, name))
		return false;
	if (name->length > WIRE_IMAP_ENTRY_MOST)
		return wire_imap_fail(cursor, "The entry's name is too long");
	for (size_t i = 0; i < name->length; i++)
		if (!is_entry_byte(name->data[i]))
			return wire_imap_fail(cursor, "An entry's name has no such byte");
	if (!has_scope(*name))
		return wire_imap_fail(
			cursor, "An entry's name begins with /private or /shared");
	return count_parts(*name) || wire_imap_fail(cursor, "A part of the name is empty");
}

/* RFC 5464 3.2: two parts at least, under a vendor four. */
static bool
is_settable(struct slice name)
{
	size_t parts = count_parts(name);
	size_t slash = 1 + slice_find_byte(slice_from(name, 1), '/');
	struct slice behind = slice_from(name, slash);
	bool of_vendor = slice_equal_nocase(behind, SLICE("/vendor")) ||
			 is_below(behind, SLICE("/vendor"));
	return parts >= (of_vendor ? 4 : 2);
}

/* --- GETMETADATA -----------------------------------------------------------------------
 */

static bool
take_depth(struct wire_imap_cursor *cursor, struct wire_imap_getmetadata *wanted)
{
	static const struct slice names[] = {
		SLICE_INIT("0"), SLICE_INIT("1"), SLICE_INIT("infinity")};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (wire_imap_maybe_word(cursor, names[i])) {
			wanted->depth = (enum wire_imap_depth)i;
			return true;
		}
	return wire_imap_fail(cursor, "DEPTH is 0, 1 or infinity");
}

static bool
take_option(struct wire_imap_cursor *cursor, struct wire_imap_getmetadata *wanted)
{
	if (!wanted->has_most && wire_imap_maybe_word(cursor, SLICE("MAXSIZE"))) {
		wanted->has_most = true;
		return wire_imap_space(cursor) && wire_imap_number(cursor, &wanted->most);
	}
	if (!wanted->has_depth && wire_imap_maybe_word(cursor, SLICE("DEPTH"))) {
		wanted->has_depth = true;
		return wire_imap_space(cursor) && take_depth(cursor, wanted);
	}
	return wire_imap_fail(cursor, "MAXSIZE or DEPTH was expected, each once");
}

static bool
are_options_next(const struct wire_imap_cursor *cursor)
{
	struct slice rest = cursor->rest;
	return rest.length > 1 && rest.data[0] == '(' && byte_is_alpha(rest.data[1]);
}

/* With the space behind them. */
static bool
take_options(struct wire_imap_cursor *cursor, struct wire_imap_getmetadata *wanted)
{
	if (!are_options_next(cursor))
		return true;
	if (!wire_imap_byte(cursor, '('))
		return false;
	do {
		if (!take_option(cursor, wanted))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')') && wire_imap_space(cursor);
}

/* The examples have a list without parentheses too. */
static bool
take_entries(struct wire_imap_cursor *cursor, struct wire_imap_getmetadata *wanted)
{
	bool in_list = wire_imap_maybe(cursor, '(');
	do {
		if (wanted->count == WIRE_IMAP_METADATA_MOST)
			return wire_imap_fail(cursor, "There are too many entries");
		wanted->entries = wire_imap_room(
			cursor, wanted->entries, wanted->count, sizeof *wanted->entries);
		if (!wanted->entries ||
			!wire_imap_entry(cursor, &wanted->entries[wanted->count++]))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return !in_list || wire_imap_byte(cursor, ')');
}

bool
wire_imap_getmetadata_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_getmetadata *wanted)
{
	*wanted = (struct wire_imap_getmetadata){0};
	return wire_imap_space(cursor) && take_options(cursor, wanted) &&
	       wire_imap_mailbox(cursor, &wanted->mailbox) && wire_imap_space(cursor) &&
	       take_options(cursor, wanted) && take_entries(cursor, wanted) &&
	       wire_imap_end(cursor);
}

bool
wire_imap_entry_matches(struct slice entry, struct slice wanted, enum wire_imap_depth depth)
{
	if (slice_equal_nocase(entry, wanted))
		return true;
	if (depth == WIRE_IMAP_DEPTH_0 || !is_below(entry, wanted))
		return false;
	struct slice below = slice_from(entry, wanted.length + 1);
	return depth == WIRE_IMAP_DEPTH_INFINITY ||
	       slice_find_byte(below, '/') == below.length;
}

/* --- SETMETADATA -----------------------------------------------------------------------
 */

static bool
take_entry_value(struct wire_imap_cursor *cursor, struct wire_imap_entry_value *taken)
{
	if (!wire_imap_entry(cursor, &taken->name))
		return false;
	if (!is_settable(taken->name))
		return wire_imap_fail(cursor, "The entry's name has too few parts");
	if (!wire_imap_space(cursor))
		return false;
	return wire_imap_peek(cursor) == '~' ? wire_imap_literal8(cursor, &taken->value)
					     : wire_imap_nstring(cursor, &taken->value);
}

static bool
is_named_before(const struct wire_imap_setmetadata *wanted, struct slice name)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (slice_equal_nocase(wanted->entries[i].name, name))
			return true;
	return false;
}

static bool
take_values(struct wire_imap_cursor *cursor, struct wire_imap_setmetadata *wanted)
{
	do {
		struct wire_imap_entry_value taken;
		if (wanted->count == WIRE_IMAP_METADATA_MOST)
			return wire_imap_fail(cursor, "There are too many entries");
		wanted->entries = wire_imap_room(
			cursor, wanted->entries, wanted->count, sizeof *wanted->entries);
		if (!wanted->entries || !take_entry_value(cursor, &taken))
			return false;
		if (is_named_before(wanted, taken.name))
			return wire_imap_fail(cursor, "An entry is named twice");
		wanted->entries[wanted->count++] = taken;
	} while (wire_imap_maybe(cursor, ' '));
	return true;
}

bool
wire_imap_setmetadata_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_setmetadata *wanted)
{
	*wanted = (struct wire_imap_setmetadata){0};
	return wire_imap_space(cursor) && wire_imap_mailbox(cursor, &wanted->mailbox) &&
	       wire_imap_space(cursor) && wire_imap_byte(cursor, '(') &&
	       take_values(cursor, wanted) && wire_imap_byte(cursor, ')') &&
	       wire_imap_end(cursor);
}

bool
wire_imap_setmetadata_reached(struct slice text)
{
	struct slice tag;
	struct wire_imap_cursor cursor = wire_imap_cursor_over(text, NULL);
	return wire_imap_tag(&cursor, &tag) &&
	       wire_imap_maybe_word(&cursor, SLICE("SETMETADATA"));
}

bool
wire_imap_put_value(struct buffer *into, struct slice value, bool utf8)
{
	if (slice_absent(value) || slice_find_byte(value, '\0') == value.length)
		return wire_imap_put_nstring(into, value, utf8);
	buffer_put_byte(into, '~');
	wire_imap_put_literal_head(into, value.length);
	return buffer_put(into, value);
}
