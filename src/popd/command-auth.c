/* AUTH PLAIN: RFC 5034, RFC 4616. Without a mechanism: the list of them (RFC 1734). */
#include "popd/popd-internal.h"

static enum net_next
plain_given(struct popd_session *session, struct slice response)
{
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
	struct wire_sasl_plain plain;
	if (!wire_sasl_plain_decode(response, arena, &plain))
		return popd_error(session, "That is no valid answer in base64");
	enum net_next next = popd_sign_in(session, SLICE("PLAIN"), &plain);
	if (plain.password.length)
		explicit_bzero(
			(void *)(uintptr_t)plain.password.data, plain.password.length);
	return next;
}

static enum net_next
plain_line(struct net_session *net, const struct net_event *event)
{
	struct popd_session *session = popd_session_of(net);
	if (event->why != NET_TAKEN)
		return popd_gone(session, event);
	if (session->line.flaws)
		return popd_error(session, "That line is broken");
	if (wire_sasl_is_cancel(wire_line_taken(&session->line)))
		return popd_error(session, "Given up");
	return plain_given(session, wire_line_taken(&session->line));
}

static enum net_next
run(struct popd_session *session, const struct wire_pop3_command *command)
{
	if (slice_empty(command->text)) {
		popd_begin(session, "These mechanisms");
		net_put(session->net, SLICE("PLAIN\r\n.\r\n"));
		return popd_next(session);
	}
	if (!slice_equal_nocase(command->text, SLICE("PLAIN")))
		return popd_error(session, "That mechanism is not offered");
	if (!slice_absent(command->initial))
		return plain_given(session, command->initial);
	net_put(session->net, SLICE("+ \r\n"));
	return popd_next_line(session, plain_line);
}

const struct popd_command popd_command_auth = {
	.verb = WIRE_POP3_AUTH,
	.states = POPD_AUTHORIZATION,
	.capability = SLICE_INIT("SASL PLAIN"),
	.offered = popd_may_ask,
	.refusal = "Passwords are taken over TLS only: say STLS first",
	.run = run,
};
