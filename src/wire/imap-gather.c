#include "wire/imap-gather.h"
#include "wire/imap-cursor.h"

#define NO_TAG SLICE("*")

void
wire_imap_gather_init(struct wire_imap_gather *gather, size_t ceiling)
{
	*gather = (struct wire_imap_gather){.text = buffer_with(ceiling)};
}

void
wire_imap_gather_free(struct wire_imap_gather *gather)
{
	buffer_free(&gather->text);
}

void
wire_imap_gather_reset(struct wire_imap_gather *gather, size_t ceiling)
{
	wire_imap_gather_free(gather);
	wire_imap_gather_init(gather, ceiling);
}

struct slice
wire_imap_gather_text(const struct wire_imap_gather *gather)
{
	return buffer_slice(&gather->text);
}

static void
refuse(struct wire_imap_gather *gather, const char *error)
{
	if (!gather->error)
		gather->error = error;
}

static bool
drop_last(struct slice *s, char byte)
{
	if (s->length == 0 || s->data[s->length - 1] != byte)
		return false;
	s->length--;
	return true;
}

/* "{n}", "{n+}" or "~{n}" at the end of a line (RFC 3501 4.3, RFC 7888, RFC 3516 4.1). */
static bool
find_announcement(struct slice line, struct wire_imap_literal *literal)
{
	*literal = (struct wire_imap_literal){.waits = true};
	if (!drop_last(&line, '}'))
		return false;
	if (drop_last(&line, '+'))
		literal->waits = false;
	size_t brace = slice_find_last_byte(line, '{');
	if (brace == line.length || brace + 1 == line.length)
		return false;
	struct slice digits = slice_from(line, brace + 1);
	for (size_t i = 0; i < digits.length; i++)
		if (!byte_is_digit(digits.data[i]))
			return false;
	literal->binary = brace > 0 && line.data[brace - 1] == '~';
	/* A number past 64 bits is a literal all the same: one that nobody can take. */
	if (!slice_to_u64(digits, &literal->size))
		literal->size = UINT64_MAX;
	return true;
}

static const char *
complaint(unsigned flaws)
{
	if (flaws & WIRE_FLAW_NUL)
		return "NUL is not allowed in a command";
	if (flaws & WIRE_FLAW_BARE_LF)
		return "Lines must end in CRLF";
	if (flaws & WIRE_FLAW_BARE_CR)
		return "CR is not allowed inside a line";
	return flaws ? "The line is too long" : NULL;
}

/* What decides on a literal is the line's real end, which an overlong line has in its tail.
 */
static struct slice
end_of_line(const struct wire_line_taker *line)
{
	if (line->flaws & WIRE_FLAW_TOO_LARGE)
		return slice_of(line->tail, WIRE_LINE_TAIL);
	return wire_line_taken(line);
}

static void
add_line(struct wire_imap_gather *gather, const struct wire_line_taker *line)
{
	const char *flaw = complaint(line->flaws);
	if (flaw)
		refuse(gather, flaw);
	struct slice taken = wire_line_taken(line);
	size_t room = gather->text.ceiling - gather->text.length;
	if (taken.length > room)
		refuse(gather, "The command is too large");
	/* A refused one is kept as far as it goes, for its tag. */
	buffer_put(&gather->text, slice_first(taken, room));
}

enum wire_imap_gathered
wire_imap_gather_line(struct wire_imap_gather *gather, const struct wire_line_taker *line)
{
	add_line(gather, line);
	if (find_announcement(end_of_line(line), &gather->literal)) {
		if (++gather->literals > WIRE_IMAP_LITERALS_MOST)
			refuse(gather, "The command has too many literals");
		return WIRE_IMAP_LITERAL;
	}
	return gather->error ? WIRE_IMAP_REFUSED : WIRE_IMAP_COMPLETE;
}

bool
wire_imap_gather_fits(const struct wire_imap_gather *gather)
{
	size_t room = gather->text.ceiling - gather->text.length;
	return !gather->error && room >= 2 && gather->literal.size <= room - 2;
}

struct wire_sink
wire_imap_gather_sink(struct wire_imap_gather *gather)
{
	buffer_put_text(&gather->text, "\r\n");
	return wire_sink_buffer(&gather->text);
}

void
wire_imap_gather_apart(struct wire_imap_gather *gather)
{
	if (!buffer_put_byte(&gather->text, '\n'))
		refuse(gather, "The command is too large");
}

enum wire_imap_drop
wire_imap_gather_drop(struct wire_imap_gather *gather, const char *error)
{
	refuse(gather, error);
	if (gather->literal.waits)
		return WIRE_IMAP_DROP_ANSWER;
	gather->swallowed += gather->literal.size < WIRE_IMAP_SWALLOW_MOST
				     ? (size_t)gather->literal.size
				     : WIRE_IMAP_SWALLOW_MOST + 1;
	return gather->swallowed <= WIRE_IMAP_SWALLOW_MOST ? WIRE_IMAP_DROP_SWALLOW
							   : WIRE_IMAP_DROP_BYE;
}

struct slice
wire_imap_gather_tag(const struct wire_imap_gather *gather)
{
	struct wire_imap_cursor cursor =
		wire_imap_cursor_over(wire_imap_gather_text(gather), NULL);
	struct slice tag;
	bool whole = wire_imap_tag(&cursor, &tag);
	if (whole || (!slice_absent(tag) && tag.length <= WIRE_IMAP_TAG_MOST &&
			     cursor.rest.length == 0))
		return tag;
	return NO_TAG;
}
