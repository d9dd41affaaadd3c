#include "wire/imap-fetch.h"
#include "wire/imap-select.h"

/* Names of items without arguments (RFC 3501 9: fetch-att). */
static const struct slice NAMES[] = {
	[WIRE_IMAP_FETCH_FLAGS] = SLICE_INIT("FLAGS"),
	[WIRE_IMAP_FETCH_UID] = SLICE_INIT("UID"),
	[WIRE_IMAP_FETCH_INTERNALDATE] = SLICE_INIT("INTERNALDATE"),
	[WIRE_IMAP_FETCH_ENVELOPE] = SLICE_INIT("ENVELOPE"),
	[WIRE_IMAP_FETCH_BODYSTRUCTURE] = SLICE_INIT("BODYSTRUCTURE"),
	[WIRE_IMAP_FETCH_BODY] = SLICE_INIT("BODY"),
	[WIRE_IMAP_FETCH_RFC822] = SLICE_INIT("RFC822"),
	[WIRE_IMAP_FETCH_RFC822_HEADER] = SLICE_INIT("RFC822.HEADER"),
	[WIRE_IMAP_FETCH_RFC822_SIZE] = SLICE_INIT("RFC822.SIZE"),
	[WIRE_IMAP_FETCH_RFC822_TEXT] = SLICE_INIT("RFC822.TEXT"),
	[WIRE_IMAP_FETCH_MODSEQ] = SLICE_INIT("MODSEQ"),
	[WIRE_IMAP_FETCH_EMAILID] = SLICE_INIT("EMAILID"),
	[WIRE_IMAP_FETCH_THREADID] = SLICE_INIT("THREADID"),
	[WIRE_IMAP_FETCH_SAVEDATE] = SLICE_INIT("SAVEDATE"),
	[WIRE_IMAP_FETCH_PREVIEW] = SLICE_INIT("PREVIEW"),
};

#define NAME_COUNT (sizeof NAMES / sizeof *NAMES)

/* RFC 3501 6.4.5: each macro adds to the one before it. */
static const enum wire_imap_fetch_kind MACRO_ITEMS[] = {WIRE_IMAP_FETCH_FLAGS,
	WIRE_IMAP_FETCH_INTERNALDATE, WIRE_IMAP_FETCH_RFC822_SIZE, WIRE_IMAP_FETCH_ENVELOPE,
	WIRE_IMAP_FETCH_BODY};

#define FAST_COUNT 3
#define ALL_COUNT  4
#define FULL_COUNT 5

static size_t
take_macro(struct wire_imap_cursor *cursor)
{
	if (wire_imap_maybe_word(cursor, SLICE("FAST")))
		return FAST_COUNT;
	if (wire_imap_maybe_word(cursor, SLICE("ALL")))
		return ALL_COUNT;
	if (wire_imap_maybe_word(cursor, SLICE("FULL")))
		return FULL_COUNT;
	return 0;
}

/* "<0.1024>"; "<15>", which the grammar does not have but programs write: to the end. */
static bool
take_partial(struct wire_imap_cursor *cursor, struct wire_imap_fetch_item *item)
{
	item->partial = wire_imap_maybe(cursor, '<');
	if (!item->partial)
		return true;
	item->length = INT64_MAX;
	/* RFC 9051 9: 63 bits. */
	if (!wire_imap_number64(cursor, &item->offset))
		return false;
	if (wire_imap_maybe(cursor, '>'))
		return true;
	return wire_imap_byte(cursor, '.') && wire_imap_number64(cursor, &item->length) &&
	       (item->length || wire_imap_fail(cursor, "0 is no number here")) &&
	       wire_imap_byte(cursor, '>');
}

static bool
take_section(struct wire_imap_cursor *cursor, struct wire_imap_fetch_item *item)
{
	item->kind = WIRE_IMAP_FETCH_SECTION;
	return wire_imap_section_parse(cursor, &item->section) &&
	       wire_imap_byte(cursor, ']') && take_partial(cursor, item);
}

/* RFC 3516 4.2 has a part's number or nothing between the brackets; more is borne. */
static bool
take_binary(struct wire_imap_cursor *cursor, struct wire_imap_fetch_item *item,
	enum wire_imap_fetch_kind kind)
{
	item->kind = kind;
	if (!wire_imap_section_parse(cursor, &item->section) ||
		!wire_imap_byte(cursor, ']'))
		return false;
	return kind == WIRE_IMAP_FETCH_BINARY_SIZE || take_partial(cursor, item);
}

/* RFC 8970 3.1: "PREVIEW", "PREVIEW (LAZY)". */
static bool
take_lazy(struct wire_imap_cursor *cursor)
{
	struct wire_imap_cursor ahead = *cursor;
	if (!wire_imap_maybe(&ahead, ' ') || !wire_imap_maybe(&ahead, '(') ||
		!wire_imap_maybe_word(&ahead, SLICE("LAZY")))
		return true;
	*cursor = ahead;
	return wire_imap_byte(cursor, ')');
}

static bool
maybe_prefix(struct wire_imap_cursor *cursor, struct slice prefix)
{
	if (!slice_starts_nocase(cursor->rest, prefix))
		return false;
	cursor->rest = slice_from(cursor->rest, prefix.length);
	return true;
}

static bool
take_item(struct wire_imap_cursor *cursor, struct wire_imap_fetch_item *item)
{
	*item = (struct wire_imap_fetch_item){0};
	item->peek = maybe_prefix(cursor, SLICE("BODY.PEEK["));
	if (item->peek || maybe_prefix(cursor, SLICE("BODY[")))
		return take_section(cursor, item);
	if (maybe_prefix(cursor, SLICE("BINARY.SIZE[")))
		return take_binary(cursor, item, WIRE_IMAP_FETCH_BINARY_SIZE);
	item->peek = maybe_prefix(cursor, SLICE("BINARY.PEEK["));
	if (item->peek || maybe_prefix(cursor, SLICE("BINARY[")))
		return take_binary(cursor, item, WIRE_IMAP_FETCH_BINARY);
	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (wire_imap_maybe_word(cursor, NAMES[i])) {
			item->kind = (enum wire_imap_fetch_kind)i;
			return item->kind != WIRE_IMAP_FETCH_PREVIEW || take_lazy(cursor);
		}
	}
	return wire_imap_fail(cursor, "There is no such data item to fetch");
}

static bool
add_item(struct wire_imap_cursor *cursor, struct wire_imap_fetch *fetch)
{
	if (fetch->count == WIRE_IMAP_FETCH_ITEMS_MOST)
		return wire_imap_fail(cursor, "There are too many items to fetch");
	fetch->items =
		wire_imap_room(cursor, fetch->items, fetch->count, sizeof *fetch->items);
	return fetch->items && take_item(cursor, &fetch->items[fetch->count++]);
}

static bool
take_items(struct wire_imap_cursor *cursor, struct wire_imap_fetch *fetch)
{
	do {
		if (!add_item(cursor, fetch))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')');
}

static bool
expand_macro(struct wire_imap_cursor *cursor, size_t count, struct wire_imap_fetch *fetch)
{
	fetch->items = wire_imap_take(cursor, count, sizeof *fetch->items);
	if (!fetch->items)
		return false;
	fetch->count = count;
	for (size_t i = 0; i < count; i++)
		fetch->items[i].kind = MACRO_ITEMS[i];
	return true;
}

static bool
take_what(struct wire_imap_cursor *cursor, struct wire_imap_fetch *fetch)
{
	size_t macro = take_macro(cursor);
	if (macro > 0)
		return expand_macro(cursor, macro, fetch);
	if (wire_imap_maybe(cursor, '('))
		return take_items(cursor, fetch);
	return add_item(cursor, fetch);
}

static bool
take_modifier(struct wire_imap_cursor *cursor, struct wire_imap_fetch *fetch)
{
	if (!fetch->changed_since && wire_imap_maybe_word(cursor, SLICE("CHANGEDSINCE"))) {
		fetch->changed_since = true;
		return wire_imap_space(cursor) && wire_imap_modseq(cursor, &fetch->since);
	}
	if (!fetch->vanished && wire_imap_maybe_word(cursor, SLICE("VANISHED"))) {
		fetch->vanished = true;
		return true;
	}
	if (!fetch->partial && wire_imap_maybe_word(cursor, SLICE("PARTIAL"))) {
		fetch->partial = true;
		return wire_imap_space(cursor) &&
		       wire_imap_partial_parse(cursor, &fetch->window);
	}
	return wire_imap_fail(cursor, "There is no such modifier of FETCH");
}

/* RFC 4466 2.4: " (CHANGEDSINCE 12 VANISHED)", or nothing. */
static bool
take_modifiers(struct wire_imap_cursor *cursor, struct wire_imap_fetch *fetch)
{
	if (!wire_imap_maybe(cursor, ' ') || cursor->rest.length == 0)
		return true;
	if (!wire_imap_byte(cursor, '('))
		return false;
	do {
		if (!take_modifier(cursor, fetch))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	if (fetch->vanished && !fetch->changed_since)
		return wire_imap_fail(cursor, "VANISHED needs CHANGEDSINCE");
	return wire_imap_byte(cursor, ')');
}

bool
wire_imap_fetch_parse(struct wire_imap_cursor *cursor, struct wire_imap_fetch *fetch)
{
	*fetch = (struct wire_imap_fetch){0};
	return wire_imap_space(cursor) && wire_imap_set_parse(cursor, &fetch->set) &&
	       wire_imap_space(cursor) && take_what(cursor, fetch) &&
	       take_modifiers(cursor, fetch) && wire_imap_end(cursor);
}

bool
wire_imap_fetch_items_parse(struct wire_imap_cursor *cursor, struct wire_imap_fetch *fetch)
{
	*fetch = (struct wire_imap_fetch){0};
	return wire_imap_byte(cursor, '(') && take_items(cursor, fetch);
}

static void
copy_section(struct arena *arena, struct wire_imap_section *section)
{
	uint32_t *part = ARENA_MANY(arena, uint32_t, section->part_count);
	struct slice *fields = ARENA_MANY(arena, struct slice, section->field_count);
	if (section->part_count)
		memcpy(part, section->part, section->part_count * sizeof *part);
	for (size_t i = 0; i < section->field_count; i++)
		fields[i] = arena_copy(arena, section->fields[i]);
	section->part = part;
	section->fields = fields;
}

struct wire_imap_fetch_item *
wire_imap_fetch_items_copy(
	struct arena *arena, const struct wire_imap_fetch_item *items, size_t count)
{
	struct wire_imap_fetch_item *copy =
		ARENA_MANY(arena, struct wire_imap_fetch_item, count);
	for (size_t i = 0; i < count; i++) {
		copy[i] = items[i];
		copy_section(arena, &copy[i].section);
	}
	return copy;
}

bool
wire_imap_fetch_item_marks_seen(const struct wire_imap_fetch_item *item)
{
	switch (item->kind) {
	case WIRE_IMAP_FETCH_RFC822:
	case WIRE_IMAP_FETCH_RFC822_TEXT:
		return true;
	case WIRE_IMAP_FETCH_SECTION:
	case WIRE_IMAP_FETCH_BINARY:
		return !item->peek;
	default:
		return false;
	}
}

bool
wire_imap_fetch_item_put(struct buffer *into, const struct wire_imap_fetch_item *item)
{
	if (item->kind < WIRE_IMAP_FETCH_BINARY_SIZE)
		return buffer_put(into, NAMES[item->kind]);
	buffer_put_text(into, item->kind == WIRE_IMAP_FETCH_SECTION  ? "BODY["
			      : item->kind == WIRE_IMAP_FETCH_BINARY ? "BINARY["
								     : "BINARY.SIZE[");
	wire_imap_section_put(into, &item->section);
	buffer_put_byte(into, ']');
	return !item->partial ||
	       buffer_printf(into, "<%llu>", (unsigned long long)item->offset);
}
