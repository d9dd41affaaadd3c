/* DATA: RFC 5321 4.1.1.4. Only CRLF.CRLF ends it; flawed lines refuse the message. */
#include "smtpd/smtpd-internal.h"

static enum net_next
taken(struct net_session *net, const struct net_event *event)
{
	struct smtpd_session *session = smtpd_session_of(net);
	if (event->why != NET_TAKEN)
		return smtpd_gone(session, event);
	const struct wire_dot_taker *dot = &session->data.dot;
	if (dot->flaws || dot->failure)
		return smtpd_refuse_data(session, dot->flaws, dot->failure);
	return smtpd_accept(session);
}

static enum net_next
run(struct smtpd_session *session, struct smtpd_call *call)
{
	(void)call;
	struct smtpd_transaction *transaction = session->transaction;
	if (transaction->body == WIRE_SMTP_BODY_BINARYMIME)
		return smtpd_answer(session, 503, "5.5.1", "BINARYMIME goes with BDAT");
	smtpd_transaction_receive(session);
	wire_dot_taker_init(&session->data.dot, session->context->message_size_most,
		smtpd_transaction_sink(transaction));
	smtpd_reply(session, 354, NULL, "Go on, end with CRLF.CRLF");
	return net_park(session->net,
		&(struct net_want){.taker = &session->data.dot.taker,
			.deadline = SMTPD_DATA_DEADLINE,
			.least_rate = SMTPD_LEAST_RATE},
		taken);
}

const struct smtpd_command smtpd_command_data = {.verb = WIRE_SMTP_DATA,
	.needs = SMTPD_NEEDS_HELLO | SMTPD_NEEDS_SIGN_IN | SMTPD_NEEDS_MAIL |
		 SMTPD_NOT_CHUNKED | SMTPD_NEEDS_RECIPIENT,
	.help = "DATA",
	.run = run};
