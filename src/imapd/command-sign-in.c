/* LOGIN (RFC 3501 6.2.3), AUTHENTICATE (6.2.2) with PLAIN and LOGIN, SASL-IR (RFC 4959). */
#include "imapd/imapd-internal.h"
#include "wire/sasl.h"

enum { ATTEMPT_DEADLINE = 60 * 1000, ERRORS_PER_REFUSAL = 5 };

static enum net_next
verdict(struct imapd_session *session, enum base_failure outcome)
{
	session->errors += ERRORS_PER_REFUSAL;
	if (outcome == BASE_DENIED)
		return imapd_no(session, "[AUTHENTICATIONFAILED] Wrong name or password");
	if (outcome == BASE_TOO_LARGE)
		return imapd_no(session, "[LIMIT] Too many wrong passwords from your "
					 "address, try again later");
	return imapd_no(session, "[UNAVAILABLE] Can't check that now, try again later");
}

static enum net_next
signed_in(struct imapd_session *session)
{
	const struct imapd_context *context = session->context;
	struct slice address = door_attempt_address(session->attempt);
	if (!net_account_enter(session->net, address, context->sessions_per_account))
		return imapd_no(session, "[LIMIT] Too many sessions of this account");
	enum base_failure failure = post_account_open(
		context->post, door_attempt_account(session->attempt), &session->account);
	if (failure)
		return imapd_no(session, "[UNAVAILABLE] The mailbox can't be opened now");
	session->state = IMAPD_SIGNED_IN;
	session->errors = 0;
	session->address = strndup(address.data, address.length);
	SCOPED(buffer_free) struct buffer text = buffer_with(4096);
	buffer_put_text(&text, "[CAPABILITY ");
	imapd_put_capabilities(session, &text);
	buffer_put_text(&text, "] Welcome");
	return imapd_ok_slice(session, buffer_slice(&text));
}

static enum net_next
checked(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	enum net_next next =
		event->outcome ? verdict(session, event->outcome) : signed_in(session);
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

/* The attempt has its own copy; ours shall not wait in memory for the next command. */
static void
forget(struct imapd_session *session, const struct wire_sasl_plain *plain)
{
	struct imapd_call *call = session->call;
	call->tag = arena_copy(call->arena, call->tag);
	wipe(plain->password);
	wipe(buffer_slice(&session->gather.text));
	wipe(buffer_slice(&session->line.line));
}

static enum net_next
check(struct imapd_session *session, const char *mechanism,
	const struct wire_sasl_plain *plain)
{
	session->attempt =
		door_attempt_create(session->context->door, session->net, SLICE("imap"),
			slice_of_text(mechanism), plain->authenticate, plain->password);
	door_attempt_set_authzid(session->attempt, plain->authorize);
	forget(session, plain);
	return net_park(session->net,
		&(struct net_want){.ticket = door_attempt_start(session->attempt),
			.deadline = ATTEMPT_DEADLINE},
		checked);
}

static enum net_next
run_login(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_sasl_plain plain = {0};
	if (!wire_imap_login_parse(&call->cursor, &plain.authenticate, &plain.password))
		return imapd_unparsed(session);
	if (!door_may_ask(session->context->door, session->net))
		return imapd_no(session, "[PRIVACYREQUIRED] Say STARTTLS first");
	return check(session, "LOGIN", &plain);
}

/* --- AUTHENTICATE ----------------------------------------------------------------------
 */

/* A line of the exchange; false when the exchange has ended otherwise. */
static bool
exchange_goes_on(
	struct imapd_session *session, const struct net_event *event, enum net_next *next)
{
	if (event->why != NET_TAKEN)
		*next = imapd_gone(session, event);
	else if (session->line.flaws)
		*next = imapd_bad(session, "That line is broken");
	else if (wire_sasl_is_cancel(wire_line_taken(&session->line)))
		*next = imapd_bad(session, "Given up");
	else
		return true;
	return false;
}

static enum net_next
broken(struct imapd_session *session)
{
	return imapd_bad(session, "That is no valid base64 of an answer");
}

static enum net_next
plain_given(struct imapd_session *session, struct slice response)
{
	struct wire_sasl_plain plain;
	if (!wire_sasl_plain_decode(response, session->call->arena, &plain))
		return broken(session);
	return check(session, "PLAIN", &plain);
}

static enum net_next
plain_line(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	enum net_next next;
	if (!exchange_goes_on(session, event, &next))
		return next;
	return plain_given(session, wire_line_taken(&session->line));
}

static enum net_next
login_password(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	struct wire_sasl_plain plain = {.authenticate = session->login_name};
	enum net_next next;
	if (!exchange_goes_on(session, event, &next))
		return next;
	if (!wire_sasl_login_decode(
		    wire_line_taken(&session->line), session->call->arena, &plain.password))
		return broken(session);
	return check(session, "LOGIN", &plain);
}

static enum net_next
login_named(struct imapd_session *session, struct slice response)
{
	if (!wire_sasl_login_decode(response, session->call->arena, &session->login_name))
		return broken(session);
	imapd_put_text(session, "+ " WIRE_SASL_LOGIN_PASSWORD_PROMPT "\r\n");
	return imapd_next_line(session, &(struct net_want){0}, login_password);
}

static enum net_next
login_name(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	enum net_next next;
	if (!exchange_goes_on(session, event, &next))
		return next;
	return login_named(session, wire_line_taken(&session->line));
}

static enum net_next
begin_plain(struct imapd_session *session, struct slice initial)
{
	if (!slice_absent(initial))
		return plain_given(session, initial);
	imapd_put_text(session, "+ \r\n");
	return imapd_next_line(session, &(struct net_want){0}, plain_line);
}

static enum net_next
begin_login(struct imapd_session *session, struct slice initial)
{
	if (!slice_absent(initial))
		return login_named(session, initial);
	imapd_put_text(session, "+ " WIRE_SASL_LOGIN_NAME_PROMPT "\r\n");
	return imapd_next_line(session, &(struct net_want){0}, login_name);
}

static enum net_next
run_authenticate(struct imapd_session *session, struct imapd_call *call)
{
	struct slice mechanism, initial;
	if (!wire_imap_authenticate_parse(&call->cursor, &mechanism, &initial))
		return imapd_unparsed(session);
	if (!door_may_ask(session->context->door, session->net))
		return imapd_no(session, "[PRIVACYREQUIRED] Say STARTTLS first");
	if (slice_equal_nocase(mechanism, SLICE("PLAIN")))
		return begin_plain(session, initial);
	if (slice_equal_nocase(mechanism, SLICE("LOGIN")))
		return begin_login(session, initial);
	return imapd_no(session, "[CANNOT] PLAIN or LOGIN");
}

const struct imapd_command imapd_command_login = {
	.name = "LOGIN", .states = IMAPD_NOT_SIGNED_IN, .run = run_login};
const struct imapd_command imapd_command_authenticate = {
	.name = "AUTHENTICATE", .states = IMAPD_NOT_SIGNED_IN, .run = run_authenticate};
