#include "imapd/imapd-internal.h"

static net_step line_step, literal_step;

struct imapd_session *
imapd_session_of(struct net_session *session)
{
	return net_state(session);
}

static size_t
command_ceiling(const struct imapd_session *session)
{
	return session->state == IMAPD_NOT_SIGNED_IN ? WIRE_IMAP_BEFORE_LOGIN
						     : WIRE_IMAP_COMMAND_MOST;
}

static uint64_t
line_deadline(const struct imapd_session *session)
{
	return session->state == IMAPD_NOT_SIGNED_IN ? IMAPD_LOGIN_DEADLINE
						     : IMAPD_IDLE_DEADLINE;
}

enum net_next
imapd_next_line(struct imapd_session *session, const struct net_want *more, net_step *step)
{
	struct net_want want = *more;
	wire_line_taker_reset(&session->line);
	want.taker = &session->line.taker;
	if (!want.deadline)
		want.deadline = line_deadline(session);
	return net_park(session->net, &want, step);
}

enum net_next
imapd_next(struct imapd_session *session)
{
	if (session->errors > IMAPD_ERRORS_MOST) {
		imapd_put_text(session, "* BYE Too many errors\r\n");
		return NET_CLOSE;
	}
	imapd_upload_drop(session->upload);
	session->upload = NULL;
	wire_imap_gather_reset(&session->gather, command_ceiling(session));
	return imapd_next_line(session, &(struct net_want){.idle = true}, line_step);
}

enum net_next
imapd_gone(struct imapd_session *session, const struct net_event *event)
{
	if (event->why == NET_DEADLINE)
		imapd_put_text(session, "* BYE Nothing came for too long\r\n");
	else if (event->why == NET_STOPPING)
		imapd_put_text(session, "* BYE [UNAVAILABLE] The server is stopping\r\n");
	return NET_CLOSE;
}

enum net_next
imapd_await(struct imapd_session *session, struct base_ticket *ticket, net_step *step)
{
	return net_park(session->net, &(struct net_want){.ticket = ticket}, step);
}

/* --- gathering: lines and literals
 * ---------------------------------------------------------- */

static enum net_next
refused(struct imapd_session *session, const char *error)
{
	SCOPED(buffer_free) struct buffer line = buffer_with(4096);
	buffer_put(&line, wire_imap_gather_tag(&session->gather));
	buffer_printf(&line, " BAD %s\r\n", error);
	imapd_put(session, &line);
	session->errors++;
	return imapd_next(session);
}

static enum net_next
take_literal(struct imapd_session *session, struct wire_sink sink)
{
	const struct wire_imap_literal *literal = &session->gather.literal;
	if (literal->waits)
		imapd_put_text(session, "+ OK\r\n");
	wire_octets_taker_init(&session->octets, literal->size, sink);
	return net_park(session->net,
		&(struct net_want){.taker = &session->octets.taker,
			.deadline = IMAPD_DATA_DEADLINE,
			.least_rate = IMAPD_LEAST_RATE},
		literal_step);
}

static enum net_next
drop_literal(struct imapd_session *session, const char *error)
{
	switch (wire_imap_gather_drop(&session->gather, error)) {
	case WIRE_IMAP_DROP_ANSWER:
		return refused(session, error);
	case WIRE_IMAP_DROP_SWALLOW:
		return take_literal(session, wire_sink_nowhere());
	default:
		imapd_put_text(session, "* BYE That literal is too large\r\n");
		return NET_CLOSE;
	}
}

/* APPEND's message goes its own way; every other literal is a part of the command. */
static bool
is_message(struct imapd_session *session)
{
	if (!(session->state & IMAPD_ACCOUNT) || session->upload)
		return false;
	SCOPED(arena_release) struct arena *scratch = arena_create(IMAPD_CALL_MEMORY);
	return wire_imap_append_reached(wire_imap_gather_text(&session->gather), scratch);
}

static enum net_next
literal_announced(struct imapd_session *session)
{
	const struct wire_imap_literal *literal = &session->gather.literal;
	if (is_message(session)) {
		if (literal->size > session->context->message_size_most)
			return drop_literal(session, "[TOOBIG] The message is too large");
		session->upload = imapd_upload_begin(session);
		wire_imap_gather_apart(&session->gather);
		return take_literal(session, imapd_upload_sink(session->upload));
	}
	if (!wire_imap_gather_fits(&session->gather))
		return drop_literal(session, "[LIMIT] That literal is too large");
	return take_literal(session, wire_imap_gather_sink(&session->gather));
}

static enum net_next
line_step(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TAKEN)
		return imapd_gone(session, event);
	switch (wire_imap_gather_line(&session->gather, &session->line)) {
	case WIRE_IMAP_COMPLETE:
		return imapd_run(session);
	case WIRE_IMAP_LITERAL:
		return literal_announced(session);
	default:
		return refused(session, session->gather.error);
	}
}

static enum net_next
literal_step(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TAKEN)
		return imapd_gone(session, event);
	return imapd_next_line(session, &(struct net_want){0}, line_step);
}

/* --- beginning and end
 * ------------------------------------------------------------------------ */

static enum net_next
greet(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	(void)event;
	session->net = net;
	session->context = net_owner(net);
	session->state = IMAPD_NOT_SIGNED_IN;
	wire_line_taker_init(&session->line, WIRE_IMAP_LINE_MOST);
	wire_imap_gather_init(&session->gather, command_ceiling(session));
	session->ready = true;
	base_metric_add(session->context->metrics.sessions, 1);
	SCOPED(buffer_free) struct buffer greeting = buffer_with(4096);
	buffer_put_text(&greeting, "* OK [CAPABILITY ");
	imapd_put_capabilities(session, &greeting);
	buffer_printf(
		&greeting, "] %.*s is ready\r\n", SLICE_ARG(session->context->host_name));
	imapd_put(session, &greeting);
	return imapd_next(session);
}

static void
closed(struct net_session *net)
{
	struct imapd_session *session = imapd_session_of(net);
	if (!session->ready)
		return;
	imapd_call_end(session);
	imapd_upload_drop(session->upload);
	imapd_unselect(session);
	door_attempt_drop(session->attempt);
	post_account_close(session->account);
	free(session->address);
	wire_imap_gather_free(&session->gather);
	wire_line_taker_free(&session->line);
}

struct imapd_metrics
imapd_metrics_register(struct base_metrics *metrics)
{
	return (struct imapd_metrics){
		.sessions = base_metrics_counter(
			metrics, "troika_imapd_sessions_total", "", "Sessions greeted"),
		.commands = base_metrics_counter(
			metrics, "troika_imapd_commands_total", "", "Commands carried out"),
		.fetched_bytes = base_metrics_counter(metrics,
			"troika_imapd_fetched_bytes_total", "", "Octets of messages sent"),
	};
}

const struct net_protocol imapd_protocol = {
	.name = "imap",
	.session_size = sizeof(struct imapd_session),
	.greet = greet,
	.closed = closed,
	.busy = SLICE_INIT("* BYE [UNAVAILABLE] Too many connections, try again later\r\n"),
	.speaks_first = true,
};
