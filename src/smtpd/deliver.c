/* Recipients into mailboxes and queue, one set of commits, 250. */
#include "smtpd/smtpd-internal.h"

/*
 * Of a whole set of deliveries: whose account was removed or filled up since it was looked
 * at is not known, and the others must not be told that theirs is gone.
 */
static struct wire_smtp_fault
set_fault(enum base_failure failure)
{
	bool of_one = failure == BASE_NOT_FOUND || failure == BASE_QUOTA;
	return smtpd_failure_fault(of_one ? BASE_CANCELLED : failure);
}

/* --- durable: 250 --------------------------------------------------------------------- */

static void
log_accepted(
	const struct smtpd_session *session, const struct smtpd_transaction *transaction)
{
	char peer[NET_ADDRESS_TEXT_MOST];
	uint64_t size = post_incoming_size(transaction->incoming);
	const struct smtpd_metrics *metrics = &session->context->metrics;
	base_metric_add(metrics->accepted, 1);
	base_metric_add(metrics->recipients, transaction->recipient_count);
	base_metric_add(metrics->bytes, (int64_t)size);
	LOG(session->context->log, BASE_LOG_INFO, "smtp.accepted",
		LOG_TEXT("id", slice_of(transaction->id, BASE_ID_LENGTH)),
		LOG_TEXT("from", transaction->sender),
		LOG_TEXT("to", transaction->recipients->address),
		LOG_NUMBER("recipients", transaction->recipient_count),
		LOG_NUMBER("size", size),
		LOG_TEXT("account", buffer_slice(&session->account_address)),
		LOG_TEXT("helo", buffer_slice(&session->hello)),
		LOG_TEXT("peer", smtpd_peer(session, peer)),
		LOG_TEXT("tls", net_tls_version(session->net)));
}

static enum net_next
durable(struct net_session *net, const struct net_event *event)
{
	struct smtpd_session *session = smtpd_session_of(net);
	if (event->why != NET_TICKET)
		return smtpd_gone(session, event);
	if (event->outcome)
		return smtpd_refuse(session, set_fault(event->outcome));
	log_accepted(session, session->transaction);
	smtpd_replyf(session, 250, "2.0.0", "Ok, it is kept as %.*s", BASE_ID_LENGTH,
		session->transaction->id);
	smtpd_transaction_end(session);
	smtpd_forgive(session);
	return smtpd_next(session);
}

/* --- into mailboxes and queue --------------------------------------------------------- */

struct sorting {
	struct smtpd_session *session;
	struct post_delivery *delivery;
	struct relay_recipient *queued;
	size_t queued_count;
	size_t taken; /* by a mailbox, or by the queue on their way to others */
	enum base_failure last_failure;
};

static void
queue_one(struct sorting *sorting, const struct smtpd_recipient *recipient,
	struct slice address, bool mailbox)
{
	sorting->queued[sorting->queued_count++] =
		(struct relay_recipient){.address = address,
			.mailbox = mailbox,
			.notify = recipient->notify,
			.original_type = recipient->original_type,
			.original = recipient->original};
}

/* Of success (RFC 3461 5.2.2). */
static bool
wants_report(const struct sorting *sorting, const struct smtpd_recipient *recipient)
{
	return recipient->notify & WIRE_SMTP_NOTIFY_SUCCESS &&
	       !slice_empty(sorting->session->transaction->sender);
}

/* A mailbox that can't take it now gets it from the queue, as others have theirs already.
 */
static void
sort_target(struct sorting *sorting, const struct smtpd_recipient *recipient,
	const struct post_target *target)
{
	if (!target->local) {
		queue_one(sorting, recipient, target->address, false);
		sorting->taken++;
		return;
	}
	enum base_failure failure = post_delivery_local(sorting->delivery,
		&(struct post_delivery_target){
			.account = target->account, .delivered_to = recipient->address});
	if (failure) {
		sorting->last_failure = failure;
		queue_one(sorting, recipient, target->address, true);
	} else {
		sorting->taken++;
	}
}

/* The queue delivers to our own too, and writes reports: of the address, not its targets.
 */
static void
sort_reported(struct sorting *sorting, const struct smtpd_recipient *recipient)
{
	bool has_domain =
		slice_find_byte(recipient->address, '@') < recipient->address.length;
	queue_one(sorting, recipient,
		has_domain ? recipient->address : recipient->route.targets[0].address,
		false);
	sorting->taken++;
}

static void
sort_recipient(struct sorting *sorting, const struct smtpd_recipient *recipient)
{
	if (wants_report(sorting, recipient)) {
		sort_reported(sorting, recipient);
		return;
	}
	for (size_t i = 0; i < recipient->route.count; i++)
		sort_target(sorting, recipient, &recipient->route.targets[i]);
}

static enum base_failure
enqueue(struct sorting *sorting)
{
	const struct smtpd_session *session = sorting->session;
	const struct smtpd_transaction *transaction = session->transaction;
	const struct relay_letter letter = {
		.id = slice_of(transaction->id, BASE_ID_LENGTH),
		.sender = transaction->sender,
		.account = session->account,
		.eight_bit = transaction->body != WIRE_SMTP_BODY_7BIT,
		.binary = transaction->body == WIRE_SMTP_BODY_BINARYMIME,
		.smtputf8 = transaction->smtputf8,
		.headers_only = transaction->returns == WIRE_SMTP_RETURN_HEADERS,
		.whole = transaction->returns == WIRE_SMTP_RETURN_FULL,
		.envelope_id = transaction->envelope_id,
		.recipients = sorting->queued,
		.count = sorting->queued_count,
	};
	return relay_enqueue(session->context->relay, &letter, sorting->delivery);
}

static const struct wire_smtp_fault too_many_letters = {
	451, "4.7.1", "You have sent too many letters in this hour"};

static struct wire_smtp_fault
charge(const struct sorting *sorting)
{
	const struct smtpd_session *session = sorting->session;
	if (!session->account)
		return (struct wire_smtp_fault){0};
	enum base_failure failure = post_delivery_charge(
		sorting->delivery, session->account, session->transaction->target_count);
	if (failure == BASE_QUOTA)
		return too_many_letters;
	return failure ? smtpd_failure_fault(failure) : (struct wire_smtp_fault){0};
}

static struct wire_smtp_fault
sort_recipients(struct sorting *sorting)
{
	const struct smtpd_transaction *transaction = sorting->session->transaction;
	for (const struct smtpd_recipient *at = transaction->recipients; at; at = at->next)
		sort_recipient(sorting, at);
	/* Nobody could take it: the sender's server keeps it, and tries again. */
	if (sorting->last_failure && sorting->taken == 0)
		return smtpd_failure_fault(sorting->last_failure);
	struct wire_smtp_fault fault = charge(sorting);
	if (fault.code || sorting->queued_count == 0)
		return fault;
	enum base_failure failure = enqueue(sorting);
	return failure ? smtpd_failure_fault(failure) : fault;
}

enum net_next
smtpd_deliver(struct smtpd_session *session)
{
	struct smtpd_transaction *transaction = session->transaction;
	struct base_error error = {0};
	struct sorting sorting = {.session = session,
		.delivery =
			post_delivery_create(transaction->incoming, transaction->sender),
		.queued = ARENA_MANY(transaction->arena, struct relay_recipient,
			transaction->target_count)};
	struct wire_smtp_fault fault = sort_recipients(&sorting);
	if (fault.code) {
		post_delivery_destroy(sorting.delivery);
		return smtpd_refuse(session, fault);
	}
	struct base_ticket *ticket = post_delivery_submit(&sorting.delivery, &error);
	if (!ticket && error.failure == BASE_CONFLICT)
		return smtpd_refuse(session, too_many_letters);
	if (!ticket)
		return smtpd_refuse(session, set_fault(error.failure));
	return net_park(session->net, &(struct net_want){.ticket = ticket}, durable);
}
