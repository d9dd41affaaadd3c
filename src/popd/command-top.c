/* TOP: RFC 1939 7. */
#include "popd/popd-internal.h"

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	return popd_send(session, command->message, command->lines);
}

const struct popd_command popd_command_top = {
	.verb = WIRE_POP3_TOP,
	.states = POPD_TRANSACTION,
	.capability = SLICE_INIT("TOP"),
	.run = run,
};
