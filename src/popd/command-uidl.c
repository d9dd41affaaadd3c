/* UIDL: RFC 1939 7. "UIDVALIDITY.UID" names a message for good. */
#include "popd/popd-internal.h"

/* "123456 4294967295.4294967295\r\n" and room to spare. */
#define PART_MOST (POPD_LISTED_AT_ONCE * 48)

static enum net_next
list_part(struct popd_session *session)
{
	SCOPED(buffer_free) struct buffer part = buffer_with(PART_MOST);
	const struct popd_maildrop *maildrop = session->maildrop;
	uint32_t first, last;
	if (!popd_next_part(session, &first, &last)) {
		net_put(session->net, SLICE(".\r\n"));
		return popd_next(session);
	}
	for (uint32_t number = first; number <= last; number++) {
		uint32_t uid = popd_maildrop_uid(maildrop, number);
		if (uid)
			buffer_printf(&part, "%u %u.%u\r\n", number,
				popd_maildrop_uid_validity(maildrop), uid);
	}
	net_put(session->net, buffer_slice(&part));
	return popd_go_on(session, list_part);
}

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	const struct popd_maildrop *maildrop = session->maildrop;
	if (command->message) {
		uint32_t uid = popd_maildrop_uid(maildrop, command->message);
		if (!uid)
			return popd_error(session, "There is no such message");
		return popd_ok(session, "%u %u.%u", command->message,
			popd_maildrop_uid_validity(maildrop), uid);
	}
	popd_begin(session, "Numbers and unique ids");
	session->listed = 0;
	return list_part(session);
}

const struct popd_command popd_command_uidl = {
	.verb = WIRE_POP3_UIDL,
	.states = POPD_TRANSACTION,
	.capability = SLICE_INIT("UIDL"),
	.run = run,
};
