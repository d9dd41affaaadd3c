#include "base/error.h"
#include "wire/imap-arguments.h"
#include "wire/imap-gather.h"

/* A dialogue as imapd leads it: lines, literals kept, apart, swallowed or refused. */
#define CEILING 512

struct dialogue {
	struct slice rest;
	struct wire_imap_gather gather;
	struct wire_line_taker line;
	struct arena *arena;
	bool apart; /* a message was taken apart */
	bool closed;
};

static bool
next_line(struct dialogue *dialogue)
{
	size_t consumed;
	wire_line_taker_reset(&dialogue->line);
	enum base_taken taken =
		dialogue->line.taker.take(&dialogue->line.taker, dialogue->rest, &consumed);
	dialogue->rest = slice_from(dialogue->rest, consumed);
	return taken == BASE_TAKE_DONE;
}

static void
next_octets(struct dialogue *dialogue, struct wire_sink sink)
{
	struct wire_octets_taker octets;
	size_t consumed;
	wire_octets_taker_init(&octets, dialogue->gather.literal.size, sink);
	enum base_taken taken = octets.taker.take(&octets.taker, dialogue->rest, &consumed);
	ASSERT(octets.failure == BASE_OK);
	dialogue->rest = slice_from(dialogue->rest, consumed);
	dialogue->closed = taken != BASE_TAKE_DONE;
}

static void
begin_command(struct dialogue *dialogue)
{
	wire_imap_gather_reset(&dialogue->gather, CEILING);
	arena_reset(dialogue->arena);
	dialogue->apart = false;
}

static void
drop_literal(struct dialogue *dialogue)
{
	enum wire_imap_drop drop = wire_imap_gather_drop(&dialogue->gather, "No");
	if (drop == WIRE_IMAP_DROP_SWALLOW)
		next_octets(dialogue, wire_sink_nowhere());
	if (drop == WIRE_IMAP_DROP_ANSWER)
		begin_command(dialogue);
	if (drop == WIRE_IMAP_DROP_BYE)
		dialogue->closed = true;
}

static void
take_literal(struct dialogue *dialogue)
{
	struct wire_imap_gather *gather = &dialogue->gather;
	struct slice text = wire_imap_gather_text(gather);
	struct wire_imap_append append;
	if (!gather->error &&
		wire_imap_append_reached(text, false, dialogue->arena, &append)) {
		wire_imap_gather_apart(gather);
		dialogue->apart = true;
		next_octets(dialogue, wire_sink_nowhere());
	} else if (wire_imap_gather_fits(gather)) {
		next_octets(dialogue, wire_imap_gather_sink(gather));
	} else {
		drop_literal(dialogue);
	}
}

static bool
has_text(const struct wire_imap_append *append)
{
	for (size_t i = 0; i < append->count; i++)
		for (size_t j = 0; j < append->messages[i].part_count; j++)
			if (slice_absent(append->messages[i].parts[j].url))
				return true;
	return false;
}

/* Only a literal that was taken apart may be a text of an APPEND. */
static void
run_command(struct dialogue *dialogue)
{
	struct wire_imap_cursor cursor = wire_imap_cursor_over(
		wire_imap_gather_text(&dialogue->gather), dialogue->arena);
	struct wire_imap_append append;
	struct slice tag, word;
	if (!wire_imap_tag(&cursor, &tag) || !wire_imap_word(&cursor, &word))
		return;
	ASSERT(slice_equal(tag, wire_imap_gather_tag(&dialogue->gather)));
	if (wire_imap_append_parse(&cursor, &append))
		ASSERT(dialogue->apart || !has_text(&append));
	else
		ASSERT(cursor.error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dialogue dialogue = {
		.rest = slice_of(data, size), .arena = arena_create(1 << 16)};
	wire_imap_gather_init(&dialogue.gather, CEILING);
	wire_line_taker_init(&dialogue.line, 256);
	while (!dialogue.closed && next_line(&dialogue)) {
		enum wire_imap_gathered gathered =
			wire_imap_gather_line(&dialogue.gather, &dialogue.line);
		ASSERT(dialogue.gather.text.length <= CEILING);
		ASSERT(wire_imap_gather_tag(&dialogue.gather).length > 0);
		if (gathered == WIRE_IMAP_LITERAL) {
			take_literal(&dialogue);
			continue;
		}
		ASSERT((gathered == WIRE_IMAP_REFUSED) == (dialogue.gather.error != NULL));
		if (gathered == WIRE_IMAP_COMPLETE)
			run_command(&dialogue);
		begin_command(&dialogue);
	}
	wire_imap_gather_free(&dialogue.gather);
	wire_line_taker_free(&dialogue.line);
	arena_destroy(dialogue.arena);
	return 0;
}
