#include "store/ahead.h"
#include "store/segment.h"
#include "store/test-fixture.h"
#include <dirent.h>

/* Blobs: in memory and spilled, written once, read whole and in ranges. */

static void
test_small_blob(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	struct slice mail = SLICE("From: anna\r\n\r\nhello\r\n");
	struct store_hash hash = fixture_deliver(fixture, space, mail, "m1");
	assert_blob(fixture, &hash, mail);
	struct store_reader *reader;
	assert_int_equal(store_reader_open(fixture->store, &hash, &reader), BASE_OK);
	assert_slice(store_reader_trace(reader), "trace");
	store_reader_close(reader);
	store_space_close(space);
	fixture_reopen(fixture);
	assert_blob(fixture, &hash, mail);
}

static void
test_absent_blob(void **state)
{
	struct fixture *fixture = *state;
	struct store_hash hash = hash_of(SLICE("nowhere"));
	struct store_reader *reader;
	assert_int_equal(store_reader_open(fixture->store, &hash, &reader), BASE_NOT_FOUND);
	assert_null(reader);
	store_reader_close(NULL);
}

static void
test_sizes(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	const size_t sizes[] = {0, 1, 131071, 131072, 131073, 262144, 300000, 1024 * 1024};
	struct store_hash hashes[8];
	for (size_t i = 0; i < 8; i++)
		hashes[i] =
			fixture_deliver(fixture, space, noise(fixture, sizes[i], i), "m");
	for (size_t i = 0; i < 8; i++)
		assert_blob(fixture, &hashes[i], noise(fixture, sizes[i], i));
	store_space_close(space);
}

static void
assert_range(struct store_reader *reader, struct slice whole, uint64_t offset, size_t size)
{
	char bytes[200000];
	size_t got;
	struct slice expected = slice_part(whole, offset, size);
	assert_int_equal(store_reader_read(reader, offset, bytes, size, &got), BASE_OK);
	assert_int_equal(got, expected.length);
	assert_memory_equal(bytes, expected.data, got);
}

static void
assert_ranges(struct fixture *fixture, const struct store_hash *hash, struct slice whole)
{
	static const struct {
		uint64_t offset;
		size_t size;
	} ranges[] = {{0, 1}, {131070, 4}, {400000, 50}, {0, 200000}, {131072, 131072},
		{1, 131072}, {499999, 10}, {500000, 10}, {600000, 10}, {100, 0}, {5, 5}};
	struct store_reader *reader;
	assert_int_equal(store_reader_open(fixture->store, hash, &reader), BASE_OK);
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		assert_range(reader, whole, ranges[i].offset, ranges[i].size);
	store_reader_close(reader);
}

static void
test_ranges(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	struct slice whole = noise(fixture, 500000, 5);
	struct store_hash hash = fixture_deliver(fixture, space, whole, "m");
	assert_ranges(fixture, &hash, whole);
	store_space_close(space);
}

/* Stored in compressed frames, read as if it were not. */
static void
test_packed(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	struct slice whole = words(fixture, 500000), small = words(fixture, 140000);
	struct store_hash hash = fixture_deliver(fixture, space, whole, "m");
	struct store_hash small_hash = fixture_deliver(fixture, space, small, "n");
	struct store_stats stats;
	store_stats(fixture->store, &stats);
	assert_true(stats.bytes_written < 300000);
	assert_blob(fixture, &hash, whole);
	assert_ranges(fixture, &hash, whole);
	assert_blob(fixture, &small_hash, small);
	store_space_close(space);
}

static struct store_blob *
spill(struct fixture *fixture, struct slice bytes)
{
	struct store_spill *spill;
	struct store_blob *blob;
	struct store_hash hash = hash_of(bytes);
	struct slice rest = bytes;
	assert_int_equal(store_spill_create(fixture->store, &spill), BASE_OK);
	for (size_t step = 1; rest.length; step = step * 3 + 1) {
		assert_int_equal(
			store_spill_write(spill, slice_first(rest, step)), BASE_OK);
		rest = slice_from(rest, step);
	}
	char some[100];
	size_t got;
	assert_int_equal(
		store_spill_read(spill, bytes.length - 50, some, 100, &got), BASE_OK);
	assert_int_equal(got, 50);
	assert_memory_equal(some, bytes.data + bytes.length - 50, 50);
	assert_int_equal(
		store_blob_of_spill(fixture->store, &hash, SLICE("T"), &spill, &blob),
		BASE_OK);
	assert_null(spill);
	return blob;
}

static uint64_t
segment_count(struct fixture *fixture)
{
	struct store_stats stats;
	store_stats(fixture->store, &stats);
	return stats.segments;
}

static void
test_spill(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	struct slice whole = noise(fixture, 500000, 5);
	struct store_hash hash = hash_of(whole);
	struct store_blob *blob = spill(fixture, whole);
	struct store_blob *again = spill(fixture, whole);
	for (int i = 0; i < 2; i++) {
		struct store_turn *turn = fixture_begin(space);
		store_reference(turn, i ? again : blob, SLICE("m"));
		assert_int_equal(fixture_commit(turn), BASE_OK);
	}
	store_blob_drop(blob);
	store_blob_drop(again);
	store_blob_drop(spill(fixture, noise(fixture, 1000, 1)));
	assert_int_equal(segment_count(fixture), 1);
	assert_ranges(fixture, &hash, whole);
	store_space_close(space);
	fixture_reopen(fixture);
	assert_int_equal(segment_count(fixture), 1);
	assert_ranges(fixture, &hash, whole);
}

static off_t
size_of_first_segment(const struct fixture *fixture)
{
	char path[512];
	struct stat state;
	snprintf(path, sizeof path, "%s/blobs/0000000000000001.blobs", fixture->folder);
	assert_int_equal(stat(path, &state), 0);
	return state.st_size;
}

/* Ranges of a spill that compresses, of which the last frame does not. */
static void
test_spill_is_packed(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	struct slice parts[] = {words(fixture, 2500000), noise(fixture, 200000, 3)};
	struct slice whole = arena_join(fixture->arena, parts, 2);
	struct store_hash hash = hash_of(whole);
	struct store_blob *blob = spill(fixture, whole);
	struct store_turn *turn = fixture_begin(space);
	store_reference(turn, blob, SLICE("m"));
	assert_int_equal(fixture_commit(turn), BASE_OK);
	store_blob_drop(blob);
	store_space_close(space);
	assert_true(size_of_first_segment(fixture) < 1500000);
	assert_ranges(fixture, &hash, whole);
	fixture_reopen(fixture);
	assert_ranges(fixture, &hash, whole);
	struct store_verdict verdict;
	assert_int_equal(store_verify(fixture->store, NULL, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.damaged, 0);
}

/* What does not compress is found out early, and stays as it came. */
static void
test_spill_that_saves_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct slice parts[] = {noise(fixture, 1200000, 3), words(fixture, 400000)};
	struct slice whole = arena_join(fixture->arena, parts, 2);
	struct store_blob *blob = spill(fixture, whole);
	assert_true(size_of_first_segment(fixture) > (off_t)whole.length);
	store_blob_drop(blob);
}

static void
test_spill_destroyed(void **state)
{
	struct fixture *fixture = *state;
	struct store_spill *spill;
	assert_int_equal(store_spill_create(fixture->store, &spill), BASE_OK);
	assert_int_equal(store_spill_write(spill, SLICE("abc")), BASE_OK);
	store_spill_destroy(spill);
	store_spill_destroy(NULL);
}

static size_t
open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t count = 0;
	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

/* More segments than may be open: descriptors are closed and opened again. */
static void
test_many_segments(void **state)
{
	enum { MANY = STORE_SEGMENT_FILES_MOST + 30 };
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	size_t before = open_descriptors();
	for (size_t i = 0; i < MANY; i++) {
		struct store_blob *blob = spill(fixture, noise(fixture, 60 + i, i));
		struct store_turn *turn = fixture_begin(space);
		store_reference(turn, blob, SLICE("m"));
		assert_int_equal(fixture_commit(turn), BASE_OK);
		store_blob_drop(blob);
	}
	for (size_t i = 0; i < 2 * MANY; i++) {
		struct slice bytes = noise(fixture, 60 + i % MANY, i % MANY);
		struct store_hash hash = hash_of(bytes);
		assert_blob(fixture, &hash, bytes);
	}
	assert_true(open_descriptors() <= before + STORE_SEGMENT_FILES_MOST);
	assert_int_equal(segment_count(fixture), MANY);
	store_space_close(space);
}

/* Many recipients, many commits, one copy. */
static void
test_written_once(void **state)
{
	struct fixture *fixture = *state;
	struct slice mail = noise(fixture, 1000, 7);
	struct store_space *spaces[20];
	struct base_ticket *tickets[21];
	struct store_set *set;
	for (size_t i = 0; i < 20; i++)
		spaces[i] = store_space_open(fixture->store, i);
	struct store_blob *blob = blob_of(fixture->store, mail, SLICE("t"));
	assert_int_equal(
		store_set_begin(fixture->store, spaces, 20, STORE_NEW_MAIL, &set), BASE_OK);
	for (size_t i = 0; i < 20; i++)
		store_reference(store_set_turn(set, i), blob, SLICE("m"));
	tickets[20] = store_set_submit(&set);
	store_blob_drop(blob);
	for (size_t i = 0; i < 20; i++) {
		struct store_turn *turn = fixture_begin(spaces[i]);
		blob = blob_of(fixture->store, mail, SLICE("t"));
		store_reference(turn, blob, SLICE("n"));
		store_blob_drop(blob);
		tickets[i] = store_submit(&turn);
	}
	struct base_ticket *all = base_ticket_all(tickets, 21);
	assert_int_equal(base_ticket_await(all), BASE_OK);
	struct store_stats stats;
	store_stats(fixture->store, &stats);
	assert_int_equal(stats.blob_bytes, 1000);
	assert_int_equal(stats.commits, 21);
	assert_int_equal(stats.waiting_commits, 0);
	for (size_t i = 0; i < 20; i++)
		store_space_close(spaces[i]);
}

/* A thread of its own does it. */
/* Behind a gap, so that groups that come at once don't wait for them. */
static void
wait_for_zeros(const struct fixture *fixture)
{
	const off_t end = STORE_AHEAD_GAP + STORE_AHEAD_BYTES;
	for (int tries = 0; size_of_first_segment(fixture) <= end; tries++) {
		assert_true(tries < 10000);
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
}

static void
test_zeros_ahead_of_small_groups(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	struct store_hash first = fixture_deliver(fixture, space, SLICE("first"), "a");
	wait_for_zeros(fixture);
	off_t filled = size_of_first_segment(fixture);
	struct store_hash second = fixture_deliver(fixture, space, SLICE("second"), "b");
	assert_int_equal(size_of_first_segment(fixture), filled);
	store_space_close(space);
	fixture_kill(fixture);
	fixture_open(fixture);
	assert_blob(fixture, &first, SLICE("first"));
	assert_blob(fixture, &second, SLICE("second"));
}

static void
test_zeros_go_with_a_clean_stop(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	struct store_hash hash = fixture_deliver(fixture, space, SLICE("first"), "a");
	wait_for_zeros(fixture);
	store_space_close(space);
	fixture_reopen(fixture);
	assert_true(size_of_first_segment(fixture) < 1000);
	assert_blob(fixture, &hash, SLICE("first"));
}

#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_small_blob),
		WITH_STORE(test_absent_blob),
		WITH_STORE(test_sizes),
		WITH_STORE(test_ranges),
		WITH_STORE(test_packed),
		WITH_STORE(test_spill),
		WITH_STORE(test_spill_destroyed),
		WITH_STORE(test_many_segments),
		WITH_STORE(test_written_once),
		WITH_STORE(test_spill_is_packed),
		WITH_STORE(test_spill_that_saves_nothing),
		WITH_STORE(test_zeros_ahead_of_small_groups),
		WITH_STORE(test_zeros_go_with_a_clean_stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
