#include "base/test.h"
#include "store/keylog.h"

/* Logs are made here as the format says, then torn and damaged at every byte. */

#define BLOCK 32768

struct log {
	struct buffer bytes;
	uint64_t sequence;
};

static void
put_little(struct buffer *into, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		buffer_put_byte(into, (char)(value >> (8 * i)));
}

static void
put_fragment(struct buffer *into, char type, struct slice payload)
{
	SCOPED(buffer_free) struct buffer checked = buffer_with(BLOCK);
	buffer_put_byte(&checked, type);
	buffer_put(&checked, payload);
	uint32_t crc = base_crc32c(0, buffer_slice(&checked));
	put_little(into, (uint32_t)(((crc >> 15) | (crc << 17)) + 0xa282ead8U), 4);
	put_little(into, payload.length, 2);
	buffer_put(into, buffer_slice(&checked));
}

static void
put_noted_batch(struct log *log, size_t size, const char *note)
{
	SCOPED(buffer_free) struct buffer batch = buffer_with(1 << 20);
	put_little(&batch, log->sequence, 8);
	put_little(&batch, 3, 4);
	log->sequence += 3;
	if (note) {
		buffer_put(&batch, SLICE("\x03"));
		buffer_put_byte(&batch, (char)strlen(note));
		buffer_put(&batch, slice_of_text(note));
	}
	while (batch.length < size)
		buffer_put_byte(&batch, (char)batch.length);
	struct slice rest = buffer_slice(&batch);
	bool first = true;
	do {
		size_t left = BLOCK - log->bytes.length % BLOCK;
		for (; left < 7 && left; left--)
			buffer_put_byte(&log->bytes, '\0');
		left = BLOCK - log->bytes.length % BLOCK;
		struct slice part = slice_first(rest, left - 7);
		rest = slice_from(rest, part.length);
		bool last = rest.length == 0;
		put_fragment(&log->bytes, first ? (last ? 1 : 2) : (last ? 4 : 3), part);
		first = false;
	} while (rest.length);
}

static void
put_batch(struct log *log, size_t size)
{
	put_noted_batch(log, size, NULL);
}

/* Small ones, one over three blocks, small ones, and a last one over two blocks. */
static struct log
make_log(size_t ends[8])
{
	static const size_t sizes[8] = {30, 12, 70000, 500, 31000, 2000, 25000, 1000};
	struct log log = {.bytes = buffer_with(1 << 20), .sequence = 77};
	for (size_t i = 0; i < 8; i++) {
		put_batch(&log, sizes[i]);
		ends[i] = log.bytes.length;
	}
	return log;
}

static void
test_whole(void **state)
{
	(void)state;
	size_t ends[8];
	struct log log = make_log(ends);
	struct keylog_verdict verdict = keylog_look(buffer_slice(&log.bytes), true, 0);
	assert_int_equal(verdict.end, KEYLOG_WHOLE);
	assert_int_equal(verdict.batches, 8);
	assert_int_equal(verdict.whole, log.bytes.length);
	assert_int_equal(verdict.sequence, 77 + 8 * 3 - 1);
	verdict = keylog_look(SLICE_NONE, true, 5);
	assert_int_equal(verdict.end, KEYLOG_WHOLE);
	assert_int_equal(verdict.whole, 0);
	buffer_free(&log.bytes);
}

static size_t
batches_before(const size_t ends[8], size_t cut)
{
	size_t count = 0;
	while (count < 8 && ends[count] <= cut)
		count++;
	return count;
}

static bool
is_zeros(const struct buffer *bytes, size_t from, size_t until)
{
	for (; from < until; from++)
		if (bytes->data[from])
			return false;
	return true;
}

static void
test_cut_anywhere(void **state)
{
	(void)state;
	size_t ends[8];
	struct log log = make_log(ends);
	for (size_t cut = 0; cut < log.bytes.length; cut += cut % 1000 < 50 ? 1 : 37) {
		struct keylog_verdict verdict =
			keylog_look(slice_first(buffer_slice(&log.bytes), cut), true, 0);
		size_t batches = batches_before(ends, cut);
		size_t whole = batches ? ends[batches - 1] : 0;
		enum keylog_end end = whole == cut ? KEYLOG_WHOLE : KEYLOG_TORN;
		/* A block's last bytes, too few for a header. */
		if (whole < cut && is_zeros(&log.bytes, whole, cut))
			end = KEYLOG_FILLED;
		assert_int_equal(verdict.end, end);
		assert_int_equal(verdict.batches, batches);
		assert_int_equal(verdict.whole, batches ? ends[batches - 1] : 0);
	}
	buffer_free(&log.bytes);
}

static bool
is_trailer(const struct buffer *bytes, size_t at)
{
	return at % BLOCK >= BLOCK - 6 && bytes->data[at] == 0;
}

static void
test_damage_anywhere(void **state)
{
	(void)state;
	size_t ends[8];
	struct log log = make_log(ends);
	for (size_t at = 0; at < log.bytes.length; at += at % 4000 < 30 ? 1 : 97) {
		if (is_trailer(&log.bytes, at))
			continue;
		log.bytes.data[at] ^= 0x55;
		struct keylog_verdict verdict =
			keylog_look(buffer_slice(&log.bytes), true, 0);
		size_t batch = batches_before(ends, at);
		assert_int_equal(verdict.batches, batch);
		assert_int_equal(verdict.end, batch == 7 ? KEYLOG_TORN : KEYLOG_DAMAGED);
		log.bytes.data[at] ^= 0x55;
	}
	buffer_free(&log.bytes);
}

/* The file has grown, but its new pages never came; or they came, and others did not. */
static void
test_zeros_at_the_end(void **state)
{
	(void)state;
	struct log log = {.bytes = buffer_with(1 << 20), .sequence = 1};
	put_batch(&log, 100);
	size_t whole = log.bytes.length;
	put_batch(&log, 100000);
	memset(log.bytes.data + whole, 0, 4096);
	struct keylog_verdict verdict = keylog_look(buffer_slice(&log.bytes), true, 0);
	assert_int_equal(verdict.end, KEYLOG_TORN);
	assert_int_equal(verdict.whole, whole);
	memset(log.bytes.data + whole, 0, log.bytes.length - whole);
	verdict = keylog_look(buffer_slice(&log.bytes), true, 0);
	assert_int_equal(verdict.end, KEYLOG_FILLED);
	assert_int_equal(verdict.whole, whole);
	buffer_free(&log.bytes);
}

/* Zeros were written ahead, and a batch over some of them; wherever it was torn. */
static void
test_filled_ahead(void **state)
{
	(void)state;
	size_t ends[8];
	struct log log = make_log(ends);
	size_t size = log.bytes.length;
	for (size_t cut = 0; cut <= size; cut += cut % 1000 < 50 ? 1 : 37) {
		SCOPED(buffer_free) struct buffer bytes = buffer_with(1 << 20);
		buffer_put(&bytes, slice_first(buffer_slice(&log.bytes), cut));
		for (size_t i = 0; i < 70000; i++)
			buffer_put_byte(&bytes, '\0');
		struct keylog_verdict verdict = keylog_look(buffer_slice(&bytes), true, 0);
		/* What is missing of a batch may be zeros. */
		size_t batches = verdict.batches;
		assert_in_range(
			batches, batches_before(ends, cut), batches_before(ends, cut) + 1);
		size_t whole = batches ? ends[batches - 1] : 0;
		bool zeros = is_zeros(&bytes, whole, bytes.length);
		assert_int_equal(verdict.end, zeros ? KEYLOG_FILLED : KEYLOG_TORN);
		assert_int_equal(verdict.whole, whole);
	}
	buffer_free(&log.bytes);
}

/* A batch behind zeros: they lie where something was synced once. */
static void
test_batch_behind_zeros(void **state)
{
	(void)state;
	struct log log = {.bytes = buffer_with(1 << 20), .sequence = 1};
	put_batch(&log, 100);
	size_t whole = log.bytes.length;
	put_batch(&log, 200);
	put_batch(&log, 300);
	memset(log.bytes.data + whole, 0, 100);
	struct keylog_verdict verdict = keylog_look(buffer_slice(&log.bytes), true, 0);
	assert_int_equal(verdict.end, KEYLOG_DAMAGED);
	assert_int_equal(verdict.whole, whole);
	buffer_free(&log.bytes);
}

static void
test_names(void **state)
{
	(void)state;
	uint64_t number;
	assert_true(keylog_name_parse(SLICE("000042.log"), &number));
	assert_int_equal(number, 42);
	assert_false(keylog_name_parse(SLICE("000042.sst"), &number));
	assert_false(keylog_name_parse(SLICE("LOG"), &number));
	assert_false(keylog_name_parse(SLICE(".log"), &number));
}

/* A letter may carry what looks like a batch; its sequence gives it away. */
static void
test_batch_inside_of_a_value(void **state)
{
	(void)state;
	struct log inner = {.bytes = buffer_with(1 << 20), .sequence = 1};
	put_batch(&inner, 100);
	struct log log = {.bytes = buffer_with(1 << 20), .sequence = 5000};
	put_batch(&log, 100);
	size_t whole = log.bytes.length;
	buffer_put(&log.bytes, SLICE("not a fragment's header"));
	buffer_put(&log.bytes, buffer_slice(&inner.bytes));
	struct keylog_verdict verdict = keylog_look(buffer_slice(&log.bytes), true, 0);
	assert_int_equal(verdict.end, KEYLOG_TORN);
	assert_int_equal(verdict.whole, whole);
	verdict = keylog_look(buffer_slice(&log.bytes), false, 0);
	assert_int_equal(verdict.end, KEYLOG_DAMAGED);
	buffer_free(&inner.bytes);
	buffer_free(&log.bytes);
}

/* Wherever a block ends in it. */
static void
test_note(void **state)
{
	(void)state;
	char note[KEYLOG_NOTE_MOST];
	for (size_t before = BLOCK - 120; before < BLOCK; before++) {
		struct log log = {.bytes = buffer_with(1 << 20), .sequence = 1};
		put_batch(&log, before - 7);
		put_noted_batch(&log, 500, "where the blobs are");
		struct keylog_verdict verdict =
			keylog_look(buffer_slice(&log.bytes), true, 0);
		assert_int_equal(verdict.batches, 2);
		assert_int_equal(
			keylog_note(buffer_slice(&log.bytes), verdict.last, note), 19);
		assert_memory_equal(note, "where the blobs are", 19);
		assert_int_equal(keylog_note(buffer_slice(&log.bytes), 0, note), 0);
		buffer_free(&log.bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_damage_anywhere),
		cmocka_unit_test(test_zeros_at_the_end),
		cmocka_unit_test(test_filled_ahead),
		cmocka_unit_test(test_batch_behind_zeros),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_batch_inside_of_a_value),
		cmocka_unit_test(test_note),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
