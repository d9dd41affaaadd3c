#include "wire/imap-fetch.h"
#include "wire/imap-response.h"

static const struct slice TEXT_NAMES[] = {
	[WIRE_IMAP_SECTION_WHOLE] = SLICE_INIT(""),
	[WIRE_IMAP_SECTION_HEADER] = SLICE_INIT("HEADER"),
	[WIRE_IMAP_SECTION_FIELDS] = SLICE_INIT("HEADER.FIELDS"),
	[WIRE_IMAP_SECTION_FIELDS_NOT] = SLICE_INIT("HEADER.FIELDS.NOT"),
	[WIRE_IMAP_SECTION_TEXT] = SLICE_INIT("TEXT"),
	[WIRE_IMAP_SECTION_MIME] = SLICE_INIT("MIME"),
};

#define TEXT_NAME_COUNT (sizeof TEXT_NAMES / sizeof *TEXT_NAMES)

static bool
has_fields(const struct wire_imap_section *section)
{
	return section->text == WIRE_IMAP_SECTION_FIELDS ||
	       section->text == WIRE_IMAP_SECTION_FIELDS_NOT;
}

static bool
take_field(struct wire_imap_cursor *cursor, struct wire_imap_section *section)
{
	if (section->field_count == WIRE_IMAP_FETCH_FIELDS_MOST)
		return wire_imap_fail(cursor, "There are too many header fields");
	section->fields = wire_imap_room(
		cursor, section->fields, section->field_count, sizeof *section->fields);
	return section->fields &&
	       wire_imap_astring(cursor, &section->fields[section->field_count++]);
}

/* RFC 3501 9: header-list. */
static bool
take_fields(struct wire_imap_cursor *cursor, struct wire_imap_section *section)
{
	if (!wire_imap_byte(cursor, '('))
		return false;
	do {
		if (!take_field(cursor, section))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')');
}

static bool
take_text(struct wire_imap_cursor *cursor, struct wire_imap_section *section)
{
	for (size_t i = WIRE_IMAP_SECTION_HEADER; i < TEXT_NAME_COUNT; i++) {
		if (!wire_imap_maybe_word(cursor, TEXT_NAMES[i]))
			continue;
		section->text = (enum wire_imap_section_text)i;
		if (section->text == WIRE_IMAP_SECTION_MIME && section->part_count == 0)
			return wire_imap_fail(cursor, "MIME needs a part's number");
		if (has_fields(section))
			return wire_imap_space(cursor) && take_fields(cursor, section);
		return true;
	}
	return wire_imap_fail(cursor, "There is no such section");
}

static bool
take_part_number(struct wire_imap_cursor *cursor, struct wire_imap_section *section)
{
	if (section->part_count == WIRE_IMAP_PART_DEPTH_MOST)
		return wire_imap_fail(cursor, "The part number is too deep");
	section->part = wire_imap_room(
		cursor, section->part, section->part_count, sizeof *section->part);
	return section->part &&
	       wire_imap_nz_number(cursor, &section->part[section->part_count++]);
}

/* "1.2.3" and the dot before a text, if there is one. */
static bool
take_part(struct wire_imap_cursor *cursor, struct wire_imap_section *section, bool *dot)
{
	do {
		if (!take_part_number(cursor, section))
			return false;
		*dot = wire_imap_maybe(cursor, '.');
	} while (*dot && byte_is_digit(wire_imap_peek(cursor)));
	return true;
}

bool
wire_imap_section_parse(struct wire_imap_cursor *cursor, struct wire_imap_section *section)
{
	*section = (struct wire_imap_section){0};
	if (wire_imap_peek(cursor) == ']')
		return true;
	bool more = true;
	if (byte_is_digit(wire_imap_peek(cursor)) && !take_part(cursor, section, &more))
		return false;
	return !more || take_text(cursor, section);
}

static void
put_fields(struct buffer *into, const struct wire_imap_section *section)
{
	buffer_put_text(into, " (");
	for (size_t i = 0; i < section->field_count; i++) {
		if (i > 0)
			buffer_put_byte(into, ' ');
		wire_imap_put_astring(into, section->fields[i], false);
	}
	buffer_put_byte(into, ')');
}

bool
wire_imap_section_put(struct buffer *into, const struct wire_imap_section *section)
{
	for (size_t i = 0; i < section->part_count; i++) {
		if (i > 0)
			buffer_put_byte(into, '.');
		buffer_put_number(into, section->part[i]);
	}
	if (section->part_count > 0 && section->text != WIRE_IMAP_SECTION_WHOLE)
		buffer_put_byte(into, '.');
	buffer_put(into, TEXT_NAMES[section->text]);
	if (has_fields(section))
		put_fields(into, section);
	return !buffer_failed(into);
}
