/* RETR: RFC 1939 5. */
#include "popd/popd-internal.h"

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	return popd_send(session, command->message, POPD_WHOLE);
}

const struct popd_command popd_command_retr = {
	.verb = WIRE_POP3_RETR,
	.states = POPD_TRANSACTION,
	.run = run,
};
