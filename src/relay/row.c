#include "relay/row.h"

/* Flags of a letter and of a row; unknown ones are a later format's. */
enum {
	LETTER_EIGHT_BIT = 1,
	LETTER_SMTPUTF8 = 2,
	LETTER_BINARY = 4,
	LETTER_HEADERS_ONLY = 8,
	LETTER_WHOLE = 16,
	LETTER_FLAGS = 31
};
enum { ROW_HELD = 1, ROW_WARNED = 2, ROW_MAILBOX = 4, ROW_FLAGS = 7 };

/* --- keys ------------------------------------------------------------------------ */

struct slice
relay_key_letter(struct slice id, char into[RELAY_KEY_MOST])
{
	ASSERT(id.length == BASE_ID_LENGTH);
	into[0] = RELAY_KEY_LETTER;
	memcpy(into + 1, id.data, BASE_ID_LENGTH);
	return slice_of(into, 1 + BASE_ID_LENGTH);
}

struct slice
relay_key_row(struct slice id, uint32_t number, char into[RELAY_KEY_MOST])
{
	relay_key_letter(id, into);
	into[0] = RELAY_KEY_ROW;
	for (int i = 0; i < 4; i++)
		into[1 + BASE_ID_LENGTH + i] = (char)(number >> (24 - 8 * i));
	return slice_of(into, RELAY_KEY_MOST);
}

bool
relay_key_parse(struct slice key, struct relay_key *parsed)
{
	*parsed = (struct relay_key){0};
	uint8_t kind;
	if (!take_byte(&key, &kind) || !take_bytes(&key, BASE_ID_LENGTH, &parsed->id))
		return false;
	parsed->kind = kind;
	if (kind == RELAY_KEY_ROW && !take_be32(&key, &parsed->number))
		return false;
	return (kind == RELAY_KEY_LETTER || kind == RELAY_KEY_ROW) && slice_empty(key);
}

/* --- values ---------------------------------------------------------------------- */

/* Absent and empty are told apart: 0 is absent, else length + 1. */
static bool
put_optional(struct buffer *into, struct slice s)
{
	if (slice_absent(s))
		return buffer_put_varint(into, 0);
	return buffer_put_varint(into, s.length + 1) && buffer_put(into, s);
}

static bool
take_optional(struct slice *rest, struct slice *s)
{
	uint64_t length;
	*s = SLICE_NONE;
	if (!take_varint(rest, &length))
		return false;
	return length == 0 || take_bytes(rest, length - 1, s);
}

static bool
take_format(struct slice *rest)
{
	uint8_t format;
	return take_byte(rest, &format) && format == RELAY_FORMAT;
}

static bool
take_time(struct slice *rest, int64_t *ms)
{
	uint64_t value;
	bool taken = take_be64(rest, &value);
	*ms = (int64_t)value;
	return taken;
}

static bool
take_u32(struct slice *rest, uint32_t *number)
{
	uint64_t value;
	bool taken = take_varint(rest, &value) && value <= UINT32_MAX;
	*number = taken ? (uint32_t)value : 0;
	return taken;
}

static unsigned
letter_flags(const struct relay_letter_record *record)
{
	return (record->eight_bit ? LETTER_EIGHT_BIT : 0) |
	       (record->smtputf8 ? LETTER_SMTPUTF8 : 0) |
	       (record->binary ? LETTER_BINARY : 0) |
	       (record->headers_only ? LETTER_HEADERS_ONLY : 0) |
	       (record->whole ? LETTER_WHOLE : 0);
}

bool
relay_letter_pack(const struct relay_letter_record *record, struct buffer *into)
{
	struct slice hash = slice_of(record->hash, sizeof record->hash);
	return buffer_put_byte(into, RELAY_FORMAT) &&
	       buffer_put_byte(into, (char)letter_flags(record)) &&
	       buffer_put_be64(into, (uint64_t)record->arrived_ms) &&
	       buffer_put_varint(into, record->account) &&
	       buffer_put_varint(into, record->size) && buffer_put(into, hash) &&
	       buffer_put_sized(into, record->sender) &&
	       put_optional(into, record->envelope_id) &&
	       buffer_put_sized(into, record->trace);
}

enum base_failure
relay_letter_unpack(struct slice value, struct relay_letter_record *record)
{
	uint8_t flags;
	struct slice hash;
	*record = (struct relay_letter_record){0};
	if (!take_format(&value) || !take_byte(&value, &flags) || flags & ~LETTER_FLAGS ||
		!take_time(&value, &record->arrived_ms) ||
		!take_varint(&value, &record->account) ||
		!take_varint(&value, &record->size) ||
		!take_bytes(&value, sizeof record->hash, &hash) ||
		!take_sized(&value, &record->sender) ||
		!take_optional(&value, &record->envelope_id) ||
		!take_sized(&value, &record->trace) || !slice_empty(value))
		return BASE_DAMAGED;
	memcpy(record->hash, hash.data, sizeof record->hash);
	record->eight_bit = flags & LETTER_EIGHT_BIT;
	record->smtputf8 = flags & LETTER_SMTPUTF8;
	record->binary = flags & LETTER_BINARY;
	record->headers_only = flags & LETTER_HEADERS_ONLY;
	record->whole = flags & LETTER_WHOLE;
	return BASE_OK;
}

bool
relay_row_pack(const struct relay_row_record *record, struct buffer *into)
{
	unsigned flags = (record->held ? ROW_HELD : 0) | (record->warned ? ROW_WARNED : 0) |
			 (record->mailbox ? ROW_MAILBOX : 0);
	return buffer_put_byte(into, RELAY_FORMAT) && buffer_put_byte(into, (char)flags) &&
	       buffer_put_varint(into, record->attempts) &&
	       buffer_put_varint(into, record->crashes) &&
	       buffer_put_varint(into, record->notify) &&
	       buffer_put_be64(into, (uint64_t)record->next_ms) &&
	       buffer_put_be64(into, (uint64_t)record->tried_ms) &&
	       buffer_put_sized(into, record->address) &&
	       put_optional(into, record->original_type) &&
	       put_optional(into, record->original) && put_optional(into, record->server) &&
	       put_optional(into, record->reply);
}

enum base_failure
relay_row_unpack(struct slice value, struct relay_row_record *record)
{
	uint8_t flags;
	*record = (struct relay_row_record){0};
	if (!take_format(&value) || !take_byte(&value, &flags) || flags & ~ROW_FLAGS ||
		!take_u32(&value, &record->attempts) ||
		!take_u32(&value, &record->crashes) || !take_u32(&value, &record->notify) ||
		!take_time(&value, &record->next_ms) ||
		!take_time(&value, &record->tried_ms) ||
		!take_sized(&value, &record->address) ||
		!take_optional(&value, &record->original_type) ||
		!take_optional(&value, &record->original) ||
		!take_optional(&value, &record->server) ||
		!take_optional(&value, &record->reply) || !slice_empty(value) ||
		slice_empty(record->address))
		return BASE_DAMAGED;
	record->held = flags & ROW_HELD;
	record->warned = flags & ROW_WARNED;
	record->mailbox = flags & ROW_MAILBOX;
	return BASE_OK;
}

/* --- names ----------------------------------------------------------------------- */

struct slice
relay_row_id(struct slice letter, uint32_t number, char into[RELAY_ROW_ID_MOST + 1])
{
	int length =
		snprintf(into, RELAY_ROW_ID_MOST + 1, "%.*s-%u", SLICE_ARG(letter), number);
	return slice_of(into, (size_t)length);
}

bool
relay_row_id_parse(struct slice text, char id[BASE_ID_LENGTH], uint32_t *number)
{
	int64_t ms;
	struct slice letter = slice_cut(&text, '-');
	*number = 0;
	if (!base_id_time(letter, &ms) || !slice_to_u32(text, number) || *number == 0)
		return false;
	for (size_t i = 0; i < BASE_ID_LENGTH; i++)
		id[i] = byte_upper(letter.data[i]);
	return true;
}
