#include "base/base.h"
#include "wire/http-request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any cut of the input gives the same verdict and takes as many bytes. */
static enum base_taken
feed(struct slice input, size_t piece, size_t *used)
{
	struct wire_http_request request;
	enum base_taken taken = BASE_TAKE_MORE;
	wire_http_request_init(&request);
	for (*used = 0; taken == BASE_TAKE_MORE && *used < input.length;) {
		size_t consumed = 0;
		taken = request.taker.take(
			&request.taker, slice_part(input, *used, piece), &consumed);
		*used += consumed;
	}
	wire_http_request_free(&request);
	return taken;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t whole = 0, cut = 0;
	struct slice input = slice_of(data, size);
	enum base_taken first = feed(input, size, &whole);
	ASSERT(feed(input, 3, &cut) == first);
	ASSERT(first != BASE_TAKE_DONE || whole == cut);
	return 0;
}
