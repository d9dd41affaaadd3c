#include "base/buffer.h"
#include "base/test.h"

static void
puts_follow_each_other(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer text = buffer_with(1000);
	assert_slice_is(buffer_slice(&text), "");
	assert_true(buffer_put(&text, SLICE("a")));
	assert_true(buffer_put_text(&text, "bc"));
	assert_true(buffer_put_byte(&text, '-'));
	assert_true(buffer_put_number(&text, 0));
	assert_true(buffer_put_number(&text, UINT64_MAX));
	assert_true(buffer_printf(&text, "<%s:%d>", "x", 7));
	assert_slice_is(buffer_slice(&text), "abc-018446744073709551615<x:7>");
	buffer_drop_first(&text, 4);
	buffer_cut(&text, 3);
	assert_slice_is(buffer_slice(&text), "018");
}

static void
past_the_ceiling_all_puts_fail(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer text = buffer_with(4);
	assert_true(buffer_put(&text, SLICE("abc")));
	assert_false(buffer_put(&text, SLICE("de")));
	assert_true(buffer_failed(&text));
	assert_false(buffer_put(&text, SLICE("d")));
	assert_false(buffer_printf(&text, "%s", ""));
	assert_slice_is(buffer_slice(&text), "abc");
	buffer_clear(&text);
	assert_true(buffer_printf(&text, "%d", 1234));
	assert_slice_is(buffer_slice(&text), "1234");
	assert_false(buffer_printf(&text, "%d", 5));
	buffer_clear(&text);
	assert_false(buffer_failed(&text));
	assert_true(buffer_put(&text, SLICE("wxyz")));
	assert_slice_is(buffer_slice(&text), "wxyz");
}

static void
growing_never_passes_the_ceiling(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer text = buffer_with(1000);
	for (int i = 0; i < 1000; i++)
		assert_true(buffer_put_byte(&text, 'x'));
	assert_int_equal(text.length, 1000);
	assert_true(text.capacity <= 1000);
	assert_false(buffer_put_byte(&text, 'x'));
}

/* Whatever room is left: in place, grown, and at its edge. */
static void
prints_after_any_length(void **state)
{
	(void)state;
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
	for (size_t before = 0; before < 100; before++)
		for (size_t length = 0; length < 100; length++) {
			SCOPED(buffer_free) struct buffer text = buffer_with(200);
			buffer_put(&text, slice_of(letters, before));
			assert_true(buffer_printf(&text, "%.*s", (int)length, letters));
			assert_int_equal(text.length, before + length);
			assert_memory_equal(text.data, letters, before);
			assert_memory_equal(text.data + before, letters, length);
		}
}

static void
reserved_room_counts_once_committed(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer text = buffer_with(100);
	char *room = buffer_reserve(&text, 100);
	assert_non_null(room);
	memset(room, 'r', 100);
	assert_int_equal(text.length, 0);
	buffer_commit(&text, 2);
	assert_slice_is(buffer_slice(&text), "rr");
	assert_null(buffer_reserve(&text, 99));
	assert_true(buffer_failed(&text));
}

static void
integers_come_back(void **state)
{
	(void)state;
	static const uint64_t values[] = {
		0, 1, 127, 128, 300, 16383, 16384, UINT32_MAX, UINT64_MAX};
	SCOPED(buffer_free) struct buffer record = buffer_with(1000);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		buffer_clear(&record);
		assert_true(buffer_put_be16(&record, (uint16_t)values[i]));
		assert_true(buffer_put_be32(&record, (uint32_t)values[i]));
		assert_true(buffer_put_be64(&record, values[i]));
		assert_true(buffer_put_varint(&record, values[i]));
		assert_true(buffer_put_sized(&record, SLICE("tail")));
		assert_true(buffer_put_byte(&record, '!'));
		struct slice rest = buffer_slice(&record), tail;
		uint16_t sixteen;
		uint32_t thirty_two;
		uint64_t sixty_four, varint;
		uint8_t byte;
		assert_true(take_be16(&rest, &sixteen));
		assert_true(take_be32(&rest, &thirty_two));
		assert_true(take_be64(&rest, &sixty_four));
		assert_true(take_varint(&rest, &varint));
		assert_true(take_sized(&rest, &tail));
		assert_true(take_byte(&rest, &byte));
		assert_true(sixteen == (uint16_t)values[i]);
		assert_true(thirty_two == (uint32_t)values[i]);
		assert_true(sixty_four == values[i]);
		assert_true(varint == values[i]);
		assert_slice_is(tail, "tail");
		assert_int_equal(byte, '!');
		assert_int_equal(rest.length, 0);
	}
}

static void
big_endian_sorts_by_value(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer key = buffer_with(8);
	assert_true(buffer_put_be32(&key, 0x01020304));
	assert_slice_is(buffer_slice(&key), "\x01\x02\x03\x04");
}

static void
short_input_changes_nothing(void **state)
{
	(void)state;
	static const struct slice broken[] = {
		SLICE_INIT(""),
		SLICE_INIT("\x80"),
		SLICE_INIT("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"),
		SLICE_INIT("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x81\x00"),
	};
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		struct slice rest = broken[i], bytes;
		uint64_t value = 7;
		assert_false(take_varint(&rest, &value));
		assert_true(value == 0);
		assert_false(take_sized(&rest, &bytes));
		assert_true(slice_absent(bytes));
		assert_false(take_bytes(&rest, 12, &bytes));
		assert_ptr_equal(rest.data, broken[i].data);
		assert_int_equal(rest.length, broken[i].length);
	}
	struct slice rest = SLICE("\x05"
				  "four"),
		     bytes;
	assert_false(take_sized(&rest, &bytes));
	assert_int_equal(rest.length, 5);
	uint32_t number = 7;
	rest = SLICE("abc");
	assert_false(take_be32(&rest, &number));
	assert_int_equal(number, 0);
	assert_slice_is(rest, "abc");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_follow_each_other),
		cmocka_unit_test(past_the_ceiling_all_puts_fail),
		cmocka_unit_test(growing_never_passes_the_ceiling),
		cmocka_unit_test(prints_after_any_length),
		cmocka_unit_test(reserved_room_counts_once_committed),
		cmocka_unit_test(integers_come_back),
		cmocka_unit_test(big_endian_sorts_by_value),
		cmocka_unit_test(short_input_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
