#include "popd/popd-internal.h"
#include "wire/dot-source.h"
#include "wire/header-end-source.h"

static net_step drained;

/*
 * The next command is taken when the message is out, so that a session never has two on
 * their way. As long as bytes go, and not too slowly, it may take hours.
 */
static enum net_next
drain(struct popd_session *session)
{
	session->pulled_seen = session->pulled;
	session->drain_due_ms =
		base_clock_steady_ms(net_clock(net_of(session->net))) + POPD_IDLE_MS;
	return net_park(session->net,
		&(struct net_want){.drained = true,
			.deadline = POPD_IDLE_MS,
			.least_rate = POPD_LEAST_RATE},
		drained);
}

static enum net_next
drained(struct net_session *net, const struct net_event *event)
{
	struct popd_session *session = popd_session_of(net);
	if (event->why == NET_DRAINED)
		return popd_next(session);
	/* Before its time the deadline means: slower than the least rate. */
	bool in_time = base_clock_steady_ms(net_clock(net_of(net))) < session->drain_due_ms;
	if (event->why == NET_DEADLINE && !in_time &&
		session->pulled > session->pulled_seen)
		return drain(session);
	return NET_CLOSE;
}

static enum base_failure
open_source(struct popd_session *session, uint32_t uid, uint64_t lines,
	struct base_source **source, uint64_t *size)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	const struct post_view *view = popd_maildrop_view(session->maildrop);
	struct post_message message;
	enum base_failure failure = post_message_read(view, uid, arena, &message);
	if (failure == BASE_OK)
		failure = post_message_source(view, &message, 0, message.size, source);
	if (failure != BASE_OK)
		return failure;
	*size = message.size;
	*source = wire_header_end_source(*source);
	if (lines != POPD_WHOLE)
		*source = wire_top_source(*source, lines);
	*source = popd_answer_source(wire_dot_source(*source), &session->pulled);
	return BASE_OK;
}

enum net_next
popd_send(struct popd_session *session, uint32_t number, uint64_t lines)
{
	struct base_source *source;
	uint64_t size;
	uint32_t uid = popd_maildrop_uid(session->maildrop, number);
	if (!uid)
		return popd_error(session, "There is no such message");
	enum base_failure failure = open_source(session, uid, lines, &source, &size);
	if (failure != BASE_OK)
		return popd_error(session, popd_failure_text(failure));
	char text[64];
	snprintf(text, sizeof text, "%llu octets", (unsigned long long)size);
	popd_begin(session, lines == POPD_WHOLE ? text : "Its top");
	net_put_source(session->net, source);
	session->retrieved += lines == POPD_WHOLE;
	return drain(session);
}
