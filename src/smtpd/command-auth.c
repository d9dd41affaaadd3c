/* AUTH PLAIN and LOGIN: RFC 4954, RFC 4616. Only where door lets credentials be asked for.
 */
#include "smtpd/smtpd-internal.h"
#include "wire/sasl.h"

/* Wrong passwords weigh more than typing errors. */
enum { ERRORS_PER_REFUSAL = 4, ATTEMPT_DEADLINE = 60 * 1000 };

static struct wire_smtp_fault
verdict_fault(enum base_failure outcome)
{
	switch (outcome) {
	case BASE_OK:
		return (struct wire_smtp_fault){0};
	case BASE_DENIED:
		return (struct wire_smtp_fault){535, "5.7.8", "Wrong name or password"};
	case BASE_TOO_LARGE:
		return (struct wire_smtp_fault){
			454, "4.7.0", "Too many wrong passwords from your address"};
	default:
		return (struct wire_smtp_fault){
			454, "4.7.0", "Can't check that now, try again later"};
	}
}

static enum net_next
signed_in(struct smtpd_session *session)
{
	struct door_attempt *attempt = session->attempt;
	const struct smtpd_context *context = session->context;
	struct slice address = door_attempt_address(attempt);
	if (!net_account_enter(session->net, address, context->sessions_per_account))
		return smtpd_answer(
			session, 454, "4.7.0", "Too many sessions of this account");
	session->account = door_attempt_account(attempt);
	buffer_clear(&session->account_address);
	buffer_put(&session->account_address, address);
	return smtpd_answer(session, 235, "2.7.0", "Welcome");
}

static enum net_next
checked(struct net_session *net, const struct net_event *event)
{
	struct smtpd_session *session = smtpd_session_of(net);
	if (event->why != NET_TICKET)
		return smtpd_gone(session, event);
	struct wire_smtp_fault fault = verdict_fault(event->outcome);
	enum net_next next;
	if (fault.code) {
		session->errors += ERRORS_PER_REFUSAL;
		next = smtpd_answer(session, fault.code, fault.enhanced, fault.text);
	} else {
		next = signed_in(session);
	}
	door_attempt_drop(session->attempt);
	session->attempt = NULL;
	return next;
}

static void
wipe(struct slice secret)
{
	if (secret.length)
		explicit_bzero((void *)(uintptr_t)secret.data, secret.length);
}

/* The password is a copy in an arena of the caller's. */
static enum net_next
check(struct smtpd_session *session, struct slice mechanism,
	const struct wire_sasl_plain *plain)
{
	session->attempt = door_attempt_create(session->context->door, session->net,
		SLICE("smtp"), mechanism, plain->authenticate, plain->password);
	door_attempt_set_authzid(session->attempt, plain->authorize);
	wipe(plain->password);
	return net_park(session->net,
		&(struct net_want){.ticket = door_attempt_start(session->attempt),
			.deadline = ATTEMPT_DEADLINE},
		checked);
}

/* The next line of an exchange, or the answer that ends it (RFC 4954 4). */
static bool
exchange_goes_on(
	struct smtpd_session *session, const struct net_event *event, enum net_next *next)
{
	if (event->why != NET_TAKEN)
		*next = smtpd_gone(session, event);
	else if (session->line.flaws)
		*next = smtpd_answer(session, 500, "5.5.6", "That line is broken");
	else if (wire_sasl_is_cancel(wire_line_taken(&session->line)))
		*next = smtpd_answer(session, 501, "5.7.0", "Given up");
	else
		return true;
	return false;
}

static enum net_next
broken(struct smtpd_session *session)
{
	return smtpd_answer(session, 501, "5.5.2", "That is no valid base64 of an answer");
}

static enum net_next
plain_given(struct smtpd_session *session, struct slice response)
{
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
	struct wire_sasl_plain plain;
	if (!wire_sasl_plain_decode(response, arena, &plain))
		return broken(session);
	return check(session, SLICE("PLAIN"), &plain);
}

static enum net_next
plain_line(struct net_session *net, const struct net_event *event)
{
	struct smtpd_session *session = smtpd_session_of(net);
	enum net_next next;
	if (!exchange_goes_on(session, event, &next))
		return next;
	return plain_given(session, wire_line_taken(&session->line));
}

static enum net_next
login_password(struct net_session *net, const struct net_event *event)
{
	struct smtpd_session *session = smtpd_session_of(net);
	enum net_next next;
	if (!exchange_goes_on(session, event, &next))
		return next;
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
	struct wire_sasl_plain plain = {.authenticate = buffer_slice(&session->login_name)};
	if (!wire_sasl_login_decode(
		    wire_line_taken(&session->line), arena, &plain.password))
		return broken(session);
	return check(session, SLICE("LOGIN"), &plain);
}

static enum net_next
login_named(struct smtpd_session *session, struct slice response)
{
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
	struct slice name;
	if (!wire_sasl_login_decode(response, arena, &name))
		return broken(session);
	buffer_clear(&session->login_name);
	buffer_put(&session->login_name, name);
	net_put(session->net, SLICE("334 " WIRE_SASL_LOGIN_PASSWORD_PROMPT "\r\n"));
	return smtpd_next_line(session, login_password);
}

static enum net_next
login_name(struct net_session *net, const struct net_event *event)
{
	struct smtpd_session *session = smtpd_session_of(net);
	enum net_next next;
	if (!exchange_goes_on(session, event, &next))
		return next;
	return login_named(session, wire_line_taken(&session->line));
}

static enum net_next
begin_plain(struct smtpd_session *session, struct slice initial)
{
	if (!slice_absent(initial))
		return plain_given(session, initial);
	net_put(session->net, SLICE("334 \r\n"));
	return smtpd_next_line(session, plain_line);
}

static enum net_next
begin_login(struct smtpd_session *session, struct slice initial)
{
	if (!slice_absent(initial))
		return login_named(session, initial);
	net_put(session->net, SLICE("334 " WIRE_SASL_LOGIN_NAME_PROMPT "\r\n"));
	return smtpd_next_line(session, login_name);
}

static enum net_next
run(struct smtpd_session *session, struct smtpd_call *call)
{
	const struct smtpd_context *context = session->context;
	struct slice mechanism = call->command.mechanism;
	if (context->role != SMTPD_SUBMISSION)
		return smtpd_answer(
			session, 502, "5.5.1", "Nobody signs in here: use submission");
	if (!door_may_ask(context->door, session->net))
		return smtpd_answer(session, 538, "5.7.11", "Say STARTTLS first");
	if (session->account)
		return smtpd_answer(session, 503, "5.5.1", "You are signed in already");
	if (slice_equal(mechanism, SLICE("PLAIN")))
		return begin_plain(session, call->command.initial);
	if (slice_equal(mechanism, SLICE("LOGIN")))
		return begin_login(session, call->command.initial);
	return smtpd_answer(session, 504, "5.5.4", "PLAIN or LOGIN");
}

const struct smtpd_command smtpd_command_auth = {.verb = WIRE_SMTP_AUTH,
	.needs = SMTPD_NEEDS_HELLO | SMTPD_NOT_IN_MAIL,
	.help = "AUTH PLAIN|LOGIN",
	.run = run};
