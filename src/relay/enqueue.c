#include "relay/relay-internal.h"

/* A letter's way into the queue: rows in the delivery's set, then memory, then the wire. */

struct enqueueing {
	struct relay *relay;
	struct arena *arena;
	unsigned space;
	struct slice id;
	struct relay_letter_record record;
	struct slice letter_value;
	struct slice *values;       /* of rows 1… */
	struct slice *destinations; /* their names */
	const struct slice *addresses;
	size_t count;
};

static struct relay_queued *
letter_of(const struct enqueueing *enqueueing)
{
	struct relay_queued *letter = relay_queued_create(enqueueing->id);
	letter->arrived_ms = enqueueing->record.arrived_ms;
	letter->size = enqueueing->record.size;
	memcpy(letter->hash.bytes, enqueueing->record.hash, sizeof letter->hash.bytes);
	for (size_t i = 0; i < enqueueing->count; i++) {
		struct relay_entry *row = relay_queued_add_row(
			letter, (uint32_t)i + 1, enqueueing->addresses[i]);
		row->next_ms = enqueueing->record.arrived_ms;
	}
	return letter;
}

static void
publish(const struct enqueueing *enqueueing, struct relay_queued *letter)
{
	struct relay *relay = enqueueing->relay;
	struct relay_entry *row;
	relay_queue_add(&relay->queue, letter);
	TAILQ_FOREACH(row, &letter->rows, of_letter)
	relay_queue_assign(&relay->queue, row, enqueueing->destinations[row->number - 1]);
	const struct relay_consignment *placed = NULL;
	TAILQ_FOREACH(row, &letter->rows, of_letter)
	{
		if (row->consignment != placed)
			relay_place(relay, row->consignment);
		placed = row->consignment;
	}
	relay_dispatch(relay);
}

/* On the committer's thread, before anybody sees the ticket complete. */
static void
durable(void *argument)
{
	const struct enqueueing *enqueueing = argument;
	struct relay *relay = enqueueing->relay;
	struct relay_queued *letter = letter_of(enqueueing);
	pthread_mutex_lock(&relay->lock);
	publish(enqueueing, letter);
	pthread_mutex_unlock(&relay->lock);
	base_metric_add(relay->metrics.queued, (int64_t)enqueueing->count);
}

static enum base_failure
fill(void *argument, struct store_turn *turn, struct store_blob *blob)
{
	const struct enqueueing *enqueueing = argument;
	char key[RELAY_KEY_MOST];
	store_put(turn, relay_key_letter(enqueueing->id, key), enqueueing->letter_value);
	for (size_t i = 0; i < enqueueing->count; i++)
		store_put(turn, relay_key_row(enqueueing->id, (uint32_t)i + 1, key),
			enqueueing->values[i]);
	store_reference(turn, blob, enqueueing->id);
	store_on_durable(turn, durable, argument);
	return BASE_OK;
}

/* It is durable, or came to nothing. */
static void
ended(void *argument, enum base_failure outcome)
{
	struct enqueueing *enqueueing = argument;
	struct relay *relay = enqueueing->relay;
	(void)outcome;
	pthread_mutex_lock(&relay->lock);
	relay->under_way--;
	pthread_cond_broadcast(&relay->settled);
	pthread_mutex_unlock(&relay->lock);
	arena_destroy(enqueueing->arena);
}

/* --- packing --------------------------------------------------------------------- */

static struct slice
packed_letter(struct enqueueing *enqueueing)
{
	SCOPED(buffer_free) struct buffer packed = buffer_with(RELAY_LETTER_MOST);
	return relay_letter_pack(&enqueueing->record, &packed)
		       ? arena_copy(enqueueing->arena, buffer_slice(&packed))
		       : SLICE_NONE;
}

/* RFC 6533 3: addresses that are not ASCII have a type of their own. */
static struct slice
original_type(const struct relay_recipient *recipient)
{
	if (slice_absent(recipient->original) || !slice_absent(recipient->original_type))
		return recipient->original_type;
	return slice_is_ascii(recipient->original) ? SLICE("rfc822") : SLICE("utf-8");
}

static struct slice
packed_row(struct enqueueing *enqueueing, const struct relay_recipient *recipient)
{
	SCOPED(buffer_free) struct buffer packed = buffer_with(RELAY_ROW_MOST);
	const struct relay_row_record record = {.address = recipient->address,
		.mailbox = recipient->mailbox,
		.notify = recipient->notify,
		.original = recipient->original,
		.original_type = original_type(recipient),
		.next_ms = enqueueing->record.arrived_ms};
	return relay_row_pack(&record, &packed)
		       ? arena_copy(enqueueing->arena, buffer_slice(&packed))
		       : SLICE_NONE;
}

static enum base_failure
take_recipient(struct enqueueing *enqueueing, const struct relay_recipient *recipient)
{
	size_t index = enqueueing->count;
	struct slice domain = relay_address_domain(enqueueing->arena, recipient->address);
	if (slice_absent(domain))
		return BASE_INVALID;
	enqueueing->destinations[index] =
		relay_destination_name(enqueueing->relay, domain, enqueueing->arena);
	enqueueing->values[index] = packed_row(enqueueing, recipient);
	if (slice_absent(enqueueing->values[index]))
		return BASE_TOO_LARGE;
	enqueueing->count++;
	return BASE_OK;
}

static enum base_failure
take_recipients(struct enqueueing *enqueueing, const struct relay_letter *letter)
{
	enum base_failure failure = BASE_OK;
	struct slice *addresses =
		ARENA_MANY(enqueueing->arena, struct slice, letter->count);
	enqueueing->values = ARENA_MANY(enqueueing->arena, struct slice, letter->count);
	enqueueing->destinations =
		ARENA_MANY(enqueueing->arena, struct slice, letter->count);
	enqueueing->addresses = addresses;
	for (size_t i = 0; i < letter->count && !failure; i++) {
		addresses[i] = arena_copy(enqueueing->arena, letter->recipients[i].address);
		failure = take_recipient(enqueueing, &letter->recipients[i]);
	}
	return failure;
}

static struct enqueueing *
enqueueing_new(struct relay *relay, const struct relay_letter *letter,
	const struct post_incoming *incoming)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct enqueueing *enqueueing = ARENA_NEW(arena, struct enqueueing);
	struct slice trace = post_incoming_trace(incoming);
	struct store_hash hash = post_incoming_hash(incoming);
	*enqueueing = (struct enqueueing){.relay = relay,
		.arena = arena,
		.space = relay_space_of(letter->id),
		.id = arena_copy(arena, letter->id),
		.record = {.arrived_ms = relay_now(relay),
			.account = letter->account,
			.size = trace.length + post_incoming_size(incoming),
			.eight_bit = letter->eight_bit,
			.smtputf8 = letter->smtputf8,
			.binary = letter->binary,
			.headers_only = letter->headers_only,
			.whole = letter->whole,
			.sender = letter->sender,
			.envelope_id = letter->envelope_id,
			.trace = trace}};
	memcpy(enqueueing->record.hash, hash.bytes, sizeof hash.bytes);
	return enqueueing;
}

enum base_failure
relay_enqueue(struct relay *relay, const struct relay_letter *letter,
	struct post_delivery *delivery)
{
	if (letter->count > RELAY_RECIPIENTS_MOST)
		return BASE_TOO_LARGE;
	if (letter->count == 0 || letter->id.length != BASE_ID_LENGTH)
		return BASE_INVALID;
	struct enqueueing *enqueueing =
		enqueueing_new(relay, letter, post_delivery_incoming(delivery));
	enqueueing->letter_value = packed_letter(enqueueing);
	enum base_failure failure = slice_absent(enqueueing->letter_value)
					    ? BASE_TOO_LARGE
					    : take_recipients(enqueueing, letter);
	if (failure) {
		arena_destroy(enqueueing->arena);
		return failure;
	}
	pthread_mutex_lock(&relay->lock);
	relay->under_way++;
	pthread_mutex_unlock(&relay->lock);
	post_delivery_also(delivery, relay->spaces[enqueueing->space], fill, enqueueing);
	post_delivery_on_end(delivery, ended, enqueueing);
	return BASE_OK;
}
