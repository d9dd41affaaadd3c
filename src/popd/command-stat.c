/* STAT: RFC 1939 5. Adds the sizes up in parts, as a maildrop may have many messages. */
#include "popd/popd-internal.h"

static void
add(void *argument, uint32_t number, uint64_t size)
{
	(void)number;
	uint64_t *octets = argument;
	*octets += size;
}

static enum net_next
add_part(struct popd_session *session)
{
	uint32_t first, last;
	struct popd_maildrop *maildrop = session->maildrop;
	if (!popd_next_part(session, &first, &last))
		return popd_ok(session, "%u %llu",
			popd_maildrop_count(maildrop) - popd_maildrop_marked(maildrop),
			(unsigned long long)session->octets);
	enum base_failure failure =
		popd_maildrop_sizes(maildrop, first, last, add, &session->octets);
	if (failure != BASE_OK)
		return popd_error(session, popd_failure_text(failure));
	return popd_go_on(session, add_part);
}

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	(void)command;
	session->listed = 0;
	session->octets = 0;
	return add_part(session);
}

const struct popd_command popd_command_stat = {
	.verb = WIRE_POP3_STAT,
	.states = POPD_TRANSACTION,
	.run = run,
};
