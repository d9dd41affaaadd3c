#include "base/test.h"
#include "store/keys.h"
#include "store/pack.h"
#include "store/pending.h"
#include "store/record.h"
#include "store/segment.h"
#include <zstd.h>

/* Keys, small values, segment records and the pending table: all pure. */

static void
test_keys_sort(void **state)
{
	(void)state;
	struct store_key keys[] = {store_key_row(1, SLICE("")),
		store_key_row(1, SLICE("a")), store_key_row(1, SLICE("a\0")),
		store_key_row(1, SLICE("\xff\xff")), store_key_row_end(1),
		store_key_row(2, SLICE("a")), store_key_row(256, SLICE("")),
		store_key_row(UINT64_MAX, SLICE("\xff")), store_key_row_end(UINT64_MAX)};
	for (size_t i = 1; i < sizeof keys / sizeof keys[0]; i++)
		assert_true(slice_compare(store_key_slice(&keys[i - 1]),
				    store_key_slice(&keys[i])) < 0);
}

static void
test_key_after(void **state)
{
	(void)state;
	struct store_hash hash;
	memset(&hash, 0xFF, sizeof hash);
	struct store_key prefix = store_key_hash(STORE_KEY_REFERENCE, &hash);
	struct store_key after = store_key_after(&prefix);
	struct store_key inside = store_key_reference(&hash, UINT64_MAX, SLICE("\xff"));
	assert_true(slice_compare(store_key_slice(&inside), store_key_slice(&after)) < 0);
	assert_int_equal(after.length, 1);
	assert_int_equal(after.bytes[0], STORE_KEY_REFERENCE + 1);
}

static void
test_keys_are_read_back(void **state)
{
	(void)state;
	struct store_hash hash, found;
	uint64_t number;
	base_random(&hash, sizeof hash);
	struct store_key key = store_key_reference(&hash, 5, SLICE("owner"));
	assert_true(store_key_take_hash(store_key_slice(&key), &found));
	assert_memory_equal(&hash, &found, sizeof hash);
	assert_false(store_key_take_hash(SLICE("r-too-short"), &found));
	key = store_key_segment(0x1234567890);
	assert_true(store_key_take_segment(store_key_slice(&key), &number));
	assert_int_equal(number, 0x1234567890);
	assert_false(store_key_take_segment(SLICE("g1234"), &number));
	assert_false(store_key_take_segment(SLICE("g123456789"), &number));
}

static void
test_values(void **state)
{
	(void)state;
	struct store_place place = {UINT64_MAX, 1, UINT64_MAX, 128}, place_back;
	struct store_value value = store_value_place(&place);
	assert_true(store_value_take_place(store_value_slice(&value), &place_back));
	assert_memory_equal(&place, &place_back, sizeof place);
	for (size_t cut = 0; cut < value.length; cut++)
		assert_false(store_value_take_place(
			slice_first(store_value_slice(&value), cut), &place_back));
	struct store_extent extent = {70000, 3}, extent_back;
	value = store_value_extent(&extent);
	assert_true(store_value_take_extent(store_value_slice(&value), &extent_back));
	assert_memory_equal(&extent, &extent_back, sizeof extent);
	value.bytes[0] = 2;
	assert_false(store_value_take_extent(store_value_slice(&value), &extent_back));
}

static void
test_segment_names(void **state)
{
	(void)state;
	char name[STORE_SEGMENT_NAME_SIZE];
	uint64_t number;
	store_segment_name(0xABC, name);
	assert_string_equal(name, "0000000000000abc.blobs");
	assert_true(store_segment_name_parse(name, &number));
	assert_int_equal(number, 0xABC);
	store_segment_name(UINT64_MAX, name);
	assert_true(store_segment_name_parse(name, &number));
	assert_int_equal(number, UINT64_MAX);
	assert_false(store_segment_name_parse("0000000000000abc.blob", &number));
	assert_false(store_segment_name_parse("000000000000xabc.blobs", &number));
	assert_false(store_segment_name_parse(".", &number));
}

static struct store_record
some_record(void)
{
	struct store_record record = {.codec = STORE_CODEC_ZSTD,
		.space = 9,
		.length = 300000,
		.stored = 1234,
		.trace = 10,
		.references = 20,
		.tail_crc = 0xdeadbeef};
	memset(&record.hash, 0x5A, sizeof record.hash);
	return record;
}

static void
test_record_round_trip(void **state)
{
	(void)state;
	struct store_record record = some_record(), back;
	char bytes[STORE_RECORD_HEAD], again[STORE_RECORD_HEAD];
	store_record_encode(&record, bytes);
	assert_true(store_record_decode(slice_of(bytes, sizeof bytes), &back));
	assert_int_equal(back.space, 9);
	assert_int_equal(back.length, 300000);
	assert_int_equal(store_record_frames(&back), 3);
	assert_int_equal(store_record_size(&back), 80 + 1234 + 3 * 8 + 30);
	assert_int_equal(store_frame_length(&back, 0), 131072);
	assert_int_equal(store_frame_length(&back, 2), 300000 - 2 * 131072);
	store_record_encode(&back, again);
	assert_memory_equal(bytes, again, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++) {
		bytes[i] ^= 1;
		assert_false(store_record_decode(slice_of(bytes, sizeof bytes), &back));
		bytes[i] ^= 1;
	}
	assert_false(store_record_decode(slice_of(bytes, sizeof bytes - 1), &back));
}

static void
test_senseless_records(void **state)
{
	(void)state;
	struct store_record records[4];
	for (size_t i = 0; i < 4; i++)
		records[i] = some_record();
	records[0].stored = records[0].length + 1;
	records[1].codec = STORE_CODEC_RAW;
	records[2].trace = STORE_TRACE_MOST + 1;
	records[3].length = STORE_BLOB_MOST + 1;
	for (size_t i = 0; i < 4; i++) {
		char bytes[STORE_RECORD_HEAD];
		struct store_record back;
		store_record_encode(&records[i], bytes);
		assert_false(store_record_decode(slice_of(bytes, sizeof bytes), &back));
	}
}

static void
test_segment_header(void **state)
{
	(void)state;
	char bytes[STORE_SEGMENT_HEADER];
	uint64_t number;
	store_segment_header_encode(0x0102030405060708, bytes);
	assert_true(store_segment_header_decode(slice_of(bytes, sizeof bytes), &number));
	assert_int_equal(number, 0x0102030405060708);
	bytes[20] ^= 1;
	assert_false(store_segment_header_decode(slice_of(bytes, sizeof bytes), &number));
}

static void
test_frames(void **state)
{
	(void)state;
	char packed[1000], into[1000], plain[1000];
	memset(plain, 'x', sizeof plain);
	size_t size = ZSTD_compress(packed, sizeof packed, plain, sizeof plain, 3);
	struct slice stored = slice_of(packed, size);
	struct store_frame frame = {(uint32_t)size, base_crc32c(0, stored)};
	char entry[STORE_FRAME_ENTRY];
	store_frame_encode(&frame, entry);
	struct store_frame back = store_frame_at(slice_of(entry, sizeof entry), 0);
	assert_int_equal(back.stored, frame.stored);
	assert_int_equal(back.crc, frame.crc);
	assert_true(store_frame_decode(&frame, stored, into, sizeof plain));
	assert_memory_equal(into, plain, sizeof plain);
	assert_false(store_frame_decode(&frame, stored, into, sizeof plain - 1));
	packed[5] ^= 1;
	assert_false(store_frame_decode(&frame, stored, into, sizeof plain));
	frame = (struct store_frame){1000, base_crc32c(0, slice_of(plain, 1000))};
	assert_true(store_frame_decode(&frame, slice_of(plain, 1000), into, 1000));
	assert_false(store_frame_decode(&frame, slice_of(plain, 1000), into, 999));
}

static void
test_pack(void **state)
{
	(void)state;
	char plain[3 * 131072 - 7], into[131072];
	for (size_t i = 0; i < sizeof plain; i++)
		plain[i] = (char)('a' + i % 7 + i / 5000 % 3);
	base_random(plain + 131072, 131072); /* a frame that does not get shorter */
	SCOPED(buffer_free) struct buffer packed = buffer_with(sizeof plain);
	SCOPED(buffer_free) struct buffer frames = buffer_with(1000);
	struct slice whole = slice_of(plain, sizeof plain);
	assert_true(store_pack(whole, &packed, &frames));
	assert_true(packed.length < sizeof plain / 2);
	struct store_record record = {.codec = STORE_CODEC_ZSTD, .length = sizeof plain};
	struct slice rest = buffer_slice(&packed);
	assert_int_equal(frames.length, store_record_frames(&record) * STORE_FRAME_ENTRY);
	for (uint64_t i = 0; i < 3; i++) {
		struct store_frame frame = store_frame_at(buffer_slice(&frames), i);
		uint64_t length = store_frame_length(&record, i);
		assert_true(store_frame_decode(
			&frame, slice_first(rest, frame.stored), into, length));
		assert_memory_equal(into, plain + i * STORE_FRAME_SIZE, length);
		rest = slice_from(rest, frame.stored);
	}
	assert_int_equal(rest.length, 0);
	buffer_clear(&packed);
	buffer_clear(&frames);
	assert_false(store_pack(slice_part(whole, 131072, 131072), &packed, &frames));
}

#define CHANGES 200

static struct store_change
change_of(const char *key, uint64_t hash)
{
	return (struct store_change){.hash = hash, .key = slice_of_text(key)};
}

static void
test_pending_newest_wins(void **state)
{
	(void)state;
	struct pending table = {0};
	struct store_change first = change_of("k", 5), second = change_of("k", 5);
	struct store_change other = change_of("other", 5); /* the same hash */
	pending_add(&table, &first);
	pending_add(&table, &other);
	pending_add(&table, &second);
	assert_ptr_equal(pending_find(&table, 5, SLICE("k")), &second);
	pending_remove(&table, &first); /* durable, but not the newest */
	assert_ptr_equal(pending_find(&table, 5, SLICE("k")), &second);
	pending_remove(&table, &second);
	assert_null(pending_find(&table, 5, SLICE("k")));
	assert_ptr_equal(pending_find(&table, 5, SLICE("other")), &other);
	pending_remove(&table, &other);
	assert_int_equal(table.count, 0);
	pending_clear(&table);
}

static void
test_pending_grows_and_gives_back(void **state)
{
	(void)state;
	struct pending table = {0};
	struct store_change changes[CHANGES];
	char keys[CHANGES][8];
	for (size_t i = 0; i < CHANGES; i++) {
		snprintf(keys[i], sizeof keys[i], "k%zu", i);
		changes[i] = change_of(keys[i], i * 7919);
		pending_add(&table, &changes[i]);
	}
	assert_non_null(table.chains);
	for (size_t i = 0; i < CHANGES; i++)
		assert_ptr_equal(pending_find(&table, i * 7919, slice_of_text(keys[i])),
			&changes[i]);
	for (size_t i = 0; i < CHANGES; i++)
		pending_remove(&table, &changes[i]);
	assert_null(table.chains);
	assert_null(pending_find(&table, 7919, SLICE("k1")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_sort),
		cmocka_unit_test(test_key_after),
		cmocka_unit_test(test_keys_are_read_back),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_segment_names),
		cmocka_unit_test(test_record_round_trip),
		cmocka_unit_test(test_senseless_records),
		cmocka_unit_test(test_segment_header),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_pack),
		cmocka_unit_test(test_pending_newest_wins),
		cmocka_unit_test(test_pending_grows_and_gives_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
