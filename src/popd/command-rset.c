/* RSET: RFC 1939 5. */
#include "popd/popd-internal.h"

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	(void)command;
	popd_maildrop_unmark_all(session->maildrop);
	return popd_ok(session, "Nothing is marked");
}

const struct popd_command popd_command_rset = {
	.verb = WIRE_POP3_RSET,
	.states = POPD_TRANSACTION,
	.run = run,
};
