/* AUTH: RFC 5034. Without a mechanism: the list of them (RFC 1734). */
#include "popd/popd-internal.h"

static struct slice
mechanism(const struct popd_session *session, size_t index)
{
	return door_mechanism_name(session->context->door, session->net, index);
}

static enum net_next
list(struct popd_session *session)
{
	struct slice name;
	popd_begin(session, "These mechanisms");
	for (size_t i = 0; !slice_absent(name = mechanism(session, i)); i++) {
		net_put(session->net, name);
		net_put(session->net, SLICE("\r\n"));
	}
	net_put(session->net, SLICE(".\r\n"));
	return popd_next(session);
}

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	if (slice_empty(command->text))
		return list(session);
	session->exchange = door_exchange_create(
		session->context->door, session->net, SLICE("pop3"), command->text);
	if (!session->exchange)
		return popd_error(session, "That mechanism is not offered");
	return popd_step(session, door_exchange_begin(session->exchange, command->initial));
}

static void
put_mechanisms(const struct popd_session *session, struct buffer *line)
{
	struct slice name;
	for (size_t i = 0; !slice_absent(name = mechanism(session, i)); i++) {
		buffer_put_byte(line, ' ');
		buffer_put(line, name);
	}
}

const struct popd_command popd_command_auth = {
	.verb = WIRE_POP3_AUTH,
	.states = POPD_AUTHORIZATION,
	.capability = SLICE_INIT("SASL"),
	.more_capability = put_mechanisms,
	.offered = popd_may_ask,
	.refusal = "Passwords are taken over TLS only: say STLS first",
	.run = run,
};
