/* RCPT: RFC 5321 4.1.1.3, DSN (RFC 3461 4.1). Never an open relay: 3.6.2, 7.9. */
#include "smtpd/smtpd-internal.h"

static enum net_next
refuse(struct smtpd_session *session, const struct wire_smtp_fault *fault,
	struct slice address)
{
	const struct smtpd_transaction *transaction = session->transaction;
	char peer[NET_ADDRESS_TEXT_MOST];
	LOG(session->context->log, BASE_LOG_INFO, "smtp.refused",
		LOG_TEXT("id", slice_of(transaction->id, BASE_ID_LENGTH)),
		LOG_TEXT("from", transaction->sender), LOG_TEXT("to", address),
		LOG_NUMBER("code", fault->code), LOG_STRING("why", fault->text),
		LOG_TEXT("peer", smtpd_peer(session, peer)));
	return smtpd_answer(session, fault->code, fault->enhanced, fault->text);
}

static struct wire_smtp_fault
resolve_fault(const struct smtpd_session *session, enum base_failure failure)
{
	switch (failure) {
	case BASE_OK:
		return (struct wire_smtp_fault){0};
	case BASE_NOT_FOUND:
		return (struct wire_smtp_fault){550, "5.1.1", "No such address here"};
	case BASE_DENIED:
		if (session->account)
			return (struct wire_smtp_fault){0};
		return (struct wire_smtp_fault){550, "5.7.1", "Relaying is refused"};
	case BASE_INVALID:
		return (struct wire_smtp_fault){
			550, "5.4.6", "That address leads to itself, or to too many"};
	default:
		return (struct wire_smtp_fault){451, "4.3.0", "Try again later"};
	}
}

static struct wire_smtp_fault
account_fault(const struct smtpd_session *session, uint64_t account)
{
	/* Of a mailbox that is full to the last byte no letter is awaited. */
	uint64_t size = session->transaction->announced_size;
	switch (post_delivery_ask(session->context->post, account, size ? size : 1)) {
	case BASE_NOT_FOUND:
		return (struct wire_smtp_fault){550, "5.1.1", "No such address here"};
	case BASE_DENIED:
		return (struct wire_smtp_fault){550, "5.2.1", "That mailbox is disabled"};
	case BASE_QUOTA:
		return (struct wire_smtp_fault){452, "4.2.2", "That mailbox is full"};
	default:
		return (struct wire_smtp_fault){0};
	}
}

/* Of an address that comes to one account its state can be told now, not after the data. */
static struct wire_smtp_fault
route_fault(const struct smtpd_session *session, const struct post_route *route)
{
	if (route->count == 1 && route->targets[0].local)
		return account_fault(session, route->targets[0].account);
	return (struct wire_smtp_fault){0};
}

static struct wire_smtp_fault
path_fault(const struct smtpd_session *session, const struct wire_path *path)
{
	if (path->null)
		return (struct wire_smtp_fault){501, "5.1.3", "A recipient is needed"};
	if (path->utf8 && !session->transaction->smtputf8)
		return (struct wire_smtp_fault){
			553, "5.6.7", "That address needs SMTPUTF8"};
	return (struct wire_smtp_fault){0};
}

/*
 * Before its first domain a server knows of no address that it is foreign: mail that comes
 * to a new installation early waits where it is.
 */
static struct wire_smtp_fault
setup_fault(const struct smtpd_session *session)
{
	if (post_has_domain(session->context->post))
		return (struct wire_smtp_fault){0};
	return (struct wire_smtp_fault){
		451, "4.3.5", "This server is not set up yet, try again later"};
}

/* For a foreign address, who is signed in may have it relayed: it is as it was given. */
static struct wire_smtp_fault
resolve(const struct smtpd_session *session, const struct wire_path *path,
	struct arena *arena, struct smtpd_recipient *recipient)
{
	struct wire_smtp_fault fault = path_fault(session, path);
	if (!fault.code)
		fault = setup_fault(session);
	if (fault.code)
		return fault;
	enum base_failure failure = post_resolve(session->context->post, path->local,
		path->domain, arena, &recipient->route, NULL);
	fault = resolve_fault(session, failure);
	if (!fault.code && failure == BASE_DENIED) {
		recipient->route = (struct post_route){
			.targets = ARENA_NEW(arena, struct post_target), .count = 1};
		recipient->route.targets[0].address = recipient->address;
	}
	return fault.code ? fault : route_fault(session, &recipient->route);
}

/* RFC 5321 4.5.3.1.10. Once is enough for the log. */
static enum net_next
refuse_too_many(struct smtpd_session *session, struct slice address)
{
	static const struct wire_smtp_fault fault = {452, "4.5.3", "Too many recipients"};
	uint32_t before = session->transaction->too_many++;
	if (before == 0)
		return refuse(session, &fault, address);
	session->errors += before >= SMTPD_OVERSHOOT_MOST;
	return smtpd_answer(session, fault.code, fault.enhanced, fault.text);
}

static enum net_next
run(struct smtpd_session *session, struct smtpd_call *call)
{
	/* What an address expands to is bounded by post, but large. */
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	const struct wire_smtp_rcpt *rcpt = &call->command.rcpt;
	SCOPED(buffer_free) struct buffer address = buffer_with(WIRE_PATH_LENGTH * 4);
	wire_address_put_bare(&address, rcpt->to.local, rcpt->to.domain);
	struct smtpd_recipient recipient = {.address = buffer_slice(&address),
		.notify = rcpt->notify,
		.original_type = rcpt->original_type,
		.original = rcpt->original};
	if (!smtpd_transaction_has_room(session, 1))
		return refuse_too_many(session, recipient.address);
	struct wire_smtp_fault fault = resolve(session, &rcpt->to, arena, &recipient);
	if (fault.code)
		return refuse(session, &fault, recipient.address);
	if (!smtpd_transaction_has_room(session, recipient.route.count))
		return refuse_too_many(session, recipient.address);
	smtpd_transaction_add(session->transaction, &recipient);
	return smtpd_answer(session, 250, "2.1.5", "Ok");
}

const struct smtpd_command smtpd_command_rcpt = {.verb = WIRE_SMTP_RCPT,
	.needs = SMTPD_NEEDS_HELLO | SMTPD_NEEDS_SIGN_IN | SMTPD_NEEDS_MAIL |
		 SMTPD_NOT_CHUNKED,
	.help = "RCPT TO:<address> [NOTIFY=] [ORCPT=]",
	.run = run};
