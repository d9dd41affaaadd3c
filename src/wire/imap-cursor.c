#include "wire/imap-cursor.h"

struct wire_imap_cursor
wire_imap_cursor_over(struct slice text, struct arena *arena)
{
	return (struct wire_imap_cursor){.rest = text, .arena = arena};
}

bool
wire_imap_fail(struct wire_imap_cursor *cursor, const char *error)
{
	if (!cursor->error)
		cursor->error = error;
	return false;
}

void *
wire_imap_take(struct wire_imap_cursor *cursor, size_t count, size_t size)
{
	size_t total;
	void *taken = NULL;
	if (!__builtin_mul_overflow(count, size, &total))
		taken = arena_try(cursor->arena, total);
	if (!taken)
		wire_imap_fail(cursor, "The command is too large");
	return taken;
}

#define FIRST_ROOM 8

/* An array has room for FIRST_ROOM times a power of two: full when count is that. */
void *
wire_imap_room(struct wire_imap_cursor *cursor, void *array, size_t count, size_t size)
{
	if (count == 0)
		return wire_imap_take(cursor, FIRST_ROOM, size);
	if (count < FIRST_ROOM || (count & (count - 1)) != 0)
		return array;
	char *moved = wire_imap_take(cursor, count * 2, size);
	return moved ? memcpy(moved, array, count * size) : NULL;
}

char
wire_imap_peek(const struct wire_imap_cursor *cursor)
{
	return cursor->rest.length > 0 ? cursor->rest.data[0] : 0;
}

bool
wire_imap_maybe(struct wire_imap_cursor *cursor, char byte)
{
	if (cursor->error || cursor->rest.length == 0 || cursor->rest.data[0] != byte)
		return false;
	cursor->rest = slice_from(cursor->rest, 1);
	return true;
}

static const char *
missing(char byte)
{
	switch (byte) {
	case ' ':
		return "A space is missing";
	case '(':
		return "A list in parentheses was expected";
	case ')':
		return "A closing parenthesis is missing";
	case ']':
		return "A closing bracket is missing";
	default:
		return "Unexpected character";
	}
}

bool
wire_imap_byte(struct wire_imap_cursor *cursor, char byte)
{
	return wire_imap_maybe(cursor, byte) || wire_imap_fail(cursor, missing(byte));
}

bool
wire_imap_space(struct wire_imap_cursor *cursor)
{
	if (cursor->rest.length == 0)
		return wire_imap_fail(cursor, "An argument is missing");
	return wire_imap_byte(cursor, ' ');
}

bool
wire_imap_end(struct wire_imap_cursor *cursor)
{
	while (wire_imap_maybe(cursor, ' '))
		continue;
	if (cursor->rest.length > 0)
		return wire_imap_fail(
			cursor, "There is something behind the last argument");
	return !cursor->error;
}

/* atom-specials of RFC 3501 9, but for "]", which astrings may hold. */
static bool
is_astring_char(char c)
{
	return c > ' ' && c < 0x7f && !strchr("(){%*\"\\", c);
}

static bool
is_atom_char(char c)
{
	return is_astring_char(c) && c != ']';
}

static bool
is_tag_char(char c)
{
	return is_astring_char(c) && c != '+';
}

static bool
is_list_char(char c)
{
	return is_astring_char(c) || c == '%' || c == '*';
}

static bool
is_digit_char(char c)
{
	return byte_is_digit(c);
}

/* The longest run of such bytes; error when there is none. */
static bool
take_run(struct wire_imap_cursor *cursor, bool (*fits)(char), const char *error,
	struct slice *run)
{
	size_t length = 0;
	*run = SLICE_NONE;
	while (length < cursor->rest.length && fits(cursor->rest.data[length]))
		length++;
	if (length == 0 || cursor->error)
		return wire_imap_fail(cursor, error);
	*run = slice_first(cursor->rest, length);
	cursor->rest = slice_from(cursor->rest, length);
	return true;
}

bool
wire_imap_tag(struct wire_imap_cursor *cursor, struct slice *tag)
{
	if (!take_run(cursor, is_tag_char, "The tag is missing", tag))
		return false;
	if (tag->length > WIRE_IMAP_TAG_MOST)
		return wire_imap_fail(cursor, "The tag is too long");
	if (cursor->rest.length == 0)
		return wire_imap_fail(cursor, "The command is missing");
	return wire_imap_space(cursor);
}

bool
wire_imap_word(struct wire_imap_cursor *cursor, struct slice *word)
{
	return take_run(cursor, is_atom_char, "A command was expected", word);
}

bool
wire_imap_atom(struct wire_imap_cursor *cursor, struct slice *atom)
{
	return take_run(cursor, is_atom_char, "A word was expected", atom);
}

bool
wire_imap_maybe_word(struct wire_imap_cursor *cursor, struct slice word)
{
	if (cursor->error || !slice_starts_nocase(cursor->rest, word))
		return false;
	struct slice behind = slice_from(cursor->rest, word.length);
	if (behind.length > 0 && is_atom_char(behind.data[0]))
		return false;
	cursor->rest = behind;
	return true;
}

bool
wire_imap_astring(struct wire_imap_cursor *cursor, struct slice *text)
{
	char next = wire_imap_peek(cursor);
	if (next == '"' || next == '{')
		return wire_imap_string(cursor, text);
	return take_run(cursor, is_astring_char, "A string was expected", text);
}

bool
wire_imap_list_string(struct wire_imap_cursor *cursor, struct slice *text)
{
	char next = wire_imap_peek(cursor);
	if (next == '"' || next == '{')
		return wire_imap_string(cursor, text);
	return take_run(cursor, is_list_char, "A mailbox pattern was expected", text);
}

bool
wire_imap_number64(struct wire_imap_cursor *cursor, uint64_t *number)
{
	struct slice digits;
	*number = 0;
	if (!take_run(cursor, is_digit_char, "A number was expected", &digits))
		return false;
	return (slice_to_u64(digits, number) && *number <= INT64_MAX) ||
	       wire_imap_fail(cursor, "The number is too large");
}

bool
wire_imap_number(struct wire_imap_cursor *cursor, uint32_t *number)
{
	uint64_t wide;
	*number = 0;
	if (!wire_imap_number64(cursor, &wide))
		return false;
	if (wide > UINT32_MAX)
		return wire_imap_fail(cursor, "The number is too large");
	*number = (uint32_t)wide;
	return true;
}

bool
wire_imap_nz_number(struct wire_imap_cursor *cursor, uint32_t *number)
{
	if (!wire_imap_number(cursor, number))
		return false;
	return *number > 0 || wire_imap_fail(cursor, "0 is no number here");
}
