#include "smtpd/smtpd-internal.h"
#include <stdatomic.h>

/* Recipients may be many and expand to many; a transaction stays below this. */
enum {
	TRANSACTION_MEMORY_MOST = 32 * 1024 * 1024,
	RECIPIENT_MEMORY_MOST = 16 * 1024, /* without what it expands to */
	TARGET_MEMORY_MOST = 2 * 1024,     /* of one address that it expands to */
	RESERVE = 4 * 1024 * 1024          /* for the queue's list and the trace */
};

static struct slice
sender_text(struct arena *arena, const struct wire_path *path)
{
	if (path->null)
		return SLICE("");
	SCOPED(buffer_free) struct buffer text = buffer_with(WIRE_PATH_LENGTH * 4);
	wire_address_put_bare(&text, path->local, path->domain);
	return arena_copy(arena, buffer_slice(&text));
}

struct smtpd_transaction *
smtpd_transaction_begin(struct smtpd_session *session, const struct wire_smtp_mail *mail)
{
	struct arena *arena = arena_create(TRANSACTION_MEMORY_MOST);
	struct smtpd_transaction *transaction = ARENA_NEW(arena, struct smtpd_transaction);
	*transaction = (struct smtpd_transaction){
		.arena = arena,
		.sender = sender_text(arena, &mail->from),
		.body = mail->body,
		.smtputf8 = mail->smtputf8,
		.returns = mail->returns,
		.envelope_id = arena_copy(arena, mail->envelope_id),
		.announced_size = mail->has_size ? mail->size : 0,
	};
	atomic_init(&transaction->references, 1);
	base_id_make(base_clock_wall_ms(session->context->clock), transaction->id);
	return transaction;
}

bool
smtpd_transaction_has_room(const struct smtpd_session *session, size_t targets)
{
	const struct smtpd_transaction *transaction = session->transaction;
	uint32_t most = session->context->recipients_most;
	return transaction->recipient_count < (most ? most : SMTPD_RECIPIENTS_MOST) &&
	       targets <= SMTPD_TARGETS_MOST - transaction->target_count &&
	       arena_has_room(transaction->arena,
		       RESERVE + RECIPIENT_MEMORY_MOST + targets * TARGET_MEMORY_MOST);
}

static struct post_route
copy_route(struct arena *arena, const struct post_route *route)
{
	struct post_route copy = {
		.targets = ARENA_MANY(arena, struct post_target, route->count),
		.count = route->count};
	for (size_t i = 0; i < route->count; i++) {
		copy.targets[i] = route->targets[i];
		copy.targets[i].address = arena_copy(arena, route->targets[i].address);
		copy.targets[i].detail = arena_copy(arena, route->targets[i].detail);
	}
	return copy;
}

void
smtpd_transaction_add(
	struct smtpd_transaction *transaction, const struct smtpd_recipient *recipient)
{
	struct arena *arena = transaction->arena;
	struct smtpd_recipient *added = ARENA_NEW(arena, struct smtpd_recipient);
	*added = (struct smtpd_recipient){.address = arena_copy(arena, recipient->address),
		.notify = recipient->notify,
		.original_type = arena_copy(arena, recipient->original_type),
		.original = arena_copy(arena, recipient->original),
		.route = copy_route(arena, &recipient->route)};
	if (transaction->last)
		transaction->last->next = added;
	else
		transaction->recipients = added;
	transaction->last = added;
	transaction->recipient_count++;
	transaction->target_count += (uint32_t)recipient->route.count;
}

struct smtpd_transaction *
smtpd_transaction_hold(struct smtpd_transaction *transaction)
{
	atomic_fetch_add(&transaction->references, 1);
	return transaction;
}

void
smtpd_transaction_drop(struct smtpd_transaction *transaction)
{
	if (!transaction || atomic_fetch_sub(&transaction->references, 1) > 1)
		return;
	post_incoming_destroy(transaction->incoming);
	arena_destroy(transaction->arena);
}

void
smtpd_transaction_end(struct smtpd_session *session)
{
	smtpd_transaction_drop(session->transaction);
	session->transaction = NULL;
}

/* --- its bytes ------------------------------------------------------------------------ */

/*
 * RFC 5322 3.6.3: who is in the envelope alone is nobody's business. Programs that leave
 * the field to the server ("sendmail -t" by SMTP) count on this. RFC 5321 4.4: who sends a
 * message on takes off where it came from.
 */
static const struct slice unsent[] = {
	SLICE_INIT("bcc"), SLICE_INIT("resent-bcc"), SLICE_INIT("return-path")};

static enum base_failure
keep(void *argument, struct slice bytes)
{
	return post_incoming_add(argument, bytes);
}

void
smtpd_transaction_receive(struct smtpd_session *session)
{
	struct smtpd_transaction *transaction = session->transaction;
	if (transaction->incoming)
		return;
	transaction->incoming = post_incoming_create(session->context->post);
	transaction->submitted = session->context->role == SMTPD_SUBMISSION;
	wire_header_strip_begin(&transaction->strip, unsent, sizeof unsent / sizeof *unsent,
		(struct wire_sink){.write = keep, .argument = transaction->incoming});
}

enum base_failure
smtpd_transaction_received(struct smtpd_session *session)
{
	smtpd_transaction_receive(session);
	return wire_header_strip_end(&session->transaction->strip);
}

static enum base_failure
sink_write(void *argument, struct slice bytes)
{
	struct smtpd_transaction *transaction = argument;
	if (transaction->chunked)
		wire_line_check_add(&transaction->lines, bytes);
	if (transaction->submitted)
		return wire_header_strip_add(&transaction->strip, bytes);
	return keep(transaction->incoming, bytes);
}

struct wire_sink
smtpd_transaction_sink(struct smtpd_transaction *transaction)
{
	return (struct wire_sink){.write = sink_write, .argument = transaction};
}
