#include "relay/body.h"
#include "relay/client.h"
#include "wire/dot-source.h"
#include "wire/header.h"
#include "wire/smtp-command.h"

/* One letter over an open connection: MAIL, RCPT, the bytes. */

#define HEADER_LOOKED_AT (256 * 1024) /* for characters that are not ASCII */

struct transaction {
	struct relay_client *client;
	struct relay_parcel *parcel;
	struct store_reader *reader;
	uint64_t size;
	bool utf8;       /* has to go with SMTPUTF8 */
	bool pipelining; /* RFC 2920 */
	bool begun;      /* MAIL was answered */
	bool *accepted;  /* per row: RCPT was */
	size_t accepted_count;
	bool lost; /* the connection is of no use any more */
};

/* --- what the letter needs of the server ----------------------------------------- */

static void
judge_all(struct transaction *transaction, const char *status, const char *why)
{
	struct relay_parcel *parcel = transaction->parcel;
	struct relay_verdict verdict = relay_verdict_own(parcel->arena, RELAY_REFUSED,
		status, "%.*s %s", SLICE_ARG(transaction->client->label), why);
	relay_parcel_judge(parcel, &verdict);
}

static bool
addresses_are_ascii(const struct relay_parcel *parcel)
{
	bool ascii = slice_is_ascii(parcel->record.sender);
	for (size_t i = 0; i < parcel->count; i++)
		ascii = ascii && slice_is_ascii(parcel->records[i].address);
	return ascii;
}

static bool
header_is_ascii(const struct transaction *transaction)
{
	SCOPED(scoped_free) char *bytes = malloc(HEADER_LOOKED_AT);
	size_t got;
	ASSERT(bytes);
	if (!slice_is_ascii(transaction->parcel->record.trace) ||
		store_reader_read(transaction->reader, 0, bytes, HEADER_LOOKED_AT, &got))
		return false;
	struct slice start = slice_of(bytes, got);
	return slice_is_ascii(slice_first(start, wire_header_length(start)));
}

/*
 * RFC 6531 3.4: a letter that came with SMTPUTF8 and needs none of it may go to a server
 * without. 8-bit text goes to a server without 8BITMIME as it is: all take it, and
 * re-coding would break signatures. What is binary can't go by DATA.
 */
static bool
suits(struct transaction *transaction)
{
	struct relay_client *client = transaction->client;
	const struct relay_letter_record *letter = &transaction->parcel->record;
	if (letter->smtputf8)
		transaction->utf8 = !addresses_are_ascii(transaction->parcel) ||
				    !header_is_ascii(transaction);
	if (transaction->utf8 && !relay_client_offers(client, WIRE_OFFERS_SMTPUTF8)) {
		judge_all(transaction, "5.6.7", "takes no international addresses");
		return false;
	}
	const unsigned binary = WIRE_OFFERS_CHUNKING | WIRE_OFFERS_BINARYMIME;
	if (letter->binary && (client->offers.offers & binary) != binary) {
		judge_all(transaction, "5.6.1", "takes no binary content");
		return false;
	}
	if (client->offers.size && transaction->size > client->offers.size) {
		judge_all(transaction, "5.3.4", "takes no letter of this size");
		return false;
	}
	return true;
}

/* --- commands -------------------------------------------------------------------- */

static enum wire_smtp_body
body_of(const struct transaction *transaction)
{
	const struct relay_letter_record *letter = &transaction->parcel->record;
	if (letter->binary)
		return WIRE_SMTP_BODY_BINARYMIME;
	return letter->eight_bit && relay_client_offers(
					    transaction->client, WIRE_OFFERS_8BITMIME)
		       ? WIRE_SMTP_BODY_8BITMIME
		       : WIRE_SMTP_BODY_7BIT;
}

static void
put_path(struct transaction *transaction, struct slice address, struct wire_path *path)
{
	if (slice_empty(address))
		*path = (struct wire_path){.null = true};
	else if (wire_path_parse_bare(transaction->parcel->arena, address, path, NULL))
		*path = (struct wire_path){.local = address};
}

static void
put_mail(struct transaction *transaction)
{
	struct relay_client *client = transaction->client;
	const struct relay_letter_record *letter = &transaction->parcel->record;
	struct wire_smtp_mail mail = {.body = body_of(transaction),
		.smtputf8 = transaction->utf8,
		.has_size = relay_client_offers(client, WIRE_OFFERS_SIZE),
		.size = transaction->size};
	put_path(transaction, letter->sender, &mail.from);
	if (relay_client_offers(client, WIRE_OFFERS_DSN)) {
		mail.envelope_id = letter->envelope_id;
		if (letter->headers_only)
			mail.returns = WIRE_SMTP_RETURN_HEADERS;
		if (letter->whole)
			mail.returns = WIRE_SMTP_RETURN_FULL;
	}
	wire_smtp_mail_put(&client->out, &mail);
}

static void
put_rcpt(struct transaction *transaction, size_t index)
{
	struct relay_client *client = transaction->client;
	const struct relay_row_record *row = &transaction->parcel->records[index];
	struct wire_smtp_rcpt rcpt = {0};
	put_path(transaction, row->address, &rcpt.to);
	if (relay_client_offers(client, WIRE_OFFERS_DSN)) {
		rcpt.notify = row->notify;
		rcpt.original = row->original;
		rcpt.original_type = row->original_type;
	}
	wire_smtp_rcpt_put(&client->out, &rcpt);
}

/* --- replies --------------------------------------------------------------------- */

static bool
has_verdict(const struct transaction *transaction, size_t index)
{
	return transaction->parcel->verdicts[index].status[0] != '\0';
}

static struct relay_verdict
verdict_of_reply(const struct transaction *transaction)
{
	const struct relay_client *client = transaction->client;
	struct relay_verdict verdict;
	relay_verdict_of_reply(
		&client->reply, client->server, transaction->parcel->arena, &verdict);
	return verdict;
}

/* Of a reply where no delivery is meant: whatever is not 5yz may be tried again. */
static struct relay_verdict
verdict_of_refusal(const struct transaction *transaction)
{
	struct relay_verdict verdict = verdict_of_reply(transaction);
	if (verdict.event == RELAY_DELIVERED) {
		verdict.event = RELAY_POSTPONED;
		verdict.status[0] = '4';
	}
	return verdict;
}

/* For the rows that were accepted and wait for the end, or for all without a verdict. */
static void
judge_rest(struct transaction *transaction, const struct relay_verdict *verdict,
	bool only_accepted)
{
	for (size_t i = 0; i < transaction->parcel->count; i++)
		if (!has_verdict(transaction, i) &&
			(transaction->accepted[i] || !only_accepted))
			transaction->parcel->verdicts[i] = *verdict;
}

/*
 * The connection is gone. Had it served others before, and not a word was said to this
 * letter, then it was only idle for too long. That we stop is no failure either.
 */
static void
judge_lost(struct transaction *transaction)
{
	struct relay_client *client = transaction->client;
	struct relay_verdict verdict =
		relay_client_failure(client, transaction->parcel->arena);
	verdict.untried = (!transaction->begun && client->letters > 0) ||
			  relay_is_stopping(client->relay);
	judge_rest(transaction, &verdict, false);
}

/* Always false. */
static bool
lose(struct transaction *transaction)
{
	transaction->lost = true;
	judge_lost(transaction);
	return false;
}

/* Sends what is put, reads one reply. False when the connection is lost. */
static bool
hear(struct transaction *transaction, uint64_t within_ms)
{
	struct relay_client *client = transaction->client;
	if (transaction->lost)
		return false;
	if (client->out.length > 0 && relay_client_flush(client))
		return lose(transaction);
	return !relay_client_hear(client, within_ms) || lose(transaction);
}

static int
class_of(const struct transaction *transaction)
{
	return wire_smtp_reply_class(&transaction->client->reply);
}

/* 421: the server leaves (RFC 5321 3.8); what it says is true of all that is left. */
static bool
is_leaving(struct transaction *transaction)
{
	if (transaction->client->reply.code != 421)
		return false;
	struct relay_verdict verdict = verdict_of_reply(transaction);
	verdict.untried = !transaction->begun && transaction->client->letters > 0;
	judge_rest(transaction, &verdict, false);
	transaction->lost = true;
	return true;
}

/* --- the envelope ---------------------------------------------------------------- */

/* All that may go before the first reply is read (RFC 2920 3.1). */
static bool
put_envelope(struct transaction *transaction)
{
	struct relay_client *client = transaction->client;
	put_mail(transaction);
	if (!transaction->pipelining)
		return true;
	for (size_t i = 0; i < transaction->parcel->count; i++) {
		put_rcpt(transaction, i);
		if (client->out.length >= RELAY_OUT_FULL && relay_client_flush(client))
			return lose(transaction);
	}
	if (!transaction->parcel->record.binary)
		buffer_put_text(&client->out, "DATA\r\n");
	return true;
}

static bool
hear_reset(struct transaction *transaction)
{
	if (!transaction->client->unreset)
		return true;
	if (!hear(transaction, RELAY_WAIT_COMMAND) || is_leaving(transaction))
		return false;
	transaction->client->unreset = false;
	return true;
}

static bool
hear_mail(struct transaction *transaction)
{
	if (!hear(transaction, RELAY_WAIT_COMMAND) || is_leaving(transaction))
		return false;
	transaction->begun = true;
	transaction->client->unreset = class_of(transaction) == 2;
	if (class_of(transaction) == 2)
		return true;
	struct relay_verdict verdict = verdict_of_refusal(transaction);
	judge_rest(transaction, &verdict, false);
	return true;
}

static void
judge_rcpt(struct transaction *transaction, size_t index)
{
	struct relay_verdict verdict = verdict_of_reply(transaction);
	if (has_verdict(transaction, index))
		return;
	if (class_of(transaction) == 2) {
		transaction->accepted[index] = true;
		transaction->accepted_count++;
		return;
	}
	/* RFC 5321 4.5.3.1.10: the others go in another transaction. */
	verdict.untried =
		transaction->client->reply.code == 452 && transaction->accepted_count > 0;
	transaction->parcel->verdicts[index] = verdict;
}

static bool
hear_rcpts(struct transaction *transaction)
{
	for (size_t i = 0; i < transaction->parcel->count; i++) {
		if (!transaction->pipelining) {
			if (has_verdict(transaction, i))
				continue;
			put_rcpt(transaction, i);
		}
		if (!hear(transaction, RELAY_WAIT_COMMAND) || is_leaving(transaction))
			return false;
		relay_patience_answered(transaction->client->patience);
		judge_rcpt(transaction, i);
	}
	return true;
}

/* --- the bytes ------------------------------------------------------------------- */

static bool
send_source(struct transaction *transaction, struct base_source *source)
{
	struct relay_client *client = transaction->client;
	relay_patience_sends(client->patience, transaction->size);
	if (net_stream_send(client->stream, source, RELAY_WAIT_DATA_BLOCK) == BASE_OK)
		return true;
	return lose(transaction);
}

static struct base_source *
body(const struct transaction *transaction)
{
	return relay_body_source(transaction->parcel->record.trace, transaction->reader);
}

/*
 * The reply to the last byte is the verdict of all that were accepted. Without it the
 * letter goes a second time (RFC 5321 4.5.3.2.6), so a stop waits for it, too.
 */
static void
hear_end(struct transaction *transaction)
{
	transaction->client->sent = true;
	relay_patience_sent(transaction->client->patience);
	bool heard = hear(transaction, RELAY_WAIT_DATA_END);
	transaction->client->sent = false;
	if (!heard)
		return;
	struct relay_verdict verdict = verdict_of_reply(transaction);
	verdict.reported_onward = relay_client_offers(transaction->client, WIRE_OFFERS_DSN);
	judge_rest(transaction, &verdict, true);
	transaction->client->unreset = false;
	(void)is_leaving(transaction);
}

/* Nobody is to get it, yet the server waits for bytes (RFC 2920 3.1): an empty letter. */
static void
send_nothing(struct transaction *transaction)
{
	buffer_put_text(&transaction->client->out, ".\r\n");
	if (hear(transaction, RELAY_WAIT_DATA_END))
		transaction->client->unreset = false;
}

static void
send_by_data(struct transaction *transaction)
{
	if (!transaction->pipelining) {
		if (transaction->accepted_count == 0)
			return;
		buffer_put_text(&transaction->client->out, "DATA\r\n");
	}
	if (!hear(transaction, RELAY_WAIT_DATA) || is_leaving(transaction))
		return;
	if (class_of(transaction) != 3) {
		struct relay_verdict verdict = verdict_of_refusal(transaction);
		judge_rest(transaction, &verdict, true);
	} else if (transaction->accepted_count == 0) {
		send_nothing(transaction);
	} else if (send_source(transaction, wire_dot_source(body(transaction)))) {
		hear_end(transaction);
	}
}

/* RFC 3030: all in one chunk. */
static void
send_by_bdat(struct transaction *transaction)
{
	struct relay_client *client = transaction->client;
	if (transaction->accepted_count == 0)
		return;
	buffer_printf(
		&client->out, "BDAT %llu LAST\r\n", (unsigned long long)transaction->size);
	if (relay_client_flush(client))
		lose(transaction);
	else if (send_source(transaction, body(transaction)))
		hear_end(transaction);
}

/* --- together -------------------------------------------------------------------- */

static void
carry(struct transaction *transaction)
{
	struct relay_client *client = transaction->client;
	if (client->unreset) {
		buffer_put_text(&client->out, "RSET\r\n");
		if (!transaction->pipelining && !hear_reset(transaction))
			return;
	}
	if (!put_envelope(transaction) || !hear_reset(transaction) ||
		!hear_mail(transaction) || !hear_rcpts(transaction))
		return;
	if (transaction->parcel->record.binary)
		send_by_bdat(transaction);
	else
		send_by_data(transaction);
}

bool
relay_client_deliver(struct relay_client *client, struct relay_parcel *parcel)
{
	struct store_hash hash;
	struct transaction transaction = {.client = client,
		.parcel = parcel,
		.pipelining = relay_client_offers(client, WIRE_OFFERS_PIPELINING),
		.accepted = ARENA_MANY(parcel->arena, bool, parcel->count)};
	parcel->server = client->label;
	parcel->tls = client->tls;
	memcpy(hash.bytes, parcel->record.hash, sizeof hash.bytes);
	enum base_failure failure =
		store_reader_open(client->relay->store, &hash, &transaction.reader);
	if (failure) {
		struct relay_verdict verdict =
			relay_verdict_own(parcel->arena, RELAY_POSTPONED, "4.3.0",
				"its bytes can't be read: %s", base_failure_name(failure));
		relay_parcel_judge(parcel, &verdict);
		return true;
	}
	transaction.size =
		parcel->record.trace.length + store_reader_size(transaction.reader);
	if (suits(&transaction))
		carry(&transaction);
	store_reader_close(transaction.reader);
	client->letters++;
	return !transaction.lost;
}
