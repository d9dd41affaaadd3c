#include "base/error.h"
#include "wire/takers.h"

#define CEILING 64

static size_t
feed(struct wire_line_taker *taker, struct slice input, size_t piece, bool *done)
{
	size_t total = 0;
	*done = false;
	while (total < input.length && !*done) {
		size_t consumed;
		*done = taker->taker.take(&taker->taker, slice_part(input, total, piece),
				&consumed) == BASE_TAKE_DONE;
		total += consumed;
	}
	return total;
}

/* The slow way. */
static unsigned
flaws_of(struct slice line, bool crlf)
{
	unsigned flaws = crlf ? 0 : WIRE_FLAW_BARE_LF;
	for (size_t i = 0; i < line.length; i++) {
		if (line.data[i] == '\r')
			flaws |= WIRE_FLAW_BARE_CR;
		if (line.data[i] == '\0')
			flaws |= WIRE_FLAW_NUL;
	}
	return line.length > CEILING ? flaws | WIRE_FLAW_TOO_LARGE : flaws;
}

static void
check_line(const struct wire_line_taker *taker, struct slice whole)
{
	struct slice line = slice_first(whole, whole.length - 1);
	bool crlf = slice_ends(line, SLICE("\r"));
	if (crlf)
		line.length--;
	ASSERT(taker->flaws == flaws_of(line, crlf));
	ASSERT(slice_equal(wire_line_taken(taker), slice_first(line, CEILING)));
	if (line.length >= WIRE_LINE_TAIL)
		ASSERT(slice_ends(line, slice_of(taker->tail, WIRE_LINE_TAIL)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct slice rest = slice_of(data + 1, size - 1);
	struct wire_line_taker taker;
	bool done = true;
	wire_line_taker_init(&taker, CEILING);
	while (done && rest.length > 0) {
		wire_line_taker_reset(&taker);
		size_t consumed = feed(&taker, rest, data[0] % 16 + 1U, &done);
		size_t lf = slice_find_byte(rest, '\n');
		ASSERT(done == (lf < rest.length));
		ASSERT(consumed == (done ? lf + 1 : rest.length));
		if (done)
			check_line(&taker, slice_first(rest, consumed));
		rest = slice_from(rest, consumed);
	}
	wire_line_taker_free(&taker);
	return 0;
}
