#include "smtpd/smtpd-internal.h"
#include "wire/header.h"

/* --- answers that end a transaction --------------------------------------------------- */

enum net_next
smtpd_refuse(struct smtpd_session *session, struct wire_smtp_fault fault)
{
	const struct smtpd_transaction *transaction = session->transaction;
	char peer[NET_ADDRESS_TEXT_MOST];
	LOG(session->context->log, BASE_LOG_INFO, "smtp.refused",
		LOG_TEXT("id", slice_of(transaction->id, BASE_ID_LENGTH)),
		LOG_TEXT("from", transaction->sender), LOG_NUMBER("code", fault.code),
		LOG_STRING("why", fault.text), LOG_TEXT("peer", smtpd_peer(session, peer)));
	base_metric_add(session->context->metrics.refused, 1);
	smtpd_transaction_end(session);
	return smtpd_answer(session, fault.code, fault.enhanced, fault.text);
}

struct wire_smtp_fault
smtpd_failure_fault(enum base_failure failure)
{
	switch (failure) {
	case BASE_TOO_LARGE:
		return (struct wire_smtp_fault){552, "5.3.4", "The message is too large"};
	case BASE_QUOTA:
		return (struct wire_smtp_fault){452, "4.2.2", "That mailbox is full"};
	case BASE_DENIED:
		return (struct wire_smtp_fault){450, "4.2.1", "That mailbox is disabled"};
	case BASE_NOT_FOUND:
		return (struct wire_smtp_fault){550, "5.1.1", "No such address here"};
	case BASE_DISK_FULL:
		return (struct wire_smtp_fault){
			452, "4.3.1", "No room now, try again later"};
	default:
		return (struct wire_smtp_fault){451, "4.3.0", "Try again later"};
	}
}

enum net_next
smtpd_refuse_data(struct smtpd_session *session, unsigned flaws, enum base_failure failure)
{
	if (flaws & WIRE_FLAW_TOO_LARGE)
		return smtpd_refuse(session, smtpd_failure_fault(BASE_TOO_LARGE));
	if (flaws)
		return smtpd_refuse(
			session, (struct wire_smtp_fault){550, "5.6.0",
					 "Lines end in CRLF, and hold no other CR, "
					 "LF or NUL (RFC 5321 2.3.8)"});
	return smtpd_refuse(session, smtpd_failure_fault(failure));
}

/* --- what takes long ------------------------------------------------------------------ */

static void
drop_held(void *argument)
{
	smtpd_transaction_drop(argument);
}

/* Its arena holds the transaction, also where it never runs. */
static enum net_next
in_errand(struct smtpd_session *session, net_errand_run *run, net_step *then)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct smtpd_transaction *held = smtpd_transaction_hold(session->transaction);
	arena_on_release(arena, drop_held, held);
	struct base_ticket *ticket =
		net_errand(net_of(session->net), NET_LANE_STORAGE, run, held, arena);
	if (ticket)
		return net_park(session->net, &(struct net_want){.ticket = ticket}, then);
	arena_destroy(arena);
	return smtpd_refuse(session, smtpd_failure_fault(BASE_UNAVAILABLE));
}

static enum base_failure
seal_run(void *argument, struct arena *moved)
{
	struct smtpd_transaction *transaction = argument;
	(void)moved;
	return post_incoming_seal(transaction->incoming);
}

static enum net_next
go_on_sealed(struct smtpd_session *session, enum base_failure failure)
{
	return failure ? smtpd_refuse(session, smtpd_failure_fault(failure))
		       : smtpd_deliver(session);
}

static enum net_next
sealed(struct net_session *net, const struct net_event *event)
{
	struct smtpd_session *session = smtpd_session_of(net);
	if (event->why != NET_TICKET)
		return smtpd_gone(session, event);
	return go_on_sealed(session, event->outcome);
}

static enum net_next
seal(struct smtpd_session *session)
{
	struct post_incoming *incoming = session->transaction->incoming;
	return post_incoming_is_large(incoming)
		       ? in_errand(session, seal_run, sealed)
		       : go_on_sealed(session, post_incoming_seal(incoming));
}

/* --- checks, and the trace ------------------------------------------------------------ */

static size_t
count_hops(struct slice header)
{
	struct wire_header field;
	size_t hops = 0;
	while (wire_header_next(&header, &field))
		hops += slice_equal_nocase(field.name, SLICE("Received"));
	return hops;
}

static struct wire_smtp_fault
header_fault(const struct smtpd_session *session, struct slice header)
{
	if (slice_absent(header))
		return (struct wire_smtp_fault){552, "5.3.4", "The header is too large"};
	if (count_hops(header) > SMTPD_HOPS_MOST)
		return (struct wire_smtp_fault){
			554, "5.4.6", "Too many hops: mail is going in a circle"};
	if (session->context->role == SMTPD_SUBMISSION)
		return smtpd_submission_check(session, session->transaction, header);
	return (struct wire_smtp_fault){0};
}

static enum net_next
check(struct smtpd_session *session)
{
	struct smtpd_transaction *transaction = session->transaction;
	struct slice header = post_incoming_header(transaction->incoming);
	struct wire_smtp_fault fault = header_fault(session, header);
	if (fault.code)
		return smtpd_refuse(session, fault);
	struct slice trace[] = {smtpd_received(session, transaction), SLICE("")};
	if (session->context->role == SMTPD_SUBMISSION)
		trace[1] = smtpd_submission_fields(session, transaction, header);
	post_incoming_set_trace(
		transaction->incoming, arena_join(transaction->arena, trace, 2));
	return seal(session);
}

/* --- binary content: RFC 3030 3 ------------------------------------------------------- */

/*
 * No literal of IMAP and no line of POP3 may hold a NUL, so that binary parts become base64
 * in our mailboxes, as those of a literal8 do. What only passes through stays as it is.
 */
static bool
needs_encoding(const struct smtpd_transaction *transaction)
{
	if (transaction->body != WIRE_SMTP_BODY_BINARYMIME)
		return false;
	for (const struct smtpd_recipient *at = transaction->recipients; at; at = at->next)
		for (size_t i = 0; i < at->route.count; i++)
			if (at->route.targets[i].local)
				return true;
	return false;
}

static enum net_next
go_on_encoded(struct smtpd_session *session, enum base_failure failure)
{
	if (failure == BASE_INVALID)
		return smtpd_refuse(
			session, (struct wire_smtp_fault){550, "5.6.0",
					 "NUL stands where nothing can encode it"});
	if (failure)
		return smtpd_refuse(session, smtpd_failure_fault(failure));
	session->transaction->body = WIRE_SMTP_BODY_8BITMIME;
	return check(session);
}

static enum base_failure
encode_run(void *argument, struct arena *moved)
{
	struct smtpd_transaction *transaction = argument;
	(void)moved;
	return post_incoming_encode(transaction->incoming);
}

static enum net_next
encoded(struct net_session *net, const struct net_event *event)
{
	struct smtpd_session *session = smtpd_session_of(net);
	if (event->why != NET_TICKET)
		return smtpd_gone(session, event);
	return go_on_encoded(session, event->outcome);
}

static enum net_next
encode(struct smtpd_session *session)
{
	struct post_incoming *incoming = session->transaction->incoming;
	return post_incoming_is_large(incoming)
		       ? in_errand(session, encode_run, encoded)
		       : go_on_encoded(session, post_incoming_encode(incoming));
}

enum net_next
smtpd_accept(struct smtpd_session *session)
{
	enum base_failure failure = smtpd_transaction_received(session);
	if (failure)
		return smtpd_refuse(session, smtpd_failure_fault(failure));
	return needs_encoding(session->transaction) ? encode(session) : check(session);
}
