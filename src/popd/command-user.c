/* USER: RFC 1939 7. The name is taken whatever it is, so that nobody learns who is here. */
#include "popd/popd-internal.h"

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	popd_set_user(session, command->text);
	return popd_ok(session, "And the password?");
}

const struct popd_command popd_command_user = {
	.verb = WIRE_POP3_USER,
	.states = POPD_AUTHORIZATION,
	.capability = SLICE_INIT("USER"),
	.offered = popd_may_ask,
	.refusal = "Passwords are taken over TLS only: say STLS first",
	.run = run,
};
