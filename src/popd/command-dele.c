/* DELE: RFC 1939 5. Marks; QUIT deletes. */
#include "popd/popd-internal.h"

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	uint32_t uid = popd_maildrop_uid(session->maildrop, command->message);
	if (!uid)
		return popd_error(session, "There is no such message");
	popd_maildrop_mark(session->maildrop, uid);
	return popd_ok(session, "Marked as deleted");
}

const struct popd_command popd_command_dele = {
	.verb = WIRE_POP3_DELE,
	.states = POPD_TRANSACTION,
	.run = run,
};
