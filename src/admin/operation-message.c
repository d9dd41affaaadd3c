#include "admin/operation.h"
#include "admin/trace.h"

struct telling {
	struct admin_call *call;
	size_t count;
};

static void
tell(void *argument, struct admin_traced *traced)
{
	struct telling *telling = argument;
	SCOPED(buffer_free) struct buffer details = buffer_with(64 * 1024);
	struct slice key, value;
	while (admin_traced_next(traced, &key, &value)) {
		if (slice_equal(key, SLICE("id")) || slice_empty(value))
			continue;
		if (details.length)
			buffer_put_text(&details, ", ");
		buffer_put(&details, key);
		buffer_put_byte(&details, ' ');
		buffer_put(&details, value);
	}
	const struct admin_field fields[] = {ADMIN_FIELD_OF_TIME("time", traced->wall_ms),
		ADMIN_FIELD_OF_TEXT("id", traced->id),
		ADMIN_FIELD_OF_TEXT("event", traced->event),
		ADMIN_FIELD_OF_TEXT("details", buffer_slice(&details))};
	ADMIN_ROW(telling->call, fields);
	telling->count++;
}

static enum base_failure
run_trace(struct admin_call *call, struct base_error *error)
{
	struct slice id = admin_argument(call, "id");
	struct telling telling = {.call = call};
	enum base_failure failure =
		admin_trace_read(admin_of(call)->trace, id, tell, &telling);
	if (failure == BASE_INVALID)
		return base_fail(error, failure,
			"\"%.*s\" is no letter's id; it stands in the answer to DATA, in "
			"Received lines and in the log, and has 20 letters and digits",
			SLICE_ARG(id));
	if (!failure && telling.count == 0)
		return base_fail(error, BASE_NOT_FOUND,
			"nothing is kept of that letter; events are kept as long as "
			"log.trace_keep says");
	return failure;
}

static const struct admin_argument one_id[] = {
	{.name = "id", .kind = ADMIN_TEXT, .help = "the letter's id, or a queue row's"},
	{0}};

const struct admin_operation admin_operation_message_trace = {.name = "message trace",
	.help = "show a letter's way through the server",
	.arguments = one_id,
	.run = run_trace};
