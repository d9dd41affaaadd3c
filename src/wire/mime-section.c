#include "wire/mime-section.h"

/*
 * RFC 3501 6.4.5: a number counts the children of a multipart, in a message/rfc822 those of
 * the multipart that is its body. A body that is no multipart is its message's part 1.
 */
static const struct wire_mime_part *
numbered_child(const struct wire_mime_part *part, uint32_t number, bool is_top)
{
	if (part->kind == WIRE_MIME_MESSAGE && !is_top) {
		part = part->child;
		is_top = true;
	}
	if (part->kind != WIRE_MIME_MULTIPART)
		return number == 1 && is_top ? part : NULL;
	part = part->child;
	while (part && --number > 0)
		part = part->next;
	return part;
}

const struct wire_mime_part *
wire_section_part(const struct wire_mime_part *top, const uint32_t *path, size_t length)
{
	const struct wire_mime_part *part = top;
	bool is_top = true;
	for (size_t i = 0; part && i < length; i++) {
		if (path[i] == 0)
			return NULL;
		const struct wire_mime_part *child = numbered_child(part, path[i], is_top);
		/* Part 1 of a message that is no multipart has no parts of its own, unless
		   it is a message again. */
		is_top = false;
		part = child;
	}
	return part;
}

static void
set_range(struct wire_section_range *range, const struct wire_mime_part *part,
	uint64_t start, uint64_t end)
{
	*range = (struct wire_section_range){start, end, part};
}

/* HEADER and TEXT are a message's: the top's, or that of a message/rfc822 part. */
static bool
find_in_message(const struct wire_mime_part *top, const struct wire_imap_section *section,
	struct wire_section_range *range)
{
	const struct wire_mime_part *message = top;
	if (section->part_count > 0) {
		message = wire_section_part(top, section->part, section->part_count);
		if (!message || message->kind != WIRE_MIME_MESSAGE)
			return false;
		message = message->child;
	}
	if (section->text == WIRE_IMAP_SECTION_TEXT)
		set_range(range, message, message->body_start, message->body_end);
	else
		set_range(range, message, message->header_start, message->body_start);
	return true;
}

bool
wire_section_find(const struct wire_mime_part *top, const struct wire_imap_section *section,
	struct wire_section_range *range)
{
	const struct wire_mime_part *part;
	*range = (struct wire_section_range){0, 0, NULL};
	if (section->text != WIRE_IMAP_SECTION_WHOLE &&
		section->text != WIRE_IMAP_SECTION_MIME)
		return find_in_message(top, section, range);
	part = wire_section_part(top, section->part, section->part_count);
	if (!part)
		return false;
	if (section->text == WIRE_IMAP_SECTION_MIME)
		set_range(range, part, part->header_start, part->body_start);
	else if (section->part_count == 0)
		set_range(range, part, part->header_start, part->body_end);
	else
		set_range(range, part, part->body_start, part->body_end);
	return true;
}
