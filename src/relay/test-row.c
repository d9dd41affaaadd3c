#include "base/test.h"
#include "relay/row.h"

static const struct slice ID = SLICE_INIT("01JABCDEFG0123456789");

static void
keys_go_there_and_back(void **state)
{
	(void)state;
	char bytes[RELAY_KEY_MOST], other[RELAY_KEY_MOST];
	struct relay_key key;
	assert_true(relay_key_parse(relay_key_letter(ID, bytes), &key));
	assert_int_equal(key.kind, RELAY_KEY_LETTER);
	assert_true(slice_equal(key.id, ID));
	struct slice first = relay_key_row(ID, 1, bytes);
	struct slice later = relay_key_row(ID, 65536, other);
	assert_true(slice_compare(first, later) < 0);
	assert_true(relay_key_parse(later, &key));
	assert_int_equal(key.kind, RELAY_KEY_ROW);
	assert_int_equal(key.number, 65536);
}

static void
other_keys_are_none(void **state)
{
	(void)state;
	char bytes[RELAY_KEY_MOST];
	struct relay_key key;
	struct slice row = relay_key_row(ID, 1, bytes);
	for (size_t length = 0; length < row.length; length++)
		assert_false(relay_key_parse(slice_first(row, length), &key));
	bytes[0] = 'X';
	assert_false(relay_key_parse(row, &key));
}

static void
a_letter_is_unpacked_as_it_was(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer packed = buffer_with(RELAY_LETTER_MOST);
	struct relay_letter_record got, letter = {.arrived_ms = 1700000000123,
						.account = 1024,
						.size = 1 << 30,
						.hash = {1, 2, 3},
						.eight_bit = true,
						.headers_only = true,
						.whole = true,
						.sender = SLICE("anna@troika.test"),
						.envelope_id = SLICE(""),
						.trace = SLICE("Received: x\r\n")};
	assert_true(relay_letter_pack(&letter, &packed));
	assert_int_equal(relay_letter_unpack(buffer_slice(&packed), &got), BASE_OK);
	assert_true(got.arrived_ms == letter.arrived_ms && got.account == letter.account);
	assert_true(got.size == letter.size);
	assert_memory_equal(got.hash, letter.hash, sizeof got.hash);
	assert_true(got.eight_bit && got.headers_only && got.whole && !got.smtputf8 &&
		    !got.binary);
	assert_slice_is(got.sender, "anna@troika.test");
	assert_false(slice_absent(got.envelope_id));
	assert_slice_is(got.trace, "Received: x\r\n");
}

static void
a_row_is_unpacked_as_it_was(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer packed = buffer_with(RELAY_ROW_MOST);
	struct relay_row_record got, row = {.held = true,
					     .mailbox = true,
					     .attempts = UINT32_MAX,
					     .crashes = 1,
					     .notify = 6,
					     .next_ms = -1,
					     .tried_ms = 1700000000123,
					     .address = SLICE("b@example.test"),
					     .original = SLICE("b+x@example.test"),
					     .original_type = SLICE("rfc822"),
					     .reply = SLICE("450 4.2.0 later")};
	assert_true(relay_row_pack(&row, &packed));
	assert_int_equal(relay_row_unpack(buffer_slice(&packed), &got), BASE_OK);
	assert_true(got.held && got.mailbox && !got.warned);
	assert_true(got.attempts == UINT32_MAX);
	assert_true(got.crashes == 1 && got.notify == 6 && got.next_ms == -1);
	assert_true(got.tried_ms == row.tried_ms && slice_absent(got.server));
	assert_slice_is(got.address, "b@example.test");
	assert_slice_is(got.original, "b+x@example.test");
	assert_slice_is(got.original_type, "rfc822");
	assert_slice_is(got.reply, "450 4.2.0 later");
}

/* Cut anywhere, lengthened, of a later format, with unknown flags: damaged. */
static void
what_was_not_packed_is_damaged(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer packed = buffer_with(RELAY_ROW_MOST);
	struct relay_row_record row = {.address = SLICE("b@example.test")};
	assert_true(relay_row_pack(&row, &packed));
	for (size_t length = 0; length < packed.length; length++)
		assert_int_equal(relay_row_unpack(slice_of(packed.data, length), &row),
			BASE_DAMAGED);
	buffer_put_byte(&packed, 0);
	assert_int_equal(relay_row_unpack(buffer_slice(&packed), &row), BASE_DAMAGED);
	buffer_cut(&packed, packed.length - 1);
	packed.data[1] = 8;
	assert_int_equal(relay_row_unpack(buffer_slice(&packed), &row), BASE_DAMAGED);
	packed.data[1] = 0;
	packed.data[0] = RELAY_FORMAT + 1;
	assert_int_equal(relay_row_unpack(buffer_slice(&packed), &row), BASE_DAMAGED);
}

static void
names_are_what_a_person_types(void **state)
{
	(void)state;
	char text[RELAY_ROW_ID_MOST + 1], id[BASE_ID_LENGTH];
	uint32_t number;
	assert_slice_is(relay_row_id(ID, 10000, text), "01JABCDEFG0123456789-10000");
	assert_true(relay_row_id_parse(SLICE("01jabcdefg0123456789-7"), id, &number));
	assert_memory_equal(id, ID.data, BASE_ID_LENGTH);
	assert_int_equal(number, 7);
	static const char *const wrong[] = {"", "01JABCDEFG0123456789",
		"01JABCDEFG0123456789-", "01JABCDEFG0123456789-0",
		"01JABCDEFG0123456789--1", "01JABCDEFG0123456789-x", "SHORT-1",
		"01JABCDEFG0123456789-4294967296"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(relay_row_id_parse(slice_of_text(wrong[i]), id, &number));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_go_there_and_back),
		cmocka_unit_test(other_keys_are_none),
		cmocka_unit_test(a_letter_is_unpacked_as_it_was),
		cmocka_unit_test(a_row_is_unpacked_as_it_was),
		cmocka_unit_test(what_was_not_packed_is_damaged),
		cmocka_unit_test(names_are_what_a_person_types),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
