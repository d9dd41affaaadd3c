#include "smtpd/smtpd-internal.h"
#include <stdatomic.h>

/* Recipients of a message may expand to many; a transaction stays below this. */
enum { TRANSACTION_MEMORY_MOST = 16 * 1024 * 1024 };

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

static enum base_failure
sink_write(void *argument, struct slice bytes)
{
	struct smtpd_transaction *transaction = argument;
	if (transaction->chunked)
		wire_line_check_add(&transaction->lines, bytes);
	return post_incoming_add(transaction->incoming, bytes);
}

struct wire_sink
smtpd_transaction_sink(struct smtpd_transaction *transaction)
{
	return (struct wire_sink){.write = sink_write, .argument = transaction};
}
