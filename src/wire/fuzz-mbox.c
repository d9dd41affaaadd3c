#include "base/base.h"
#include "wire/mbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum base_failure
on_begin(void *argument, struct slice from)
{
	buffer_put_byte(argument, 1);
	buffer_put(argument, from);
	buffer_put_byte(argument, 2);
	return BASE_OK;
}

static enum base_failure
on_bytes(void *argument, struct slice bytes)
{
	buffer_put(argument, bytes);
	return BASE_OK;
}

static enum base_failure
on_end(void *argument)
{
	buffer_put_byte(argument, 3);
	return BASE_OK;
}

static void
split(struct slice input, size_t piece, struct buffer *out)
{
	struct wire_mbox mbox = {
		.begin = on_begin, .bytes = on_bytes, .end = on_end, .argument = out};
	wire_mbox_init(&mbox);
	for (size_t at = 0; at < input.length; at += piece)
		ASSERT(wire_mbox_add(&mbox, slice_part(input, at, piece)) == BASE_OK);
	ASSERT(wire_mbox_end(&mbox) == BASE_OK);
	wire_mbox_free(&mbox);
}

/* Every cut of the bytes gives the same messages. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(buffer_free) struct buffer whole = buffer_with(1 << 24);
	SCOPED(buffer_free) struct buffer cut = buffer_with(1 << 24);
	split(slice_of(data, size), size ? size : 1, &whole);
	split(slice_of(data, size), 1 + (size ? data[0] % 7 : 0), &cut);
	ASSERT(slice_equal(buffer_slice(&whole), buffer_slice(&cut)));
	return 0;
}
