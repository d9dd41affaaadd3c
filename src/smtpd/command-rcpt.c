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
			550, "5.4.6", "That address leads to itself"};
	default:
		return (struct wire_smtp_fault){451, "4.3.0", "Try again later"};
	}
}

static struct wire_smtp_fault
account_fault(const struct smtpd_session *session, uint64_t account, struct arena *arena)
{
	struct post_account_info info;
	if (post_account_by_id(session->context->post, account, arena, &info))
		return (struct wire_smtp_fault){550, "5.1.1", "No such address here"};
	if (!info.enabled)
		return (struct wire_smtp_fault){550, "5.2.1", "That mailbox is disabled"};
	uint64_t announced = session->transaction->announced_size;
	if (info.quota_bytes && info.used_bytes + announced >= info.quota_bytes)
		return (struct wire_smtp_fault){452, "4.2.2", "That mailbox is full"};
	return (struct wire_smtp_fault){0};
}

/* Of an address that comes to one account its state can be told now, not after the data. */
static struct wire_smtp_fault
route_fault(const struct smtpd_session *session, const struct post_route *route,
	struct arena *arena)
{
	if (route->count == 1 && route->targets[0].local)
		return account_fault(session, route->targets[0].account, arena);
	return (struct wire_smtp_fault){0};
}

static struct wire_smtp_fault
path_fault(const struct smtpd_session *session, const struct wire_path *path)
{
	const struct smtpd_transaction *transaction = session->transaction;
	uint32_t most = session->context->recipients_most;
	if (transaction->recipient_count >= (most ? most : SMTPD_RECIPIENTS_MOST) ||
		!arena_has_room(transaction->arena, 64 * 1024))
		return (struct wire_smtp_fault){452, "4.5.3", "Too many recipients"};
	if (path->null)
		return (struct wire_smtp_fault){501, "5.1.3", "A recipient is needed"};
	if (path->utf8 && !transaction->smtputf8)
		return (struct wire_smtp_fault){
			553, "5.6.7", "That address needs SMTPUTF8"};
	return (struct wire_smtp_fault){0};
}

static struct smtpd_recipient *
recipient_new(struct arena *arena, const struct wire_smtp_rcpt *rcpt)
{
	struct smtpd_recipient *recipient = ARENA_NEW(arena, struct smtpd_recipient);
	SCOPED(buffer_free) struct buffer text = buffer_with(WIRE_PATH_LENGTH * 4);
	wire_address_put_bare(&text, rcpt->to.local, rcpt->to.domain);
	recipient->address = arena_copy(arena, buffer_slice(&text));
	recipient->notify = rcpt->notify;
	recipient->original_type = arena_copy(arena, rcpt->original_type);
	recipient->original = arena_copy(arena, rcpt->original);
	return recipient;
}

/* BASE_DENIED with an account signed in: one foreign address, as it was given. */
static void
route_foreign(struct arena *arena, struct smtpd_recipient *recipient)
{
	recipient->route = (struct post_route){
		.targets = ARENA_NEW(arena, struct post_target), .count = 1};
	recipient->route.targets[0].address = recipient->address;
}

static void
append(struct smtpd_transaction *transaction, struct smtpd_recipient *recipient)
{
	if (transaction->last)
		transaction->last->next = recipient;
	else
		transaction->recipients = recipient;
	transaction->last = recipient;
	transaction->recipient_count++;
}

static enum net_next
run(struct smtpd_session *session, struct smtpd_call *call)
{
	struct smtpd_transaction *transaction = session->transaction;
	const struct wire_smtp_rcpt *rcpt = &call->command.rcpt;
	struct wire_smtp_fault fault = path_fault(session, &rcpt->to);
	if (fault.code)
		return refuse(session, &fault, call->command.argument);
	struct smtpd_recipient *recipient = recipient_new(transaction->arena, rcpt);
	enum base_failure failure = post_resolve(session->context->post, rcpt->to.local,
		rcpt->to.domain, transaction->arena, &recipient->route, NULL);
	fault = resolve_fault(session, failure);
	if (!fault.code && failure == BASE_DENIED)
		route_foreign(transaction->arena, recipient);
	if (!fault.code)
		fault = route_fault(session, &recipient->route, call->arena);
	if (fault.code)
		return refuse(session, &fault, recipient->address);
	append(transaction, recipient);
	return smtpd_answer(session, 250, "2.1.5", "Ok");
}

const struct smtpd_command smtpd_command_rcpt = {.verb = WIRE_SMTP_RCPT,
	.needs = SMTPD_NEEDS_HELLO | SMTPD_NEEDS_SIGN_IN | SMTPD_NEEDS_MAIL |
		 SMTPD_NOT_CHUNKED,
	.help = "RCPT TO:<address> [NOTIFY=] [ORCPT=]",
	.run = run};
