#include "wire/crlf-sink.h"

/* The run up to the next LF that has no CR before it; all of piece when there is none. */
static size_t
run_length(struct slice piece, bool after_cr)
{
	size_t at = 0;
	while (at < piece.length) {
		at += slice_find_byte(slice_from(piece, at), '\n');
		if (at == piece.length)
			break;
		if (at > 0 ? piece.data[at - 1] != '\r' : !after_cr)
			break;
		at++;
	}
	return at;
}

static enum base_failure
pass(struct wire_crlf_sink *converter, struct slice bytes)
{
	if (bytes.length == 0)
		return BASE_OK;
	converter->after_cr = bytes.data[bytes.length - 1] == '\r';
	return converter->inner.write(converter->inner.argument, bytes);
}

static enum base_failure
convert(void *argument, struct slice piece)
{
	struct wire_crlf_sink *converter = argument;
	enum base_failure failure = BASE_OK;
	while (piece.length > 0 && !failure) {
		size_t run = run_length(piece, converter->after_cr);
		failure = pass(converter, slice_first(piece, run));
		piece = slice_from(piece, run);
		if (piece.length > 0 && !failure) {
			failure = pass(converter, SLICE("\r\n"));
			piece = slice_from(piece, 1);
		}
	}
	return failure;
}

struct wire_sink
wire_crlf_sink(struct wire_crlf_sink *converter)
{
	return (struct wire_sink){.write = convert, .argument = converter};
}
