#include "base/error.h"
#include "wire/dot-source.h"
#include "wire/takers.h"

#define PLENTY ((size_t)1 << 22)

struct outcome {
	struct wire_dot_taker taker;
	struct buffer data;
	size_t consumed;
	bool done;
};

static struct outcome
outcome_with(void)
{
	return (struct outcome){.data = buffer_with(PLENTY)};
}

/* Pieces of sizes that follow from the seed; 0: all at once. */
static void
feed(struct outcome *outcome, struct slice input, unsigned seed)
{
	wire_dot_taker_init(&outcome->taker, PLENTY, wire_sink_buffer(&outcome->data));
	while (outcome->consumed < input.length && !outcome->done) {
		size_t piece = seed ? 1 + (seed = seed * 1103515245 + 12345) / 65536 % 7
				    : input.length;
		size_t consumed;
		outcome->done = outcome->taker.taker.take(&outcome->taker.taker,
					slice_part(input, outcome->consumed, piece),
					&consumed) == BASE_TAKE_DONE;
		outcome->consumed += consumed;
	}
}

/* Where the data must end, found the slow way: behind CRLF . CRLF. */
static size_t
real_end(struct slice input)
{
	if (slice_starts(input, SLICE(".\r\n")))
		return 3;
	size_t at = slice_find(input, SLICE("\r\n.\r\n"));
	return at == input.length ? input.length : at + 5;
}

struct slice_source {
	struct base_source source;
	struct slice rest;
};

static size_t
pull_slice(struct base_source *source, char *into, size_t room)
{
	struct slice *rest = &((struct slice_source *)source)->rest;
	struct slice part = slice_first(*rest, room < 5 ? room : 5);
	if (part.length > 0)
		memcpy(into, part.data, part.length);
	*rest = slice_from(*rest, part.length);
	return part.length;
}

static void
close_slice(struct base_source *source)
{
	(void)source;
}

/* What was taken, stuffed again, must be taken as the same. */
static void
check_round_trip(struct slice data)
{
	struct slice_source inner = {{pull_slice, close_slice}, data};
	struct base_source *source = wire_dot_source(&inner.source);
	SCOPED(buffer_free) struct buffer sent = buffer_with(PLENTY * 2);
	char bytes[3];
	size_t got;
	while ((got = source->pull(source, bytes, sizeof bytes)) > 0)
		ASSERT(buffer_put(&sent, slice_of(bytes, got)));
	source->close(source);
	struct outcome again = outcome_with();
	feed(&again, buffer_slice(&sent), 0);
	ASSERT(again.done && again.consumed == sent.length && !again.taker.flaws);
	ASSERT(slice_equal(buffer_slice(&again.data), data));
	buffer_free(&again.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct slice input = slice_of(data + 1, size - 1);
	struct outcome whole = outcome_with(), cut = outcome_with();
	feed(&whole, input, 0);
	feed(&cut, input, data[0] + 1U);
	ASSERT(whole.done == cut.done && whole.consumed == cut.consumed);
	ASSERT(!whole.done || whole.consumed == real_end(input));
	ASSERT(whole.done || real_end(input) == input.length);
	if (whole.done) {
		ASSERT(whole.taker.flaws == cut.taker.flaws);
		ASSERT(whole.taker.size == cut.taker.size);
	}
	if (whole.done && !whole.taker.flaws) {
		ASSERT(slice_equal(buffer_slice(&whole.data), buffer_slice(&cut.data)));
		check_round_trip(buffer_slice(&whole.data));
	}
	buffer_free(&whole.data);
	buffer_free(&cut.data);
	return 0;
}
