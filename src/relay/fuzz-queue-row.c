/* Rows of the queue: whatever unpacks must pack to the same meaning again. */
#include "relay/row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
same(struct slice a, struct slice b)
{
	return slice_absent(a) == slice_absent(b) && slice_equal(a, b);
}

static void
letter_again(struct slice value, struct buffer *packed)
{
	struct relay_letter_record first, second;
	if (relay_letter_unpack(value, &first))
		return;
	ASSERT(relay_letter_pack(&first, packed));
	ASSERT(relay_letter_unpack(buffer_slice(packed), &second) == BASE_OK);
	ASSERT(first.arrived_ms == second.arrived_ms && first.account == second.account);
	ASSERT(first.size == second.size && first.eight_bit == second.eight_bit);
	ASSERT(first.smtputf8 == second.smtputf8 && first.binary == second.binary);
	ASSERT(first.headers_only == second.headers_only);
	ASSERT(first.whole == second.whole);
	ASSERT(memcmp(first.hash, second.hash, sizeof first.hash) == 0);
	ASSERT(same(first.sender, second.sender) && same(first.trace, second.trace));
	ASSERT(same(first.envelope_id, second.envelope_id));
}

static void
row_again(struct slice value, struct buffer *packed)
{
	struct relay_row_record first, second;
	if (relay_row_unpack(value, &first))
		return;
	ASSERT(relay_row_pack(&first, packed));
	ASSERT(relay_row_unpack(buffer_slice(packed), &second) == BASE_OK);
	ASSERT(first.held == second.held && first.warned == second.warned);
	ASSERT(first.mailbox == second.mailbox);
	ASSERT(first.attempts == second.attempts && first.crashes == second.crashes);
	ASSERT(first.notify == second.notify && first.next_ms == second.next_ms);
	ASSERT(first.tried_ms == second.tried_ms && same(first.address, second.address));
	ASSERT(same(first.original_type, second.original_type));
	ASSERT(same(first.original, second.original));
	ASSERT(same(first.server, second.server) && same(first.reply, second.reply));
}

static void
names_again(struct slice text)
{
	struct relay_key key;
	char bytes[RELAY_KEY_MOST], id[BASE_ID_LENGTH], name[RELAY_ROW_ID_MOST + 1];
	uint32_t number, again;
	if (relay_key_parse(text, &key))
		ASSERT(slice_equal(text, key.kind == RELAY_KEY_ROW
						 ? relay_key_row(key.id, key.number, bytes)
						 : relay_key_letter(key.id, bytes)));
	if (!relay_row_id_parse(text, id, &number))
		return;
	struct slice written = relay_row_id(slice_of(id, sizeof id), number, name);
	ASSERT(relay_row_id_parse(written, id, &again) && again == number);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice value = slice_of(data, size);
	SCOPED(buffer_free) struct buffer packed = buffer_with(size * 2 + 1024);
	letter_again(value, &packed);
	buffer_clear(&packed);
	row_again(value, &packed);
	names_again(value);
	return 0;
}
