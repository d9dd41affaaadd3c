#include "smtpd/smtpd-internal.h"

static const struct smtpd_command *const commands[WIRE_SMTP_VERBS] = {
	[WIRE_SMTP_HELO] = &smtpd_command_helo,
	[WIRE_SMTP_EHLO] = &smtpd_command_ehlo,
	[WIRE_SMTP_MAIL] = &smtpd_command_mail,
	[WIRE_SMTP_RCPT] = &smtpd_command_rcpt,
	[WIRE_SMTP_DATA] = &smtpd_command_data,
	[WIRE_SMTP_BDAT] = &smtpd_command_bdat,
	[WIRE_SMTP_RSET] = &smtpd_command_rset,
	[WIRE_SMTP_NOOP] = &smtpd_command_noop,
	[WIRE_SMTP_QUIT] = &smtpd_command_quit,
	[WIRE_SMTP_VRFY] = &smtpd_command_vrfy,
	[WIRE_SMTP_EXPN] = &smtpd_command_expn,
	[WIRE_SMTP_HELP] = &smtpd_command_help,
	[WIRE_SMTP_STARTTLS] = &smtpd_command_starttls,
	[WIRE_SMTP_AUTH] = &smtpd_command_auth,
};

const struct smtpd_command *
smtpd_command_of(enum wire_smtp_verb verb)
{
	ASSERT(verb < WIRE_SMTP_VERBS);
	return commands[verb];
}
