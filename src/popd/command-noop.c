/* NOOP: RFC 1939 5. */
#include "popd/popd-internal.h"

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	(void)command;
	return popd_ok(session, "Here");
}

const struct popd_command popd_command_noop = {
	.verb = WIRE_POP3_NOOP,
	.states = POPD_TRANSACTION,
	.run = run,
};
