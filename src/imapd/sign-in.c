/* What LOGIN and AUTHENTICATE share: the exchange with the door. */
#include "imapd/notify.h"

enum { ATTEMPT_DEADLINE = 60 * 1000, ERRORS_PER_REFUSAL = 5 };

/* The exchange is over; what the answer says may be its text. */
static enum net_next
end(struct imapd_session *session, enum net_next next)
{
	door_exchange_drop(session->exchange);
	session->exchange = NULL;
	return next;
}

static enum net_next
refused(struct imapd_session *session)
{
	session->errors += ERRORS_PER_REFUSAL;
	switch (door_exchange_outcome(session->exchange)) {
	case BASE_DENIED:
		return imapd_no(session, "[AUTHENTICATIONFAILED] Wrong name or password");
	case BASE_TOO_LARGE:
		return imapd_no(session, "[LIMIT] Too many wrong passwords from your "
					 "address, try again later");
	default:
		return imapd_no(
			session, "[UNAVAILABLE] Can't check that now, try again later");
	}
}

/* What "account hide" says of it. */
static struct slice
hidden_of(struct post *post, struct slice address)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_account_info info;
	if (post_account_find(post, address, arena, &info) || slice_empty(info.hidden))
		return SLICE_NONE;
	char *copy = strndup(info.hidden.data, info.hidden.length);
	ASSERT(copy);
	return slice_of(copy, info.hidden.length);
}

static enum net_next
welcome(struct imapd_session *session)
{
	const struct imapd_context *context = session->context;
	struct slice address = door_exchange_address(session->exchange);
	if (!net_account_enter(session->net, address, context->sessions_per_account))
		return imapd_no(session, "[LIMIT] Too many sessions of this account");
	enum base_failure failure = post_account_open(
		context->post, door_exchange_account(session->exchange), &session->account);
	if (failure)
		return imapd_no(session, "[UNAVAILABLE] The mailbox can't be opened now");
	session->state = IMAPD_SIGNED_IN;
	session->account_id = door_exchange_account(session->exchange);
	session->errors = session->commands = 0;
	session->address = strndup(address.data, address.length);
	session->account_hidden = hidden_of(context->post, address);
	SCOPED(buffer_free) struct buffer text = buffer_with(4096);
	buffer_put_text(&text, "[CAPABILITY ");
	imapd_put_capabilities(session, &text);
	buffer_put_text(&text, "] Welcome");
	return imapd_ok_slice(session, buffer_slice(&text));
}

void
imapd_sign_out(struct imapd_session *session)
{
	imapd_notify_end(session);
	imapd_unselect(session);
	post_account_close(session->account);
	free(session->address);
	net_account_leave(session->net);
	session->account = NULL;
	session->account_id = 0;
	session->address = NULL;
	free((void *)(uintptr_t)session->account_hidden.data);
	session->account_hidden = SLICE_NONE;
	session->enabled = 0;
	session->language = NULL;
	session->state = IMAPD_NOT_SIGNED_IN;
}

static enum net_next
checked(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	return imapd_sign_in(
		session, door_exchange_checked(session->exchange, event->outcome));
}

static void
wipe(struct slice secret)
{
	if (secret.length)
		explicit_bzero((void *)(uintptr_t)secret.data, secret.length);
}

/* The exchange has its own copy; ours shall not wait in memory for the next command. */
static void
forget(struct imapd_session *session)
{
	struct imapd_call *call = session->call;
	call->tag = arena_copy(call->arena, call->tag);
	wipe(buffer_slice(&session->gather.text));
	wipe(buffer_slice(&session->line.line));
}

static enum net_next
check(struct imapd_session *session)
{
	forget(session);
	return net_park(session->net,
		&(struct net_want){.ticket = door_exchange_check(session->exchange),
			.deadline = ATTEMPT_DEADLINE},
		checked);
}

static enum net_next
line_taken(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TAKEN)
		return imapd_gone(session, event);
	if (session->line.flaws)
		return end(session, imapd_bad(session, "That line is broken"));
	return imapd_sign_in(session,
		door_exchange_take(session->exchange, wire_line_taken(&session->line)));
}

static enum net_next
ask(struct imapd_session *session)
{
	struct slice parts[] = {
		SLICE("+ "), door_exchange_challenge(session->exchange), SLICE("\r\n")};
	net_put(session->net, arena_join(session->call->arena, parts, 3));
	return imapd_next_line(session, &(struct net_want){0}, line_taken);
}

enum net_next
imapd_sign_in(struct imapd_session *session, enum door_step step)
{
	switch (step) {
	case DOOR_CHALLENGE:
		return ask(session);
	case DOOR_CHECK:
		return check(session);
	case DOOR_WELCOME:
		return end(session, welcome(session));
	case DOOR_REFUSED:
		return end(session, refused(session));
	case DOOR_BROKEN:
		return end(session,
			imapd_bad(session, "That is no valid base64 of an answer"));
	case DOOR_GIVEN_UP:
		return end(session, imapd_bad(session, "Given up"));
	}
	return NET_CLOSE;
}
