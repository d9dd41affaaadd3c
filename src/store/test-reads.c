#include "store/test-fixture.h"
#include <rocksdb/c.h>

/* What reading a row costs once there are many: counted in bytes of blocks, not in time. */

enum {
	ROWS = 120000,
	ROW_SIZE = 1000,
	ROWS_A_COMMIT = 1000,
	READS = 2000,
	/* Its own block, and now and then a piece of index or filter. */
	BYTES_A_READ = 24 * 1024,
	COUNTING = 2 /* rocksdb_enable_count */
};

static struct slice
row_key(uint32_t number, char *text)
{
	snprintf(text, 16, "%08u", number);
	return slice_of_text(text);
}

static uint32_t
scattered(uint32_t number)
{
	return (uint32_t)(number * UINT64_C(2654435761) % ROWS);
}

/* Halves when compressed, as records do. */
static struct slice
row_value(struct fixture *fixture, uint32_t number)
{
	struct slice halves[2] = {
		noise(fixture, ROW_SIZE / 2, number), words(fixture, ROW_SIZE / 2)};
	return arena_join(fixture->arena, halves, 2);
}

static void
put_rows(struct fixture *fixture, struct store_space *space)
{
	/* In no order, as otherwise files are never merged, and stay small. */
	char key[16];
	for (uint32_t i = 0; i < ROWS;) {
		struct store_turn *turn = fixture_begin(space);
		for (uint32_t end = i + ROWS_A_COMMIT; i < end; i++)
			store_put(turn, row_key(scattered(i), key), row_value(fixture, i));
		assert_int_equal(fixture_commit(turn), BASE_OK);
		arena_reset(fixture->arena);
	}
}

static void
get_scattered(struct fixture *fixture, struct store_space *space, uint32_t seed)
{
	char key[16];
	struct slice value;
	for (uint32_t i = 0; i < READS; i++) {
		uint32_t number = scattered(seed + i);
		assert_int_equal(
			store_get(space, row_key(number, key), fixture->arena, &value),
			BASE_OK);
		assert_int_equal(value.length, ROW_SIZE);
	}
}

/* Into large ones, as RocksDB makes them by default: each with a single index. */
static void
merge_files(struct fixture *fixture)
{
	char path[128], *message = NULL;
	snprintf(path, sizeof path, "%s/keys", fixture->folder);
	rocksdb_options_t *options = rocksdb_options_create();
	rocksdb_t *database = rocksdb_open(options, path, &message);
	assert_null(message);
	rocksdb_compact_range(database, NULL, 0, NULL, 0);
	rocksdb_close(database);
	rocksdb_options_destroy(options);
}

/*
 * One index over a file of 64 MiB is larger than a part of the cache: read for each row
 * anew, it once made a listing fifty times as dear.
 */
static void
test_a_row_costs_its_block(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 7);
	put_rows(fixture, space);
	store_space_close(space);
	fixture_close(fixture);
	merge_files(fixture);
	fixture_open(fixture);
	space = store_space_open(fixture->store, 7);
	get_scattered(fixture, space, 0);
	rocksdb_perfcontext_t *counts = rocksdb_perfcontext_create();
	rocksdb_set_perf_level(COUNTING);
	rocksdb_perfcontext_reset(counts);
	get_scattered(fixture, space, READS);
	uint64_t bytes = rocksdb_perfcontext_metric(counts, rocksdb_block_read_byte);
	rocksdb_perfcontext_destroy(counts);
	store_space_close(space);
	if (bytes > (uint64_t)READS * BYTES_A_READ)
		fail_msg("%llu bytes a row", (unsigned long long)bytes / READS);
	print_message("%llu bytes a row\n", (unsigned long long)bytes / READS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
		test_a_row_costs_its_block, fixture_setup, fixture_teardown)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
