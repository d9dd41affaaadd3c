/* HELO and EHLO: RFC 5321 4.1.1.1. Either ends a transaction as RSET does (4.1.4). */
#include "smtpd/smtpd-internal.h"

static void
introduced(struct smtpd_session *session, struct slice name, bool extended)
{
	smtpd_transaction_end(session);
	buffer_clear(&session->hello);
	buffer_put(&session->hello, name);
	session->extended = extended;
}

static enum net_next
run_helo(struct smtpd_session *session, struct smtpd_call *call)
{
	introduced(session, call->command.argument, false);
	smtpd_replyf(session, 250, NULL, "%.*s", SLICE_ARG(session->context->host_name));
	return smtpd_next(session);
}

/* " PLAIN LOGIN"; nothing where nobody may sign in. */
static void
put_mechanisms(const struct smtpd_session *session, struct buffer *into)
{
	struct slice name;
	const struct smtpd_context *context = session->context;
	if (context->role != SMTPD_SUBMISSION || session->account)
		return;
	for (size_t i = 0;
		!slice_absent(name = door_mechanism_name(context->door, session->net, i));
		i++) {
		buffer_put_text(into, i ? " " : "AUTH ");
		buffer_put(into, name);
	}
	if (into->length)
		buffer_put_byte(into, '\n');
}

static enum net_next
run_ehlo(struct smtpd_session *session, struct smtpd_call *call)
{
	const struct smtpd_context *context = session->context;
	introduced(session, call->command.argument, true);
	SCOPED(buffer_free) struct buffer mechanisms = buffer_with(1024);
	put_mechanisms(session, &mechanisms);
	smtpd_replyf(session, 250, NULL,
		"%.*s\nPIPELINING\nSIZE %llu\n8BITMIME\nSMTPUTF8\nCHUNKING\nBINARYMIME\n"
		"DSN\n%s%.*sENHANCEDSTATUSCODES",
		SLICE_ARG(context->host_name),
		(unsigned long long)context->message_size_most,
		net_tls_offered(session->net) ? "STARTTLS\n" : "",
		SLICE_ARG(buffer_slice(&mechanisms)));
	return smtpd_next(session);
}

const struct smtpd_command smtpd_command_helo = {.verb = WIRE_SMTP_HELO,
	.needs = SMTPD_BRINGS_NOTHING,
	.help = "HELO name",
	.run = run_helo};
const struct smtpd_command smtpd_command_ehlo = {.verb = WIRE_SMTP_EHLO,
	.needs = SMTPD_BRINGS_NOTHING,
	.help = "EHLO name",
	.run = run_ehlo};
