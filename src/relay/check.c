#include "relay/relay-internal.h"

/* Reads all rows of the store and looks whether they agree, for `troika check`. */
struct checking {
	struct relay *relay;
	void (*problem)(void *argument, const char *sentence);
	void *argument;
	struct map *letters; /* of one space, by id: struct seen */
	uint64_t rows;
};

struct seen {
	size_t rows;
	struct store_hash hash;
};

static void say(const struct checking *checking, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void
say(const struct checking *checking, const char *format, ...)
{
	char sentence[256];
	va_list arguments;
	if (!checking->problem)
		return;
	va_start(arguments, format);
	vsnprintf(sentence, sizeof sentence, format, arguments);
	va_end(arguments);
	checking->problem(checking->argument, sentence);
}

static void
check_letter(struct checking *checking, struct slice id, struct slice value)
{
	struct relay_letter_record record;
	if (relay_letter_unpack(value, &record)) {
		say(checking, "the queued letter %.*s can't be read", SLICE_ARG(id));
		return;
	}
	struct seen *seen = calloc(1, sizeof *seen);
	ASSERT(seen);
	memcpy(seen->hash.bytes, record.hash, sizeof record.hash);
	free(map_put(checking->letters, id, seen));
}

static void
check_row(struct checking *checking, const struct relay_key *key, struct slice value)
{
	struct relay_row_record record;
	struct seen *seen = map_get(checking->letters, key->id);
	checking->rows++;
	if (relay_row_unpack(value, &record))
		say(checking, "the queue row %.*s-%u can't be read", SLICE_ARG(key->id),
			key->number);
	if (seen)
		seen->rows++;
	else
		say(checking, "the queue row %.*s-%u has no letter", SLICE_ARG(key->id),
			key->number);
}

static bool
check_pair(void *argument, struct slice key, struct slice value)
{
	struct checking *checking = argument;
	struct relay_key parsed;
	if (!relay_key_parse(key, &parsed))
		say(checking, "the queue has a key of %zu bytes that is none of its own",
			key.length);
	else if (parsed.kind == RELAY_KEY_LETTER)
		check_letter(checking, parsed.id, value);
	else
		check_row(checking, &parsed, value);
	return true;
}

static void
check_blob(const struct checking *checking, struct slice id, const struct seen *seen)
{
	struct store_reader *reader;
	if (seen->rows == 0) {
		say(checking, "the queued letter %.*s has no rows", SLICE_ARG(id));
		return;
	}
	if (store_reader_open(checking->relay->store, &seen->hash, &reader)) {
		say(checking, "the bytes of the queued letter %.*s are not there",
			SLICE_ARG(id));
		return;
	}
	store_reader_close(reader);
}

static enum base_failure
check_space(struct checking *checking, struct store_space *space)
{
	const struct store_range all = {.from = SLICE(""), .until = SLICE_NONE};
	size_t position = 0;
	struct slice id;
	void *seen;
	checking->letters = map_create();
	enum base_failure failure = store_scan(space, &all, check_pair, checking, NULL);
	while (map_next(checking->letters, &position, &id, &seen)) {
		check_blob(checking, id, seen);
		free(seen);
	}
	map_destroy(checking->letters);
	return failure;
}

enum base_failure
relay_check(struct relay *relay, void (*problem)(void *argument, const char *sentence),
	void *argument, uint64_t *rows)
{
	struct checking checking = {
		.relay = relay, .problem = problem, .argument = argument};
	enum base_failure failure = BASE_OK;
	for (size_t i = 0; i < RELAY_QUEUE_SPACES && !failure; i++)
		failure = check_space(&checking, relay->spaces[i]);
	*rows = checking.rows;
	return failure;
}
