/* LIST: RFC 1939 5. */
#include "popd/popd-internal.h"

/* "123456 123456789\r\n" and room to spare. */
#define PART_MOST (POPD_LISTED_AT_ONCE * 40)

static void
put_size(void *argument, uint32_t number, uint64_t size)
{
	buffer_printf(argument, "%u %llu\r\n", number, (unsigned long long)size);
}

static enum net_next
list_part(struct popd_session *session)
{
	SCOPED(buffer_free) struct buffer part = buffer_with(PART_MOST);
	uint32_t first, last;
	if (!popd_next_part(session, &first, &last)) {
		net_put(session->net, SLICE(".\r\n"));
		return popd_next(session);
	}
	/* In the middle of an answer there is no way to say what is wrong. */
	if (popd_maildrop_sizes(session->maildrop, first, last, put_size, &part) != BASE_OK)
		return NET_CLOSE;
	net_put(session->net, buffer_slice(&part));
	return popd_go_on(session, list_part);
}

static void
keep_size(void *argument, uint32_t number, uint64_t size)
{
	(void)number;
	*(uint64_t *)argument = size;
}

static enum net_next
list_one(struct popd_session *session, uint32_t number)
{
	uint64_t size = 0;
	if (!popd_maildrop_uid(session->maildrop, number))
		return popd_error(session, "There is no such message");
	enum base_failure failure =
		popd_maildrop_sizes(session->maildrop, number, number, keep_size, &size);
	if (failure != BASE_OK)
		return popd_error(session, popd_failure_text(failure));
	return popd_ok(session, "%u %llu", number, (unsigned long long)size);
}

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	if (command->message)
		return list_one(session, command->message);
	popd_begin(session, "Numbers and octets");
	session->listed = 0;
	return list_part(session);
}

const struct popd_command popd_command_list = {
	.verb = WIRE_POP3_LIST,
	.states = POPD_TRANSACTION,
	.run = run,
};
