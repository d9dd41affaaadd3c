#include "wire/takers.h"

static enum base_taken
take_octets(struct base_taker *base, struct slice input, size_t *consumed)
{
	struct wire_octets_taker *taker = (struct wire_octets_taker *)base;
	*consumed = input.length < taker->left ? input.length : (size_t)taker->left;
	if (*consumed > 0 && taker->failure == BASE_OK)
		taker->failure = taker->sink.write(
			taker->sink.argument, slice_first(input, *consumed));
	taker->left -= *consumed;
	return taker->left > 0 ? BASE_TAKE_MORE : BASE_TAKE_DONE;
}

void
wire_octets_taker_init(
	struct wire_octets_taker *taker, uint64_t count, struct wire_sink sink)
{
	*taker = (struct wire_octets_taker){
		.taker.take = take_octets, .sink = sink, .left = count};
}
