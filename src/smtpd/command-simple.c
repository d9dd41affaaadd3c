/*
 * RSET, NOOP, QUIT, VRFY, EXPN, HELP: RFC 5321 4.1.1.5 to 4.1.1.10. They are welcome at any
 * time, before EHLO too (4.1.4).
 */
#include "smtpd/smtpd-internal.h"

static enum net_next
run_rset(struct smtpd_session *session, struct smtpd_call *call)
{
	(void)call;
	smtpd_transaction_end(session);
	return smtpd_answer(session, 250, "2.0.0", "Ok");
}

static enum net_next
run_noop(struct smtpd_session *session, struct smtpd_call *call)
{
	(void)call;
	return smtpd_answer(session, 250, "2.0.0", "Ok");
}

static enum net_next
run_quit(struct smtpd_session *session, struct smtpd_call *call)
{
	(void)call;
	smtpd_reply(session, 221, "2.0.0", "Goodbye");
	return NET_LEFT;
}

/* Who lives here is not told to strangers (RFC 5321 3.5.3, 7.3). */
static enum net_next
run_vrfy(struct smtpd_session *session, struct smtpd_call *call)
{
	(void)call;
	return smtpd_answer(session, 252, "2.0.0", "Send some mail, and see");
}

static enum net_next
run_expn(struct smtpd_session *session, struct smtpd_call *call)
{
	(void)call;
	return smtpd_answer(session, 502, "5.5.1", "Lists are not expanded here");
}

static enum net_next
run_help(struct smtpd_session *session, struct smtpd_call *call)
{
	(void)call;
	SCOPED(buffer_free) struct buffer text = buffer_with(4096);
	buffer_put_text(&text, "Commands:");
	for (enum wire_smtp_verb verb = 0; verb < WIRE_SMTP_VERBS; verb++)
		if (smtpd_command_of(verb))
			buffer_printf(&text, "\n%s", smtpd_command_of(verb)->help);
	smtpd_replyf(session, 214, "2.0.0", "%.*s", SLICE_ARG(buffer_slice(&text)));
	return smtpd_next(session);
}

const struct smtpd_command smtpd_command_rset = {.verb = WIRE_SMTP_RSET,
	.needs = SMTPD_BRINGS_NOTHING,
	.help = "RSET",
	.run = run_rset};
const struct smtpd_command smtpd_command_noop = {.verb = WIRE_SMTP_NOOP,
	.needs = SMTPD_BRINGS_NOTHING,
	.help = "NOOP",
	.run = run_noop};
const struct smtpd_command smtpd_command_quit = {
	.verb = WIRE_SMTP_QUIT, .help = "QUIT", .run = run_quit};
const struct smtpd_command smtpd_command_vrfy = {.verb = WIRE_SMTP_VRFY,
	.needs = SMTPD_BRINGS_NOTHING,
	.help = "VRFY address",
	.run = run_vrfy};
const struct smtpd_command smtpd_command_expn = {.verb = WIRE_SMTP_EXPN,
	.needs = SMTPD_BRINGS_NOTHING,
	.help = "EXPN list",
	.run = run_expn};
const struct smtpd_command smtpd_command_help = {.verb = WIRE_SMTP_HELP,
	.needs = SMTPD_BRINGS_NOTHING,
	.help = "HELP",
	.run = run_help};
