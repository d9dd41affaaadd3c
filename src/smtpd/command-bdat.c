/*
 * BDAT: RFC 3030 2. The octets of a chunk follow whatever we think of the command, so a
 * refused one is swallowed before the answer, and ends the transaction.
 */
#include "smtpd/smtpd-internal.h"

static const struct wire_smtp_fault too_large = {552, "5.3.4", "The message is too large"};

static enum net_next
last_chunk(struct smtpd_session *session)
{
	struct smtpd_transaction *transaction = session->transaction;
	unsigned flaws = wire_line_check_end(&transaction->lines);
	if (flaws && transaction->body != WIRE_SMTP_BODY_BINARYMIME)
		return smtpd_refuse_data(session, flaws, BASE_OK);
	return smtpd_accept(session);
}

static enum net_next
chunk_done(struct smtpd_session *session)
{
	if (session->data.octets.failure)
		return smtpd_refuse_data(session, 0, session->data.octets.failure);
	if (session->chunk_last)
		return last_chunk(session);
	return smtpd_answer(session, 250, "2.0.0", "Ok");
}

static enum net_next
taken(struct net_session *net, const struct net_event *event)
{
	struct smtpd_session *session = smtpd_session_of(net);
	if (event->why != NET_TAKEN)
		return smtpd_gone(session, event);
	struct wire_smtp_fault fault = session->chunk_fault;
	if (!fault.code)
		return chunk_done(session);
	smtpd_transaction_end(session);
	return smtpd_answer(session, fault.code, fault.enhanced, fault.text);
}

static struct wire_smtp_fault
chunk_fault(const struct smtpd_session *session, uint64_t chunk)
{
	const struct smtpd_transaction *transaction = session->transaction;
	uint64_t most = session->context->message_size_most;
	uint64_t size =
		transaction->incoming ? post_incoming_size(transaction->incoming) : 0;
	if (chunk > most || size > most - chunk)
		return too_large;
	return (struct wire_smtp_fault){0};
}

static void
begin_chunks(struct smtpd_session *session)
{
	struct smtpd_transaction *transaction = session->transaction;
	if (transaction->chunked)
		return;
	transaction->chunked = true;
	transaction->chunked_since = base_clock_steady_ms(session->context->clock);
	smtpd_transaction_receive(session);
}

/* Nobody watches the rate between two chunks, so all of them together are looked at. */
static bool
dawdles(const struct smtpd_session *session)
{
	const struct smtpd_transaction *transaction = session->transaction;
	uint64_t time =
		base_clock_steady_ms(session->context->clock) - transaction->chunked_since;
	return time > SMTPD_DATA_DEADLINE &&
	       post_incoming_size(transaction->incoming) * 1000 <
		       (time - SMTPD_DATA_DEADLINE) * SMTPD_LEAST_RATE;
}

/* A rate that is kept buys time, but none before the sign-in. */
static struct net_want
wait_for_octets(struct smtpd_session *session)
{
	struct net_want want = {.taker = &session->data.octets.taker};
	if (smtpd_must_sign_in(session)) {
		want.deadline = smtpd_sign_in_left(session);
	} else {
		want.deadline = SMTPD_DATA_DEADLINE;
		want.least_rate = SMTPD_LEAST_RATE;
	}
	return want;
}

static enum net_next
run(struct smtpd_session *session, struct smtpd_call *call)
{
	struct wire_sink sink = wire_sink_nowhere();
	if (!session->chunk_fault.code)
		session->chunk_fault = chunk_fault(session, call->command.chunk);
	if (!session->chunk_fault.code) {
		begin_chunks(session);
		if (dawdles(session)) {
			smtpd_reply(session, 421, "4.4.2", "Timeout");
			return NET_CLOSE;
		}
		sink = smtpd_transaction_sink(session->transaction);
	}
	session->idle += call->command.chunk == 0 && !call->command.last;
	session->chunk_last = call->command.last;
	wire_octets_taker_init(&session->data.octets, call->command.chunk, sink);
	struct net_want want = wait_for_octets(session);
	return net_park(session->net, &want, taken);
}

const struct smtpd_command smtpd_command_bdat = {.verb = WIRE_SMTP_BDAT,
	.needs = SMTPD_NEEDS_HELLO | SMTPD_NEEDS_SIGN_IN | SMTPD_NEEDS_MAIL |
		 SMTPD_NEEDS_RECIPIENT,
	.help = "BDAT size [LAST]",
	.run = run};
