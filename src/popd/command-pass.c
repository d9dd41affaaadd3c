/* PASS: RFC 1939 7. */
#include "popd/popd-internal.h"

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	if (slice_empty(session->user))
		return popd_error(session, "Say USER first");
	session->exchange = door_exchange_of_password(session->context->door, session->net,
		SLICE("pop3"), SLICE("PASS"), session->user, command->text);
	return popd_step(session, DOOR_CHECK);
}

const struct popd_command popd_command_pass = {
	.verb = WIRE_POP3_PASS,
	.states = POPD_AUTHORIZATION,
	.offered = popd_may_ask,
	.refusal = "Passwords are taken over TLS only: say STLS first",
	.run = run,
};
