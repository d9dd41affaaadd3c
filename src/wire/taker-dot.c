#include "wire/takers.h"

/* Hands a run over, unless something was wrong before; counts it in any case. */
static void
emit(struct wire_dot_taker *taker, struct slice run)
{
	taker->size += run.length;
	if (taker->size > taker->ceiling)
		taker->flaws |= WIRE_FLAW_TOO_LARGE;
	if (slice_find_byte(run, '\0') < run.length)
		taker->flaws |= WIRE_FLAW_NUL;
	if (run.length > 0 && !taker->flaws && taker->failure == BASE_OK)
		taker->failure = taker->sink.write(taker->sink.argument, run);
}

/*
 * Finds how far a run goes that can be handed over as it is: up to a line that begins with
 * a dot, or to the end of the input, where a CR has to wait for the next input.
 */
static size_t
measure_run(struct wire_dot_taker *taker, struct slice input)
{
	size_t at = 0;
	while (at < input.length) {
		struct slice rest = slice_from(input, at);
		size_t cr = slice_find_byte(rest, '\r');
		if (slice_find_byte(slice_first(rest, cr), '\n') < cr)
			taker->flaws |= WIRE_FLAW_BARE_LF;
		if (cr == rest.length)
			return input.length;
		at += cr;
		if (at + 1 == input.length) {
			taker->state = WIRE_DOT_AFTER_CR;
			return at;
		}
		if (input.data[at + 1] != '\n') {
			taker->flaws |= WIRE_FLAW_BARE_CR;
			at += 1;
			continue;
		}
		at += 2;
		if (at == input.length || input.data[at] == '.') {
			taker->state = WIRE_DOT_LINE_START;
			return at;
		}
	}
	return at;
}

static size_t
take_run(struct wire_dot_taker *taker, struct slice input)
{
	taker->state = WIRE_DOT_IN_LINE;
	size_t length = measure_run(taker, input);
	emit(taker, slice_first(input, length));
	return taker->state == WIRE_DOT_AFTER_CR ? length + 1 : length;
}

/* What follows a CR that stood at the end of an input, or behind a leading dot. */
static size_t
take_after_cr(struct wire_dot_taker *taker, char next)
{
	if (next != '\n') {
		taker->flaws |= WIRE_FLAW_BARE_CR;
		emit(taker, SLICE("\r"));
		taker->state = WIRE_DOT_IN_LINE;
		return 0;
	}
	emit(taker, SLICE("\r\n"));
	taker->state = WIRE_DOT_LINE_START;
	return 1;
}

static size_t
take_some(struct wire_dot_taker *taker, struct slice input)
{
	char next = input.data[0];
	switch (taker->state) {
	case WIRE_DOT_LINE_START:
		if (next != '.')
			return take_run(taker, input);
		taker->state = WIRE_DOT_AFTER_DOT;
		return 1;
	case WIRE_DOT_AFTER_DOT:
		if (next != '\r')
			return take_run(taker, input);
		taker->state = WIRE_DOT_AFTER_DOT_CR;
		return 1;
	case WIRE_DOT_AFTER_CR:
	case WIRE_DOT_AFTER_DOT_CR:
		return take_after_cr(taker, next);
	case WIRE_DOT_IN_LINE:
		break;
	}
	return take_run(taker, input);
}

static enum base_taken
take_data(struct base_taker *base, struct slice input, size_t *consumed)
{
	struct wire_dot_taker *taker = (struct wire_dot_taker *)base;
	*consumed = 0;
	while (*consumed < input.length) {
		struct slice rest = slice_from(input, *consumed);
		if (taker->state == WIRE_DOT_AFTER_DOT_CR && rest.data[0] == '\n') {
			*consumed += 1;
			return BASE_TAKE_DONE;
		}
		*consumed += take_some(taker, rest);
	}
	return BASE_TAKE_MORE;
}

void
wire_dot_taker_init(struct wire_dot_taker *taker, uint64_t ceiling, struct wire_sink sink)
{
	*taker = (struct wire_dot_taker){.taker.take = take_data,
		.sink = sink,
		.ceiling = ceiling,
		.state = WIRE_DOT_LINE_START};
}
