/* LOGIN: RFC 3501 6.2.3. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice name, password;
	if (!wire_imap_login_parse(&call->cursor, &name, &password))
		return imapd_unparsed(session);
	if (!door_may_ask(session->context->door, session->net))
		return imapd_no(session, "[PRIVACYREQUIRED] Say STARTTLS first");
	session->exchange = door_exchange_of_password(session->context->door, session->net,
		SLICE("imap"), SLICE("LOGIN"), name, password);
	if (password.length)
		explicit_bzero((void *)(uintptr_t)password.data, password.length);
	return imapd_sign_in(session, DOOR_CHECK);
}

const struct imapd_command imapd_command_login = {
	.name = "LOGIN",
	.states = IMAPD_NOT_SIGNED_IN,
	.rfc = "3501 6.2.3",
	.purpose = "Signs in with a name and a password",
	.file = __FILE__,
	.run = run,
};

/* Wherever a password would go in the clear. */
static bool
is_disabled(const struct imapd_session *session)
{
	return !door_may_ask(session->context->door, session->net);
}

const struct imapd_extension imapd_extension_logindisabled = {
	.capability = "LOGINDISABLED",
	.announced = IMAPD_NOT_SIGNED_IN,
	.rfc = "3501 6.2.3",
	.purpose = "No password before TLS",
	.file = __FILE__,
	.offered = is_disabled,
};
