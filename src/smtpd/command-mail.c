/* MAIL: RFC 5321 4.1.1.2; SIZE (1870 6), BODY (6152, 3030), SMTPUTF8 (6531), DSN (3461). */
#include "smtpd/smtpd-internal.h"

static struct wire_smtp_fault
sender_fault(const struct smtpd_session *session, struct slice sender)
{
	const struct smtpd_context *context = session->context;
	/* A null sender is what notifications of a reader's program have (RFC 8098 2.1). */
	if (context->role != SMTPD_SUBMISSION || slice_empty(sender) ||
		post_account_may_send_as(context->post, session->account, sender))
		return (struct wire_smtp_fault){0};
	return (struct wire_smtp_fault){553, "5.7.1", "That sender address is not yours"};
}

static struct wire_smtp_fault
mail_fault(const struct smtpd_session *session, const struct wire_smtp_mail *mail)
{
	if (mail->from.utf8 && !mail->smtputf8)
		return (struct wire_smtp_fault){
			553, "5.6.7", "That address needs SMTPUTF8"};
	if (!mail->from.null && slice_absent(mail->from.domain))
		return (struct wire_smtp_fault){501, "5.1.7", "The sender has no domain"};
	if (mail->has_size && mail->size > session->context->message_size_most)
		return (struct wire_smtp_fault){552, "5.3.4", "The message is too large"};
	return (struct wire_smtp_fault){0};
}

static enum net_next
run(struct smtpd_session *session, struct smtpd_call *call)
{
	const struct wire_smtp_mail *mail = &call->command.mail;
	struct wire_smtp_fault fault = mail_fault(session, mail);
	if (fault.code)
		return smtpd_answer(session, fault.code, fault.enhanced, fault.text);
	struct smtpd_transaction *transaction = smtpd_transaction_begin(session, mail);
	fault = sender_fault(session, transaction->sender);
	if (fault.code) {
		smtpd_transaction_drop(transaction);
		return smtpd_answer(session, fault.code, fault.enhanced, fault.text);
	}
	session->transaction = transaction;
	return smtpd_answer(session, 250, "2.1.0", "Ok");
}

const struct smtpd_command smtpd_command_mail = {.verb = WIRE_SMTP_MAIL,
	.needs = SMTPD_NEEDS_HELLO | SMTPD_NEEDS_SIGN_IN | SMTPD_NOT_IN_MAIL,
	.help = "MAIL FROM:<address> [SIZE=] [BODY=] [SMTPUTF8] [RET=] [ENVID=]",
	.run = run};
