#include "wire/takers.h"
#include <string.h>

/* A reset keeps a small buffer for the next line, and gives a large one back. */
#define KEPT_CAPACITY 256

/* Moves the last bytes seen to the right end of the tail, in the order they came. */
static void
remember_tail(struct wire_line_taker *taker, struct slice bytes)
{
	if (bytes.length > WIRE_LINE_TAIL)
		bytes = slice_from(bytes, bytes.length - WIRE_LINE_TAIL);
	size_t kept = WIRE_LINE_TAIL - bytes.length;
	memmove(taker->tail, taker->tail + bytes.length, kept);
	if (bytes.length > 0)
		memcpy(taker->tail + kept, bytes.data, bytes.length);
}

static void
keep(struct wire_line_taker *taker, struct slice bytes)
{
	size_t room = taker->line.ceiling - taker->line.length;
	if (bytes.length > room)
		taker->flaws |= WIRE_FLAW_TOO_LARGE;
	buffer_put(&taker->line, slice_first(bytes, room));
	remember_tail(taker, bytes);
}

/* A part of a line without LF; a CR at its end waits for what follows. */
static void
add_part(struct wire_line_taker *taker, struct slice part)
{
	if (part.length == 0)
		return;
	if (taker->after_cr) {
		taker->flaws |= WIRE_FLAW_BARE_CR;
		keep(taker, SLICE("\r"));
	}
	taker->after_cr = part.data[part.length - 1] == '\r';
	if (taker->after_cr)
		part.length--;
	if (slice_find_byte(part, '\r') < part.length)
		taker->flaws |= WIRE_FLAW_BARE_CR;
	if (slice_find_byte(part, '\0') < part.length)
		taker->flaws |= WIRE_FLAW_NUL;
	keep(taker, part);
}

static enum base_taken
take_line(struct base_taker *base, struct slice input, size_t *consumed)
{
	struct wire_line_taker *taker = (struct wire_line_taker *)base;
	size_t end = slice_find_byte(input, '\n');
	add_part(taker, slice_first(input, end));
	*consumed = end;
	if (end == input.length)
		return BASE_TAKE_MORE;
	if (!taker->after_cr)
		taker->flaws |= WIRE_FLAW_BARE_LF;
	*consumed = end + 1;
	return BASE_TAKE_DONE;
}

void
wire_line_taker_init(struct wire_line_taker *taker, size_t ceiling)
{
	*taker = (struct wire_line_taker){
		.taker.take = take_line, .line = buffer_with(ceiling)};
}

void
wire_line_taker_reset(struct wire_line_taker *taker)
{
	if (taker->line.capacity > KEPT_CAPACITY)
		buffer_free(&taker->line);
	buffer_clear(&taker->line);
	taker->flaws = 0;
	taker->after_cr = false;
}

void
wire_line_taker_free(struct wire_line_taker *taker)
{
	buffer_free(&taker->line);
}

struct slice
wire_line_taken(const struct wire_line_taker *taker)
{
	return buffer_slice(&taker->line);
}
