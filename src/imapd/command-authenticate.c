/* AUTHENTICATE: RFC 3501 6.2.2; SASL-IR: RFC 4959. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice mechanism, initial;
	if (!wire_imap_authenticate_parse(&call->cursor, &mechanism, &initial))
		return imapd_unparsed(session);
	if (!door_may_ask(session->context->door, session->net))
		return imapd_no(session, "[PRIVACYREQUIRED] Say STARTTLS first");
	session->exchange = door_exchange_create(
		session->context->door, session->net, SLICE("imap"), mechanism);
	if (!session->exchange)
		return imapd_no(session, "[CANNOT] That mechanism is not offered");
	return imapd_sign_in(session, door_exchange_begin(session->exchange, initial));
}

const struct imapd_command imapd_command_authenticate = {
	.name = "AUTHENTICATE",
	.states = IMAPD_NOT_SIGNED_IN,
	.rfc = "3501 6.2.2, 4959 3",
	.purpose = "Signs in by a SASL mechanism",
	.file = __FILE__,
	.run = run,
};

static bool
offered(const struct imapd_session *session)
{
	return door_may_ask(session->context->door, session->net);
}

static void
put_mechanisms(const struct imapd_session *session, struct buffer *into)
{
	struct slice name;
	for (size_t i = 0; !slice_absent(
		     name = door_mechanism_name(session->context->door, session->net, i));
		i++) {
		buffer_put_text(into, i ? " AUTH=" : "AUTH=");
		buffer_put(into, name);
	}
}

const struct imapd_extension imapd_extension_auth = {
	.capability = "AUTH=",
	.announced = IMAPD_NOT_SIGNED_IN,
	.rfc = "3501 6.2.2",
	.purpose = "The SASL mechanisms, each by its name",
	.file = __FILE__,
	.offered = offered,
	.put = put_mechanisms,
};

const struct imapd_extension imapd_extension_sasl_ir = {
	.capability = "SASL-IR",
	.announced = IMAPD_NOT_SIGNED_IN,
	.rfc = "4959",
	.purpose = "The first answer goes with AUTHENTICATE",
	.file = __FILE__,
	.offered = offered,
};
