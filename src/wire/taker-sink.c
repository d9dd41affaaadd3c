#include "wire/takers.h"

static enum base_failure
swallow(void *argument, struct slice bytes)
{
	(void)argument;
	(void)bytes;
	return BASE_OK;
}

struct wire_sink
wire_sink_nowhere(void)
{
	return (struct wire_sink){.write = swallow};
}

static enum base_failure
put_into_buffer(void *argument, struct slice bytes)
{
	struct buffer *buffer = argument;
	return buffer_put(buffer, bytes) ? BASE_OK : BASE_TOO_LARGE;
}

struct wire_sink
wire_sink_buffer(struct buffer *not_owned)
{
	return (struct wire_sink){.write = put_into_buffer, .argument = not_owned};
}
