#include "smtpd/smtpd-internal.h"

enum { ADDRESS_MOST = 1024 }; /* of an account, in UTF-8 */

static net_step command_step;

struct smtpd_session *
smtpd_session_of(struct net_session *session)
{
	return net_state(session);
}

struct slice
smtpd_peer(const struct smtpd_session *session, char into[NET_ADDRESS_TEXT_MOST])
{
	return net_address_text(net_peer(session->net), into);
}

void
smtpd_reply(struct smtpd_session *session, int code, const char *enhanced, const char *text)
{
	SCOPED(buffer_free) struct buffer reply = buffer_with(8 * 1024);
	wire_smtp_reply_text(&reply, code, enhanced, text);
	net_put(session->net, buffer_slice(&reply));
	if (code >= 500)
		session->errors++;
}

void
smtpd_replyf(struct smtpd_session *session, int code, const char *enhanced,
	const char *format, ...)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(4 * 1024);
	va_list arguments;
	va_start(arguments, format);
	buffer_vprintf(&text, format, arguments);
	va_end(arguments);
	SCOPED(buffer_free) struct buffer reply = buffer_with(8 * 1024);
	wire_smtp_reply_put(&reply, code, enhanced, buffer_slice(&text));
	net_put(session->net, buffer_slice(&reply));
	if (code >= 500)
		session->errors++;
}

static void
wipe_line(struct smtpd_session *session)
{
	struct buffer *line = &session->line.line;
	if (line->length)
		explicit_bzero(line->data, line->length);
	wire_line_taker_reset(&session->line);
}

static enum net_next
lose_patience(struct smtpd_session *session, const char *why)
{
	char peer[NET_ADDRESS_TEXT_MOST];
	LOG(session->context->log, BASE_LOG_INFO, "smtp.dropped",
		LOG_TEXT("peer", smtpd_peer(session, peer)), LOG_STRING("why", why));
	smtpd_reply(session, 421, "4.7.0", why);
	return NET_CLOSE;
}

bool
smtpd_must_sign_in(const struct smtpd_session *session)
{
	return session->context->role == SMTPD_SUBMISSION && !session->account;
}

uint64_t
smtpd_sign_in_left(const struct smtpd_session *session)
{
	return base_clock_left_ms(session->context->clock, session->sign_in_until);
}

static void
begin_sign_in(struct smtpd_session *session)
{
	session->sign_in_until =
		base_clock_steady_ms(session->context->clock) + SMTPD_SIGN_IN_DEADLINE;
}

enum net_next
smtpd_next_line(struct smtpd_session *session, net_step *step)
{
	if (session->errors > SMTPD_ERRORS_MOST)
		return lose_patience(session, "Too many errors");
	if (session->idle > SMTPD_IDLE_MOST)
		return lose_patience(session, "Too many commands that bring no mail");
	wipe_line(session);
	return net_park(session->net,
		&(struct net_want){.taker = &session->line.taker,
			.idle = !session->transaction,
			.deadline = smtpd_must_sign_in(session)
					    ? smtpd_sign_in_left(session)
					    : SMTPD_COMMAND_DEADLINE},
		step);
}

enum net_next
smtpd_next(struct smtpd_session *session)
{
	return smtpd_next_line(session, command_step);
}

enum net_next
smtpd_answer(
	struct smtpd_session *session, int code, const char *enhanced, const char *text)
{
	smtpd_reply(session, code, enhanced, text);
	return smtpd_next(session);
}

enum net_next
smtpd_gone(struct smtpd_session *session, const struct net_event *event)
{
	if (event->why == NET_DEADLINE)
		smtpd_reply(session, 421, "4.4.2", "Timeout");
	else if (event->why == NET_STOPPING)
		smtpd_reply(
			session, 421, "4.3.2", "The server is stopping, try again soon");
	else if (event->why == NET_DISMISSED)
		smtpd_reply(session, 421, "4.7.0", "Your account was removed");
	return NET_CLOSE;
}

void
smtpd_forgive(struct smtpd_session *session)
{
	session->errors = session->idle = 0;
}

void
smtpd_forget(struct smtpd_session *session)
{
	smtpd_transaction_end(session);
	buffer_clear(&session->hello);
	session->extended = false;
	if (session->account)
		begin_sign_in(session);
	session->account = 0;
	buffer_clear(&session->account_address);
}

/* --- commands in their order ---------------------------------------------------------- */

static struct wire_smtp_fault
out_of_order(const struct smtpd_session *session, const struct smtpd_command *command)
{
	unsigned needs = command->needs;
	const struct smtpd_transaction *transaction = session->transaction;
	if (needs & SMTPD_NEEDS_HELLO && session->hello.length == 0)
		return (struct wire_smtp_fault){503, "5.5.1", "Say EHLO first"};
	if (needs & SMTPD_NEEDS_SIGN_IN && smtpd_must_sign_in(session))
		return (struct wire_smtp_fault){530, "5.7.0",
			net_tls_offered(session->net) ? "Say STARTTLS, then sign in"
						      : "Sign in first"};
	if (needs & SMTPD_NEEDS_MAIL && !transaction)
		return (struct wire_smtp_fault){503, "5.5.1", "Say MAIL first"};
	if (needs & SMTPD_NOT_CHUNKED && transaction && transaction->chunked)
		return (struct wire_smtp_fault){
			503, "5.5.1", "BDAT has begun: only BDAT or RSET"};
	ASSERT(transaction || !(needs & SMTPD_NEEDS_RECIPIENT)); /* which needs MAIL too */
	if (needs & SMTPD_NEEDS_RECIPIENT && !transaction->recipients)
		return (struct wire_smtp_fault){503, "5.5.1", "No recipient was accepted"};
	if (needs & SMTPD_NOT_IN_MAIL && transaction)
		return (struct wire_smtp_fault){503, "5.5.1", "A message is under way"};
	return (struct wire_smtp_fault){0};
}

/* Browsers and scanners that take us for something else (cross-protocol attacks). */
static bool
speaks_another_protocol(struct slice verb)
{
	static const struct slice others[] = {SLICE_INIT("GET"), SLICE_INIT("POST"),
		SLICE_INIT("PUT"), SLICE_INIT("HEAD"), SLICE_INIT("OPTIONS"),
		SLICE_INIT("CONNECT"), SLICE_INIT("Host:"), SLICE_INIT("PRI")};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (slice_equal_nocase(verb, others[i]))
			return true;
	return false;
}

/* RFC 3030 2: the octets of a refused chunk follow all the same. */
static bool
chunk_follows(const struct wire_smtp_command *command)
{
	return command->verb == WIRE_SMTP_BDAT && command->chunk > 0;
}

static enum net_next
run_line(struct smtpd_session *session, struct smtpd_call *call)
{
	struct wire_smtp_fault fault = wire_smtp_command_parse(
		wire_line_taken(&session->line), call->arena, &call->command);
	const struct smtpd_command *command = smtpd_command_of(call->command.verb);
	if (!command && speaks_another_protocol(call->command.name)) {
		smtpd_reply(session, 421, "4.7.0", "This is SMTP");
		return NET_CLOSE;
	}
	if (!fault.code && !command)
		fault = (struct wire_smtp_fault){500, "5.5.2", "Unknown command"};
	if (!fault.code)
		fault = out_of_order(session, command);
	session->chunk_fault = fault;
	if (fault.code && !chunk_follows(&call->command))
		return smtpd_answer(session, fault.code, fault.enhanced, fault.text);
	ASSERT(command);
	session->idle += (command->needs & SMTPD_BRINGS_NOTHING) != 0;
	return command->run(session, call);
}

static enum net_next
command_step(struct net_session *net, const struct net_event *event)
{
	struct smtpd_session *session = smtpd_session_of(net);
	if (event->why != NET_TAKEN)
		return smtpd_gone(session, event);
	if (session->line.flaws & WIRE_FLAW_TOO_LARGE)
		return smtpd_answer(session, 500, "5.5.2", "The line is too long");
	if (session->line.flaws)
		return smtpd_answer(session, 500, "5.5.2",
			"Lines end in CRLF, and hold no other CR, LF or NUL");
	SCOPED(arena_release) struct arena *arena = arena_create(256 * 1024);
	struct smtpd_call call = {.arena = arena};
	return run_line(session, &call);
}

/* --- beginning and end ---------------------------------------------------------------- */

static enum net_next
greet(struct net_session *net, const struct net_event *event)
{
	(void)event;
	struct smtpd_session *session = smtpd_session_of(net);
	session->net = net;
	session->context = net_owner(net);
	wire_line_taker_init(&session->line, SMTPD_LINE_MOST);
	session->hello = buffer_with(WIRE_DOMAIN_LENGTH);
	session->account_address = buffer_with(ADDRESS_MOST);
	begin_sign_in(session);
	base_metric_add(session->context->metrics.sessions, 1);
	if (net_spoke_early(net)) {
		smtpd_reply(session, 554, "5.5.0", "The server speaks first");
		return NET_CLOSE;
	}
	smtpd_replyf(
		session, 220, NULL, "%.*s ESMTP", SLICE_ARG(session->context->host_name));
	return smtpd_next(session);
}

static void
closed(struct net_session *net)
{
	struct smtpd_session *session = smtpd_session_of(net);
	smtpd_transaction_end(session);
	door_exchange_drop(session->exchange);
	wire_line_taker_free(&session->line);
	buffer_free(&session->hello);
	buffer_free(&session->account_address);
}

struct smtpd_metrics
smtpd_metrics_register(struct base_metrics *metrics)
{
	return (struct smtpd_metrics){
		.accepted = base_metrics_counter(metrics, "troika_smtpd_messages_total",
			"result=\"accepted\"", "Messages after their data, by result"),
		.refused = base_metrics_counter(metrics, "troika_smtpd_messages_total",
			"result=\"refused\"", "Messages after their data, by result"),
		.recipients = base_metrics_counter(metrics, "troika_smtpd_recipients_total",
			"", "Recipients of accepted messages"),
		.bytes = base_metrics_counter(metrics, "troika_smtpd_bytes_total", "",
			"Octets of accepted messages"),
		.sessions = base_metrics_counter(
			metrics, "troika_smtpd_sessions_total", "", "Sessions greeted"),
	};
}

const struct net_protocol smtpd_protocol = {
	.name = "smtp",
	.session_size = sizeof(struct smtpd_session),
	.greet = greet,
	.closed = closed,
	.busy = SLICE_INIT("421 4.3.2 Too many connections, try again later\r\n"),
};
