#include "wire/dot-source.h"
#include "base/error.h"

#define CHUNK 16384

enum dot_place { AT_START, AFTER_CRLF, AFTER_BARE_LF, AFTER_CR, IN_LINE };

struct dot_source {
	struct base_source source;
	struct base_source *inner;
	enum dot_place place;
	struct slice held; /* bytes of chunk not yet given */
	struct slice owed; /* a stuffed dot, or the end */
	bool ended, failed;
	char chunk[CHUNK];
};

/* What the last line lacks, then the lone dot. */
static struct slice
ending(enum dot_place place)
{
	switch (place) {
	case AT_START:
	case AFTER_CRLF:
		return SLICE(".\r\n");
	case AFTER_CR:
		return SLICE("\n.\r\n");
	case AFTER_BARE_LF:
	case IN_LINE:
		break;
	}
	return SLICE("\r\n.\r\n");
}

/* Makes sure that something is held or owed; false at the very end and on failure. */
static bool
refill(struct dot_source *dots)
{
	if (dots->owed.length > 0 || dots->held.length > 0)
		return true;
	if (dots->ended)
		return false;
	size_t got = dots->inner->pull(dots->inner, dots->chunk, CHUNK);
	dots->failed = got == BASE_SOURCE_FAILED;
	dots->ended = dots->failed || got == 0;
	if (dots->failed)
		return false;
	dots->held = slice_of(dots->chunk, got);
	if (dots->ended)
		dots->owed = ending(dots->place);
	return true;
}

/* Moves as much of *from as there is room for. */
static struct slice
move(struct slice *from, size_t most, char *into, size_t room)
{
	size_t count = most < room ? most : room;
	memcpy(into, from->data, count);
	*from = slice_from(*from, count);
	return slice_of(into, count);
}

static bool
at_line(enum dot_place place)
{
	return place == AT_START || place == AFTER_CRLF || place == AFTER_BARE_LF;
}

/* Up to and with the next line end that stands before a dot. */
static size_t
run_length(struct slice held)
{
	struct slice rest = held;
	do
		rest = slice_from(rest, slice_find_byte(rest, '\n') + 1);
	while (rest.length > 0 && rest.data[0] != '.');
	return held.length - rest.length;
}

static enum dot_place
place_after(enum dot_place before, struct slice moved)
{
	char last = moved.data[moved.length - 1];
	if (last == '\r')
		return AFTER_CR;
	if (last != '\n')
		return IN_LINE;
	bool cr = moved.length > 1 ? moved.data[moved.length - 2] == '\r'
				   : before == AFTER_CR;
	return cr ? AFTER_CRLF : AFTER_BARE_LF;
}

/* Something is held or owed: gives one piece of it, or notes a dot to be given next. */
static size_t
give(struct dot_source *dots, char *into, size_t room)
{
	if (dots->owed.length > 0)
		return move(&dots->owed, dots->owed.length, into, room).length;
	if (at_line(dots->place) && dots->held.data[0] == '.') {
		dots->owed = SLICE(".");
		dots->place = IN_LINE;
		return 0;
	}
	struct slice moved = move(&dots->held, run_length(dots->held), into, room);
	dots->place = place_after(dots->place, moved);
	return moved.length;
}

static size_t
pull_dots(struct base_source *source, char *into, size_t room)
{
	struct dot_source *dots = (struct dot_source *)source;
	size_t total = 0;
	while (total < room && refill(dots))
		total += give(dots, into + total, room - total);
	return total == 0 && dots->failed ? BASE_SOURCE_FAILED : total;
}

static void
close_dots(struct base_source *source)
{
	struct dot_source *dots = (struct dot_source *)source;
	dots->inner->close(dots->inner);
	free(dots);
}

struct base_source *
wire_dot_source(struct base_source *inner)
{
	struct dot_source *dots = malloc(sizeof *dots);
	ASSERT(dots);
	dots->source = (struct base_source){.pull = pull_dots, .close = close_dots};
	dots->inner = inner;
	dots->place = AT_START;
	dots->held = dots->owed = SLICE_NONE;
	dots->ended = dots->failed = false;
	return &dots->source;
}
