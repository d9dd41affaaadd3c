#include "popd/popd-internal.h"

/* A wrong password weighs more than a typing error. */
enum { ERRORS_PER_REFUSAL = 4 };

bool
popd_may_ask(const struct popd_session *session)
{
	return door_may_ask(session->context->door, session->net);
}

static const char *
refusal_text(enum base_failure outcome)
{
	switch (outcome) {
	case BASE_DENIED:
		return "[AUTH] Wrong name or password";
	case BASE_TOO_LARGE:
		return "[SYS/TEMP] Too many wrong passwords from your address, wait a "
		       "while";
	default:
		return "[SYS/TEMP] That can't be checked now, try again later";
	}
}

static void
drop_exchange(struct popd_session *session)
{
	door_exchange_drop(session->exchange);
	session->exchange = NULL;
}

static enum net_next
not_signed_in(struct popd_session *session, const char *text)
{
	drop_exchange(session);
	return popd_error(session, text);
}

static enum net_next
open_maildrop(struct popd_session *session)
{
	uint64_t account = door_exchange_account(session->exchange);
	/* Only one at a time has the maildrop, so no number bounds them. */
	(void)net_account_enter(session->net, door_exchange_address(session->exchange), 0);
	enum base_failure failure =
		popd_maildrop_open(session->context->post, account, &session->maildrop);
	if (failure == BASE_CONFLICT)
		return not_signed_in(session,
			"[IN-USE] Another session has this maildrop, try again later");
	if (failure != BASE_OK)
		return not_signed_in(session, popd_failure_text(failure));
	popd_set_user(session, door_exchange_address(session->exchange));
	drop_exchange(session);
	session->state = POPD_TRANSACTION;
	session->errors = 0;
	return popd_ok(session, "%u messages", popd_maildrop_count(session->maildrop));
}

static enum net_next
refuse(struct popd_session *session)
{
	session->errors += ERRORS_PER_REFUSAL - 1;
	return not_signed_in(
		session, refusal_text(door_exchange_outcome(session->exchange)));
}

static enum net_next
checked(struct net_session *net, const struct net_event *event)
{
	struct popd_session *session = popd_session_of(net);
	if (event->why != NET_TICKET)
		return popd_gone(session, event);
	return popd_step(session, door_exchange_checked(session->exchange, event->outcome));
}

static enum net_next
check(struct popd_session *session)
{
	popd_wipe_line(session);
	popd_set_user(session, SLICE_NONE);
	return net_park(session->net,
		&(struct net_want){.ticket = door_exchange_check(session->exchange),
			.deadline = POPD_WAIT_MS},
		checked);
}

static enum net_next
line_taken(struct net_session *net, const struct net_event *event)
{
	struct popd_session *session = popd_session_of(net);
	if (event->why != NET_TAKEN)
		return popd_gone(session, event);
	if (session->line.flaws)
		return not_signed_in(session, "That line is broken");
	return popd_step(session,
		door_exchange_take(session->exchange, wire_line_taken(&session->line)));
}

/* RFC 5034 4. */
static enum net_next
ask(struct popd_session *session)
{
	net_put(session->net, SLICE("+ "));
	net_put(session->net, door_exchange_challenge(session->exchange));
	net_put(session->net, SLICE("\r\n"));
	return popd_next_line(session, line_taken);
}

enum net_next
popd_step(struct popd_session *session, enum door_step step)
{
	switch (step) {
	case DOOR_CHALLENGE:
		return ask(session);
	case DOOR_CHECK:
		return check(session);
	case DOOR_WELCOME:
		return open_maildrop(session);
	case DOOR_REFUSED:
		return refuse(session);
	case DOOR_BROKEN:
		return not_signed_in(session, "That is no valid answer in base64");
	case DOOR_GIVEN_UP:
		return not_signed_in(session, "Given up");
	}
	return NET_CLOSE;
}
