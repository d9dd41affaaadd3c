/* CAPA: RFC 2449 5. Made from the descriptors of the commands. */
#include "popd/popd-internal.h"

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	(void)command;
	popd_begin(session, "This is offered");
	for (size_t i = 0; popd_commands[i]; i++) {
		const struct popd_command *each = popd_commands[i];
		if (slice_absent(each->capability) ||
			(each->offered && !each->offered(session)))
			continue;
		SCOPED(buffer_free) struct buffer line = buffer_with(1024);
		buffer_put(&line, each->capability);
		if (each->more_capability)
			each->more_capability(session, &line);
		buffer_put_text(&line, "\r\n");
		net_put(session->net, buffer_slice(&line));
	}
	net_put(session->net, SLICE("AUTH-RESP-CODE\r\n"
				    "EXPIRE NEVER\r\n"
				    "IMPLEMENTATION Troika\r\n"
				    "PIPELINING\r\n"
				    "RESP-CODES\r\n"
				    ".\r\n"));
	return popd_next(session);
}

const struct popd_command popd_command_capa = {
	.verb = WIRE_POP3_CAPA,
	.states = POPD_AUTHORIZATION | POPD_TRANSACTION,
	.run = run,
};
