#include "relay/relay-internal.h"
#include "relay/settle.h"

/*
 * At the start all rows are read, so that the queue in memory is whole. What can't be read
 * is named, left where it is, and passed over.
 */
struct reading {
	struct relay *relay;
	struct map *letters; /* of one space, by id: struct relay_queued */
	struct relay_queued **all;
	size_t count, room;
};

static void
say_damaged(const struct reading *reading, struct slice key, const char *what)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	LOG(reading->relay->settings.log, BASE_LOG_ERROR, "relay.damaged",
		LOG_TEXT("key", hex_encode(arena, key)), LOG_STRING("what", what));
}

static void
keep(struct reading *reading, struct relay_queued *letter)
{
	if (reading->count == reading->room) {
		reading->room = reading->room ? 2 * reading->room : 256;
		reading->all = reallocarray(
			reading->all, reading->room, sizeof(struct relay_queued *));
		ASSERT(reading->all);
	}
	reading->all[reading->count++] = letter;
	map_put(reading->letters, relay_queued_id(letter), letter);
}

static bool
read_letter(struct reading *reading, struct slice id, struct slice value)
{
	struct relay_letter_record record;
	if (relay_letter_unpack(value, &record))
		return false;
	struct relay_queued *letter = relay_queued_create(id);
	letter->arrived_ms = record.arrived_ms;
	letter->size = record.size;
	memcpy(letter->hash.bytes, record.hash, sizeof record.hash);
	keep(reading, letter);
	return true;
}

static bool
read_row(struct reading *reading, const struct relay_key *key, struct slice value)
{
	struct relay_row_record record;
	struct relay_queued *letter = map_get(reading->letters, key->id);
	if (!letter)
		return false;
	if (relay_row_unpack(value, &record) || record.address.length > UINT16_MAX) {
		letter->has_damaged = true;
		return false;
	}
	struct relay_entry *row = relay_queued_add_row(letter, key->number, record.address);
	row->attempts = record.attempts;
	row->next_ms = record.next_ms;
	row->place = record.held ? RELAY_ROW_HELD : RELAY_ROW_WAITING;
	return true;
}

static bool
read_pair(void *argument, struct slice key, struct slice value)
{
	struct reading *reading = argument;
	struct relay_key parsed;
	if (!relay_key_parse(key, &parsed))
		say_damaged(reading, key, "key");
	else if (parsed.kind == RELAY_KEY_LETTER && !read_letter(reading, parsed.id, value))
		say_damaged(reading, key, "letter");
	else if (parsed.kind == RELAY_KEY_ROW && !read_row(reading, &parsed, value))
		say_damaged(reading, key, "row");
	return true;
}

static enum base_failure
read_space(struct reading *reading, struct store_space *space)
{
	const struct store_range all = {.from = SLICE(""), .until = SLICE_NONE};
	reading->letters = map_create();
	enum base_failure failure = store_scan(space, &all, read_pair, reading, NULL);
	map_destroy(reading->letters);
	return failure;
}

static int
compare_ids(const void *a, const void *b)
{
	const struct relay_queued *const *left = a, *const *right = b;
	return memcmp((*left)->id, (*right)->id, BASE_ID_LENGTH);
}

/* Its rows went in a commit that did not know that they were the last. */
static void
forget_empty(struct relay *relay, struct relay_queued *letter)
{
	if (!letter->has_damaged) {
		struct relay_settle *settle =
			relay_settle_create(relay, relay_space_of(relay_queued_id(letter)));
		relay_settle_forget(settle, relay_queued_id(letter), &letter->hash);
		base_ticket_drop(relay_settle_submit(settle));
	}
	relay_queued_destroy(letter);
}

static void
take_letter(struct relay *relay, struct relay_queued *letter)
{
	struct relay_entry *row;
	if (letter->count == 0) {
		forget_empty(relay, letter);
		return;
	}
	pthread_mutex_lock(&relay->lock);
	relay_queue_add(&relay->queue, letter);
	TAILQ_FOREACH(row, &letter->rows, of_letter)
	relay_route_entry(relay, row);
	TAILQ_FOREACH(row, &letter->rows, of_letter)
	relay_place(relay, row->consignment);
	pthread_mutex_unlock(&relay->lock);
}

enum base_failure
relay_read_queue(struct relay *relay)
{
	struct reading reading = {.relay = relay};
	enum base_failure failure = BASE_OK;
	for (size_t i = 0; i < RELAY_QUEUE_SPACES && !failure; i++)
		failure = read_space(&reading, relay->spaces[i]);
	if (reading.count > 0)
		qsort(reading.all, reading.count, sizeof(struct relay_queued *),
			compare_ids);
	for (size_t i = 0; i < reading.count; i++)
		if (failure)
			relay_queued_destroy(reading.all[i]);
		else
			take_letter(relay, reading.all[i]);
	free(reading.all);
	return failure;
}
