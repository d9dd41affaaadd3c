/* AUTH: RFC 4954. Mechanisms are door's; only where door lets credentials be asked for. */
#include "smtpd/smtpd-internal.h"

/* Wrong passwords weigh more than typing errors. */
enum { ERRORS_PER_REFUSAL = 4, ATTEMPT_DEADLINE = 60 * 1000 };

static enum net_next go_on(struct smtpd_session *session, enum door_step step);

/* The exchange is over. */
static enum net_next
end(struct smtpd_session *session, int code, const char *enhanced, const char *text)
{
	door_exchange_drop(session->exchange);
	session->exchange = NULL;
	return smtpd_answer(session, code, enhanced, text);
}

static enum net_next
refused(struct smtpd_session *session)
{
	session->errors += ERRORS_PER_REFUSAL;
	switch (door_exchange_outcome(session->exchange)) {
	case BASE_DENIED:
		return end(session, 535, "5.7.8", "Wrong name or password");
	case BASE_TOO_LARGE:
		return end(session, 454, "4.7.0",
			"Too many wrong passwords from your address");
	default:
		return end(session, 454, "4.7.0", "Can't check that now, try again later");
	}
}

/* Looked at once the session counts as the account's, so that no removal misses it. */
static bool
is_there(const struct smtpd_session *session, uint64_t account)
{
	struct post_account *opened;
	enum base_failure failure =
		post_account_open(session->context->post, account, &opened);
	post_account_close(opened);
	return !failure;
}

static enum net_next
welcome(struct smtpd_session *session)
{
	const struct smtpd_context *context = session->context;
	struct slice address = door_exchange_address(session->exchange);
	if (!net_account_enter(session->net, address, context->sessions_per_account))
		return end(session, 454, "4.7.0", "Too many sessions of this account");
	if (!is_there(session, door_exchange_account(session->exchange)))
		return end(session, 535, "5.7.8", "Wrong name or password");
	session->account = door_exchange_account(session->exchange);
	buffer_clear(&session->account_address);
	buffer_put(&session->account_address, address);
	return end(session, 235, "2.7.0", "Welcome");
}

static enum net_next
checked(struct net_session *net, const struct net_event *event)
{
	struct smtpd_session *session = smtpd_session_of(net);
	if (event->why != NET_TICKET)
		return smtpd_gone(session, event);
	return go_on(session, door_exchange_checked(session->exchange, event->outcome));
}

static enum net_next
check(struct smtpd_session *session)
{
	return net_park(session->net,
		&(struct net_want){.ticket = door_exchange_check(session->exchange),
			.deadline = ATTEMPT_DEADLINE},
		checked);
}

static enum net_next
line_taken(struct net_session *net, const struct net_event *event)
{
	struct smtpd_session *session = smtpd_session_of(net);
	if (event->why != NET_TAKEN)
		return smtpd_gone(session, event);
	if (session->line.flaws)
		return end(session, 500, "5.5.6", "That line is broken");
	return go_on(session,
		door_exchange_take(session->exchange, wire_line_taken(&session->line)));
}

static enum net_next
ask(struct smtpd_session *session)
{
	net_put(session->net, SLICE("334 "));
	net_put(session->net, door_exchange_challenge(session->exchange));
	net_put(session->net, SLICE("\r\n"));
	return smtpd_next_line(session, line_taken);
}

static enum net_next
go_on(struct smtpd_session *session, enum door_step step)
{
	switch (step) {
	case DOOR_CHALLENGE:
		return ask(session);
	case DOOR_CHECK:
		return check(session);
	case DOOR_WELCOME:
		return welcome(session);
	case DOOR_REFUSED:
		return refused(session);
	case DOOR_BROKEN:
		return end(session, 501, "5.5.2", "That is no valid base64 of an answer");
	case DOOR_GIVEN_UP:
		return end(session, 501, "5.7.0", "Given up");
	}
	return NET_CLOSE;
}

static enum net_next
run(struct smtpd_session *session, struct smtpd_call *call)
{
	const struct smtpd_context *context = session->context;
	if (context->role != SMTPD_SUBMISSION)
		return smtpd_answer(
			session, 502, "5.5.1", "Nobody signs in here: use submission");
	if (!door_may_ask(context->door, session->net))
		return smtpd_answer(session, 538, "5.7.11", "Say STARTTLS first");
	if (session->account)
		return smtpd_answer(session, 503, "5.5.1", "You are signed in already");
	session->exchange = door_exchange_create(
		context->door, session->net, SLICE("smtp"), call->command.mechanism);
	if (!session->exchange)
		return smtpd_answer(session, 504, "5.5.4", "That mechanism is not offered");
	return go_on(
		session, door_exchange_begin(session->exchange, call->command.initial));
}

const struct smtpd_command smtpd_command_auth = {.verb = WIRE_SMTP_AUTH,
	.needs = SMTPD_NEEDS_HELLO | SMTPD_NOT_IN_MAIL,
	.help = "AUTH mechanism [response]",
	.run = run};
