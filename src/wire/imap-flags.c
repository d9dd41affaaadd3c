#include "wire/imap-flags.h"

struct flag_name {
	struct slice name;
	enum wire_imap_system_flag flag;
};

static const struct flag_name SYSTEM_FLAGS[] = {
	{SLICE_INIT("\\Seen"), WIRE_IMAP_SEEN},
	{SLICE_INIT("\\Answered"), WIRE_IMAP_ANSWERED},
	{SLICE_INIT("\\Flagged"), WIRE_IMAP_FLAGGED},
	{SLICE_INIT("\\Deleted"), WIRE_IMAP_DELETED},
	{SLICE_INIT("\\Draft"), WIRE_IMAP_DRAFT},
};

#define SYSTEM_FLAG_COUNT (sizeof SYSTEM_FLAGS / sizeof *SYSTEM_FLAGS)

struct slice
wire_imap_system_flag_name(enum wire_imap_system_flag flag)
{
	for (size_t i = 0; i < SYSTEM_FLAG_COUNT; i++)
		if (SYSTEM_FLAGS[i].flag == flag)
			return SYSTEM_FLAGS[i].name;
	return SLICE_NONE;
}

static bool
take_system_flag(struct wire_imap_cursor *cursor, struct wire_imap_flags *flags)
{
	for (size_t i = 0; i < SYSTEM_FLAG_COUNT; i++) {
		if (wire_imap_maybe_word(cursor, SYSTEM_FLAGS[i].name)) {
			flags->system |= SYSTEM_FLAGS[i].flag;
			return true;
		}
	}
	if (wire_imap_maybe_word(cursor, SLICE("\\Recent")))
		return wire_imap_fail(cursor, "\\Recent can't be set");
	return wire_imap_fail(cursor, "There is no such flag");
}

static bool
has_keyword(const struct wire_imap_flags *flags, struct slice keyword)
{
	for (size_t i = 0; i < flags->keyword_count; i++)
		if (slice_equal_nocase(flags->keywords[i], keyword))
			return true;
	return false;
}

static bool
add_keyword(struct wire_imap_cursor *cursor, struct wire_imap_flags *flags,
	struct slice keyword)
{
	if (has_keyword(flags, keyword))
		return true;
	if (keyword.length > WIRE_IMAP_KEYWORD_SIZE_MOST)
		return wire_imap_fail(cursor, "A keyword is too long");
	if (flags->keyword_count == WIRE_IMAP_KEYWORDS_MOST)
		return wire_imap_fail(cursor, "There are too many keywords");
	flags->keywords = wire_imap_room(
		cursor, flags->keywords, flags->keyword_count, sizeof *flags->keywords);
	if (!flags->keywords)
		return false;
	flags->keywords[flags->keyword_count++] = keyword;
	return true;
}

static bool
take_flag(struct wire_imap_cursor *cursor, struct wire_imap_flags *flags)
{
	struct slice keyword;
	if (wire_imap_peek(cursor) == '\\')
		return take_system_flag(cursor, flags);
	return wire_imap_atom(cursor, &keyword) && add_keyword(cursor, flags, keyword);
}

static bool
take_flags(struct wire_imap_cursor *cursor, struct wire_imap_flags *flags)
{
	do {
		if (!take_flag(cursor, flags))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return true;
}

bool
wire_imap_flag_list(struct wire_imap_cursor *cursor, struct wire_imap_flags *flags)
{
	*flags = (struct wire_imap_flags){0};
	if (!wire_imap_byte(cursor, '('))
		return false;
	if (wire_imap_maybe(cursor, ')'))
		return true;
	return take_flags(cursor, flags) && wire_imap_byte(cursor, ')');
}

bool
wire_imap_store_flags(struct wire_imap_cursor *cursor, struct wire_imap_flags *flags)
{
	*flags = (struct wire_imap_flags){0};
	if (wire_imap_peek(cursor) == '(')
		return wire_imap_flag_list(cursor, flags);
	return take_flags(cursor, flags);
}
