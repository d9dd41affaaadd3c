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

static enum net_next
open_maildrop(struct popd_session *session)
{
	uint64_t account = door_attempt_account(session->attempt);
	enum base_failure failure =
		popd_maildrop_open(session->context->post, account, &session->maildrop);
	if (failure == BASE_CONFLICT)
		return popd_error(session,
			"[IN-USE] Another session has this maildrop, try again later");
	if (failure != BASE_OK)
		return popd_error(session, popd_failure_text(failure));
	popd_set_user(session, door_attempt_address(session->attempt));
	session->state = POPD_TRANSACTION;
	session->errors = 0;
	return popd_ok(session, "%u messages", popd_maildrop_count(session->maildrop));
}

static enum net_next
refuse(struct popd_session *session, enum base_failure outcome)
{
	session->errors += ERRORS_PER_REFUSAL - 1;
	return popd_error(session, refusal_text(outcome));
}

static enum net_next
checked(struct net_session *net, const struct net_event *event)
{
	struct popd_session *session = popd_session_of(net);
	if (event->why != NET_TICKET)
		return popd_gone(session, event);
	enum net_next next = event->outcome == BASE_OK ? open_maildrop(session)
						       : refuse(session, event->outcome);
	door_attempt_drop(session->attempt);
	session->attempt = NULL;
	return next;
}

enum net_next
popd_sign_in(struct popd_session *session, struct slice mechanism,
	const struct wire_sasl_plain *plain)
{
	session->attempt = door_attempt_create(session->context->door, session->net,
		SLICE("pop3"), mechanism, plain->authenticate, plain->password);
	door_attempt_set_authzid(session->attempt, plain->authorize);
	popd_wipe_line(session);
	popd_set_user(session, SLICE_NONE);
	return net_park(session->net,
		&(struct net_want){.ticket = door_attempt_start(session->attempt),
			.deadline = POPD_WAIT_MS},
		checked);
}
