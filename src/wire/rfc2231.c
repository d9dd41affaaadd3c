#include "wire/rfc2231.h"
#include "wire/charset.h"
#include "wire/header-lex.h"

/* A parameter as it is written; several may make one (RFC 2231 3). */
struct piece {
	struct slice name; /* without star and number */
	struct slice value;
	int section; /* of "name*2", or -1 */
	bool extended;
	bool used;
};

struct pieces {
	struct piece list[WIRE_PARAMETERS_MOST];
	size_t count;
};

#define SECTION_MOST 9999

/* Windows paths are met with single backslashes, so only what must be escaped is. */
static bool
is_escape(struct slice text, size_t at)
{
	return text.data[at] == '\\' && at + 1 < text.length &&
	       (text.data[at + 1] == '"' || text.data[at + 1] == '\\');
}

static struct slice
unescaped(struct arena *arena, struct slice quoted)
{
	char *text = arena_take(arena, quoted.length + 1);
	size_t length = 0;
	for (size_t i = 0; i < quoted.length; i++) {
		i += is_escape(quoted, i);
		text[length++] = quoted.data[i];
	}
	return slice_of(text, length);
}

static struct slice
take_quoted(struct arena *arena, struct slice *rest)
{
	size_t end = 1;
	while (end < rest->length && rest->data[end] != '"')
		end += is_escape(*rest, end) ? 2 : 1;
	struct slice quoted = slice_part(*rest, 1, end - 1);
	*rest = slice_from(*rest, end + 1);
	return slice_find_byte(quoted, '\\') < quoted.length ? unescaped(arena, quoted)
							     : quoted;
}

/* "format=flowed" behind a blank: the semicolon before it was forgotten. */
static bool
begins_parameter(struct slice text)
{
	size_t length = 0;
	while (length < text.length && wire_is_token(text.data[length]))
		length++;
	return length > 0 && length < text.length && text.data[length] == '=';
}

/* To the semicolon, blanks included, as in name=my file.pdf; not to a comment behind one.
 */
static struct slice
take_unquoted(struct slice *rest)
{
	size_t length = 0, looked = 0;
	for (; length < rest->length && rest->data[length] != ';'; length++) {
		bool after_blank = length > 0 && wire_is_blank(rest->data[length - 1]);
		if (after_blank && rest->data[length] == '(')
			break;
		/* Looking on from each blank would be quadratic; a few are enough. */
		if (after_blank && looked++ < 8 &&
			begins_parameter(slice_part(*rest, length, 64)))
			break;
	}
	struct slice value = slice_trim(slice_first(*rest, length));
	*rest = slice_from(*rest, length);
	return value;
}

static struct slice
take_name(struct slice *rest)
{
	size_t length = 0;
	while (length < rest->length && !wire_is_blank(rest->data[length]) &&
		rest->data[length] != '=' && rest->data[length] != ';')
		length++;
	struct slice name = slice_first(*rest, length);
	*rest = slice_from(*rest, length);
	return name;
}

/* "name*", "name*0", "name*0*". */
static void
read_star(struct piece *piece, struct slice name)
{
	uint32_t section;
	piece->section = -1;
	piece->name = name;
	size_t star = slice_find_byte(name, '*');
	if (star == name.length || star == 0)
		return;
	struct slice after = slice_from(name, star + 1);
	bool extended = after.length == 0 || slice_ends(after, SLICE("*"));
	struct slice digits = slice_first(after, slice_find_byte(after, '*'));
	if (digits.length > 0) {
		if (!slice_to_u32(digits, &section) || section > SECTION_MOST)
			return;
		piece->section = (int)section;
	}
	piece->name = slice_first(name, star);
	piece->extended = extended;
}

/* False at the end. A name without a value is stepped over. */
static bool
take_piece(struct arena *arena, struct slice *rest, struct pieces *pieces)
{
	wire_skip_cfws(rest);
	while (rest->length > 0 && rest->data[0] == ';') {
		*rest = slice_from(*rest, 1);
		wire_skip_cfws(rest);
	}
	if (rest->length == 0 || pieces->count == WIRE_PARAMETERS_MOST)
		return false;
	struct slice name = take_name(rest);
	wire_skip_cfws(rest);
	if (rest->length == 0 || rest->data[0] != '=')
		return rest->length > 0;
	*rest = slice_from(*rest, 1);
	wire_skip_cfws(rest);
	struct piece piece = {.extended = false};
	read_star(&piece, arena_lower(arena, name));
	piece.value = rest->length > 0 && rest->data[0] == '"' ? take_quoted(arena, rest)
							       : take_unquoted(rest);
	if (name.length > 0)
		pieces->list[pieces->count++] = piece;
	return true;
}

/* The unused piece of that name with the lowest section from least on. */
static struct piece *
next_section(struct pieces *pieces, struct slice name, int least)
{
	struct piece *best = NULL;
	for (size_t i = 0; i < pieces->count; i++) {
		struct piece *piece = &pieces->list[i];
		if (piece->section >= least && slice_equal(piece->name, name) &&
			(!best || piece->section < best->section))
			best = piece;
	}
	return best;
}

/* RFC 2231 7: attribute-char. */
static bool
needs_percent(char c)
{
	return !wire_is_token(c) || c == '*' || c == '\'' || c == '%' ||
	       (unsigned char)c >= 0x80;
}

static void
put_percent_encoded(struct buffer *into, struct slice value)
{
	for (size_t i = 0; i < value.length; i++) {
		if (needs_percent(value.data[i]))
			buffer_printf(into, "%%%02X", (unsigned char)value.data[i]);
		else
			buffer_put_byte(into, value.data[i]);
	}
}

static bool
any_extended(struct pieces *pieces, struct slice name)
{
	for (struct piece *piece = next_section(pieces, name, 0); piece;
		piece = next_section(pieces, name, piece->section + 1))
		if (piece->extended)
			return true;
	return false;
}

/* All sections of a name in their order, into one; gaps are closed, doubles left out. */
static struct wire_parameter
join_sections(struct arena *arena, struct pieces *pieces, struct slice name)
{
	SCOPED(buffer_free) struct buffer value = buffer_with(WIRE_HEADER_TEXT_LENGTH);
	bool extended = any_extended(pieces, name);
	struct piece *piece = next_section(pieces, name, 0);
	if (extended && !piece->extended)
		buffer_put(&value, SLICE("''"));
	for (; piece; piece = next_section(pieces, name, piece->section + 1)) {
		if (extended && !piece->extended)
			put_percent_encoded(&value, piece->value);
		else
			buffer_put(&value, piece->value);
	}
	for (size_t i = 0; i < pieces->count; i++)
		pieces->list[i].used |= pieces->list[i].section >= 0 &&
					slice_equal(pieces->list[i].name, name);
	return (struct wire_parameter){
		name, arena_copy(arena, buffer_slice(&value)), extended};
}

struct wire_parameters
rfc2231_parameters(struct arena *arena, struct slice text)
{
	struct pieces pieces = {.count = 0};
	uint32_t count = 0;
	while (take_piece(arena, &text, &pieces))
		continue;
	if (pieces.count == 0)
		return (struct wire_parameters){NULL, 0};
	struct wire_parameter *list =
		ARENA_MANY(arena, struct wire_parameter, pieces.count);
	for (size_t i = 0; i < pieces.count; i++) {
		struct piece *piece = &pieces.list[i];
		if (piece->section < 0)
			list[count++] = (struct wire_parameter){
				piece->name, piece->value, piece->extended};
		else if (!piece->used)
			list[count++] = join_sections(arena, &pieces, piece->name);
	}
	return (struct wire_parameters){list, count};
}
