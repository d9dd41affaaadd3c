#include "relay/parcel.h"
#include "relay/settle.h"

void
relay_parcel_of(struct relay *relay, struct relay_entry *const *rows, size_t count,
	struct arena *arena, struct relay_parcel *parcel)
{
	ASSERT(count > 0 && count <= RELAY_PARCEL_MOST);
	*parcel = (struct relay_parcel){.relay = relay,
		.arena = arena,
		.letter = rows[0]->letter,
		.id = arena_copy(arena, relay_queued_id(rows[0]->letter)),
		.arrived_ms = rows[0]->letter->arrived_ms,
		.space = relay_space_of(relay_queued_id(rows[0]->letter)),
		.count = count};
	memcpy(parcel->rows, rows, count * sizeof(struct relay_entry *));
}

void
relay_parcel_put_back(struct relay_parcel *parcel, int64_t pause_ms)
{
	relay_put_back(parcel->relay, parcel->rows, parcel->count, pause_ms);
	parcel->count = 0;
}

/* --- reading --------------------------------------------------------------------- */

/* A row that can't be read stays where it is, for a person to look at. */
static void
hold_damaged(struct relay_parcel *parcel, struct relay_entry *row)
{
	struct relay *relay = parcel->relay;
	char id[RELAY_ROW_ID_MOST + 1];
	LOG(relay->settings.log, BASE_LOG_ERROR, "relay.damaged",
		LOG_TEXT(
			"row", relay_row_id(relay_queued_id(row->letter), row->number, id)),
		LOG_TEXT("to", relay_entry_address(row)));
	pthread_mutex_lock(&relay->lock);
	row->place = RELAY_ROW_HELD;
	row->wish = RELAY_WISH_NOTHING;
	relay_place(relay, row->consignment);
	pthread_mutex_unlock(&relay->lock);
}

static bool
take_rows(struct relay_parcel *parcel, const struct slice *values)
{
	size_t kept = 0;
	bool letter = relay_letter_unpack(values[0], &parcel->record) == BASE_OK;
	for (size_t i = 0; i < parcel->count; i++) {
		struct relay_row_record *record = &parcel->records[kept];
		if (!letter || relay_row_unpack(values[i + 1], record))
			hold_damaged(parcel, parcel->rows[i]);
		else
			parcel->rows[kept++] = parcel->rows[i];
	}
	parcel->count = kept;
	return kept > 0;
}

bool
relay_parcel_load(struct relay_parcel *parcel)
{
	struct slice keys[1 + RELAY_PARCEL_MOST], values[1 + RELAY_PARCEL_MOST];
	char *bytes = arena_take(parcel->arena, (1 + parcel->count) * RELAY_KEY_MOST);
	parcel->records = ARENA_MANY(parcel->arena, struct relay_row_record, parcel->count);
	parcel->verdicts = ARENA_MANY(parcel->arena, struct relay_verdict, parcel->count);
	keys[0] = relay_key_letter(parcel->id, bytes);
	for (size_t i = 1; i <= parcel->count; i++)
		keys[i] = relay_key_row(parcel->id, parcel->rows[i - 1]->number,
			bytes + i * RELAY_KEY_MOST);
	enum base_failure failure = store_get_many(parcel->relay->spaces[parcel->space],
		keys, 1 + parcel->count, parcel->arena, values);
	if (failure) {
		relay_parcel_put_back(parcel, RELAY_PUT_BACK_MS);
		return false;
	}
	return take_rows(parcel, values);
}

void
relay_parcel_judge(struct relay_parcel *parcel, const struct relay_verdict *verdict)
{
	for (size_t i = 0; i < parcel->count; i++)
		parcel->verdicts[i] = *verdict;
}
