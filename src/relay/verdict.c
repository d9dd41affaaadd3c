#include "relay/parcel.h"

static void
set_status(struct relay_verdict *verdict, const char *status)
{
	snprintf(verdict->status, sizeof verdict->status, "%s", status);
}

/* The enhanced status must be of the code's class (RFC 2034 4); else the class alone. */
static const char *
status_of(const struct wire_smtp_reply *reply, int class)
{
	if (reply->status[0] == '0' + class)
		return reply->status;
	return class == 2 ? "2.0.0" : class == 5 ? "5.0.0" : "4.0.0";
}

/* "550 5.1.1 no such user; ask again": the lines of a reply as one. */
static struct slice
one_line(const struct wire_smtp_reply *reply, struct arena *arena)
{
	SCOPED(buffer_free) struct buffer line = buffer_with(RELAY_REPLY_MOST * 2);
	struct slice rest = slice_first(buffer_slice(&reply->text), RELAY_REPLY_MOST);
	buffer_printf(&line, "%d", reply->code);
	if (reply->status[0])
		buffer_printf(&line, " %s", reply->status);
	while (!slice_empty(rest)) {
		struct slice text = slice_trim(slice_cut(&rest, '\n'));
		if (slice_empty(text))
			continue;
		buffer_put_byte(&line, ' ');
		buffer_put(&line, text);
	}
	return arena_copy(arena, slice_first(buffer_slice(&line), RELAY_REPLY_MOST));
}

void
relay_verdict_of_reply(const struct wire_smtp_reply *reply, struct slice server,
	struct arena *arena, struct relay_verdict *verdict)
{
	int class = wire_smtp_reply_class(reply);
	*verdict = (struct relay_verdict){.event = RELAY_POSTPONED, .server = server};
	if (class == 2)
		verdict->event = RELAY_DELIVERED;
	if (class == 5)
		verdict->event = RELAY_REFUSED;
	set_status(verdict, status_of(reply, class));
	verdict->text = one_line(reply, arena);
}

struct relay_verdict
relay_verdict_own(struct arena *arena, enum relay_event event, const char *status,
	const char *format, ...)
{
	struct relay_verdict verdict = {.event = event};
	va_list arguments;
	set_status(&verdict, status);
	va_start(arguments, format);
	verdict.text =
		slice_first(arena_vprintf(arena, format, arguments), RELAY_REPLY_MOST);
	va_end(arguments);
	return verdict;
}
