#include "popd/popd-internal.h"

static net_step command_step;

struct popd_session *
popd_session_of(struct net_session *session)
{
	return net_state(session);
}

/* --- answers -------------------------------------------------------------------------- */

static void
put_line(struct popd_session *session, struct slice status, const char *text)
{
	SCOPED(buffer_free) struct buffer line = buffer_with(4096);
	buffer_put(&line, status);
	buffer_put_text(&line, text);
	buffer_put(&line, SLICE("\r\n"));
	net_put(session->net, buffer_slice(&line));
}

void
popd_begin(struct popd_session *session, const char *text)
{
	put_line(session, SLICE("+OK "), text);
}

enum net_next
popd_ok(struct popd_session *session, const char *format, ...)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(2048);
	va_list arguments;
	va_start(arguments, format);
	buffer_vprintf(&text, format, arguments);
	va_end(arguments);
	buffer_put_byte(&text, '\0');
	put_line(session, SLICE("+OK "), buffer_failed(&text) ? "" : text.data);
	return popd_next(session);
}

enum net_next
popd_error(struct popd_session *session, const char *text)
{
	session->errors++;
	put_line(session, SLICE("-ERR "), text);
	return popd_next(session);
}

const char *
popd_failure_text(enum base_failure failure)
{
	switch (failure) {
	case BASE_DAMAGED:
		return "[SYS/PERM] That is damaged in the store; the log says more";
	case BASE_DISK_FULL:
		return "[SYS/TEMP] The disk is full";
	default:
		return "[SYS/TEMP] That can't be done now, try again later";
	}
}

/* --- going on ------------------------------------------------------------------------- */

static uint64_t
line_deadline(const struct popd_session *session)
{
	struct base_clock *clock = net_clock(net_of(session->net));
	return session->state == POPD_TRANSACTION
		       ? POPD_IDLE_MS
		       : base_clock_left_ms(clock, session->sign_in_until);
}

enum net_next
popd_next_line(struct popd_session *session, net_step *step)
{
	popd_wipe_line(session);
	return net_park(session->net,
		&(struct net_want){.taker = &session->line.taker,
			.idle = true,
			.deadline = line_deadline(session)},
		step);
}

enum net_next
popd_next(struct popd_session *session)
{
	const char *why = NULL;
	if (session->errors >= POPD_ERRORS_MOST)
		why = "Too many errors";
	else if (session->state == POPD_AUTHORIZATION &&
		 session->commands >= POPD_STRANGER_MOST)
		why = "Too many commands without a sign-in";
	if (!why)
		return popd_next_line(session, command_step);
	put_line(session, SLICE("-ERR "), why);
	return NET_CLOSE;
}

enum net_next
popd_go_on(
	struct popd_session *session, enum net_next (*more)(struct popd_session *session))
{
	session->more = more;
	return NET_MORE;
}

/*
 * RFC 1939 3: the timer of silence closes without an answer, and deletes nothing. That of
 * the sign-in is another.
 */
enum net_next
popd_gone(struct popd_session *session, const struct net_event *event)
{
	if (event->why == NET_DEADLINE && session->state == POPD_AUTHORIZATION)
		put_line(session, SLICE("-ERR "), "The sign-in took too long");
	else if (event->why == NET_STOPPING)
		put_line(session, SLICE("-ERR "),
			"[SYS/TEMP] The server is stopping, try again soon");
	else if (event->why == NET_DISMISSED)
		put_line(session, SLICE("-ERR "), "[AUTH] Your account was removed");
	return NET_CLOSE;
}

void
popd_wipe_line(struct popd_session *session)
{
	if (session->line.line.length)
		explicit_bzero(session->line.line.data, session->line.line.length);
	wire_line_taker_reset(&session->line);
}

void
popd_set_user(struct popd_session *session, struct slice name)
{
	char *copy = NULL;
	if (name.length) {
		copy = malloc(name.length);
		ASSERT(copy);
		memcpy(copy, name.data, name.length);
	}
	free((void *)(uintptr_t)session->user.data);
	session->user = slice_of(copy, name.length);
}

bool
popd_next_part(struct popd_session *session, uint32_t *first, uint32_t *last)
{
	uint32_t left = popd_maildrop_count(session->maildrop) - session->listed;
	*first = session->listed + 1;
	session->listed += left < POPD_LISTED_AT_ONCE ? left : POPD_LISTED_AT_ONCE;
	*last = session->listed;
	return left > 0;
}

/* --- commands ------------------------------------------------------------------------- */

static enum net_next
run_command(struct popd_session *session, const struct wire_pop3_command *parsed)
{
	const struct popd_command *command = popd_command_of(parsed->verb);
	session->commands += session->state == POPD_AUTHORIZATION;
	if (!command)
		return popd_error(session, "That is not offered here");
	if (!(command->states & session->state))
		return popd_error(session, session->state == POPD_AUTHORIZATION
						   ? "Sign in first"
						   : "You are signed in already");
	if (command->offered && !command->offered(session))
		return popd_error(session, command->refusal);
	return command->run(session, parsed);
}

static enum net_next
command_step(struct net_session *net, const struct net_event *event)
{
	struct popd_session *session = popd_session_of(net);
	if (event->why == NET_AGAIN)
		return session->more(session);
	if (event->why != NET_TAKEN)
		return popd_gone(session, event);
	if (session->line.flaws & WIRE_FLAW_TOO_LARGE)
		return popd_error(session, "The line is too long");
	if (session->line.flaws)
		return popd_error(
			session, "Lines end in CRLF, and hold no other CR, LF or NUL");
	struct wire_pop3_command parsed;
	const char *wrong =
		wire_pop3_command_parse(wire_line_taken(&session->line), &parsed);
	return wrong ? popd_error(session, wrong) : run_command(session, &parsed);
}

/* --- beginning and end ---------------------------------------------------------------- */

static void
count(const struct popd_session *session, const char *name, const char *help, uint64_t by)
{
	base_metric_add(base_metrics_counter(session->context->metrics, name, "", help),
		(int64_t)by);
}

static enum net_next
greet(struct net_session *net, const struct net_event *event)
{
	(void)event;
	struct popd_session *session = popd_session_of(net);
	session->net = net;
	session->context = net_owner(net);
	session->state = POPD_AUTHORIZATION;
	session->sign_in_until =
		base_clock_steady_ms(net_clock(net_of(net))) + POPD_SIGN_IN_MS;
	wire_line_taker_init(&session->line, WIRE_POP3_AUTH_LINE_MOST);
	count(session, "troika_popd_sessions_total", "Sessions greeted.", 1);
	if (net_spoke_early(net)) {
		put_line(session, SLICE("-ERR "), "The server speaks first");
		return NET_CLOSE;
	}
	return popd_ok(session, "POP3 at your service");
}

static void
log_end(const struct popd_session *session)
{
	LOG(session->context->log, BASE_LOG_INFO, "pop3.ended",
		LOG_TEXT("account", session->user),
		LOG_NUMBER("retrieved", session->retrieved),
		LOG_NUMBER("octets", session->pulled),
		LOG_NUMBER("deleted", session->deleted));
}

static void
closed(struct net_session *net)
{
	struct popd_session *session = popd_session_of(net);
	if (session->state == POPD_TRANSACTION)
		log_end(session);
	count(session, "troika_popd_retrieved_total", "Messages sent by RETR.",
		session->retrieved);
	count(session, "troika_popd_deleted_total", "Messages deleted at QUIT.",
		session->deleted);
	popd_wipe_line(session);
	popd_set_user(session, SLICE_NONE);
	door_exchange_drop(session->exchange);
	popd_maildrop_close(session->maildrop);
	wire_line_taker_free(&session->line);
}

const struct net_protocol popd_protocol = {
	.name = "pop3",
	.session_size = sizeof(struct popd_session),
	.greet = greet,
	.closed = closed,
	.busy = SLICE_INIT("-ERR [SYS/TEMP] Too many connections, try again later\r\n"),
};
