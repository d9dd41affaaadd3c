#include "store/rocks.h"
#include <dirent.h>
#include <rocksdb/c.h>
#include <unistd.h>

#define BLOOM_BITS       10
#define MEMORY_BLOOM     0.02
#define BACKGROUND_JOBS  2
#define CACHE_PARTS_BITS 2
#define BLOCK_SIZE       (16 * 1024) /* a mailbox is listed by the block, not by the row */

/*
 * RocksDB's own log of events says nothing: when the disk is full its second line would
 * abort (Debian keeps assertions on). What matters comes back as a status.
 */
#define LOG_NOTHING 4

struct rocks {
	rocksdb_t *database;
	rocksdb_options_t *options;
	rocksdb_readoptions_t *now;
	rocksdb_writeoptions_t *synced;
	struct base_log *log;
};

struct rocks_batch {
	rocksdb_writebatch_t *changes;
};

struct rocks_moment {
	struct rocks *rocks;
	const rocksdb_snapshot_t *snapshot;
	rocksdb_readoptions_t *options;
};

struct rocks_rows {
	struct rocks *rocks;
	rocksdb_readoptions_t *options;
	rocksdb_iterator_t *iterator;
	bool started;
	enum base_failure failure;
	char *until; /* RocksDB keeps the pointer */
};

static enum base_failure
failure_of(const char *message)
{
	struct slice text = slice_of_text(message);
	if (slice_starts(text, SLICE("Corruption")))
		return BASE_DAMAGED;
	if (slice_find(text, SLICE("No space left")) < text.length)
		return BASE_DISK_FULL;
	return BASE_UNAVAILABLE;
}

/* Takes over RocksDB's message; NULL is success. */
static enum base_failure
take_message(struct rocks *rocks, const char *what, char *message)
{
	if (!message)
		return BASE_OK;
	enum base_failure failure = failure_of(message);
	LOG(rocks->log, BASE_LOG_ERROR, "store.keys-failed", LOG_STRING("doing", what),
		LOG_FAILURE(failure), LOG_STRING("reason", message));
	rocksdb_free(message);
	return failure;
}

/*
 * In a few parts: left alone RocksDB makes one of each 512 KiB, into which an index over a
 * file of 64 MiB does not go, so that each look-up would read and unpack it anew.
 */
static rocksdb_cache_t *
make_cache(uint64_t bytes)
{
	rocksdb_lru_cache_options_t *options = rocksdb_lru_cache_options_create();
	rocksdb_lru_cache_options_set_capacity(options, bytes);
	rocksdb_lru_cache_options_set_num_shard_bits(options, CACHE_PARTS_BITS);
	rocksdb_cache_t *cache = rocksdb_cache_create_lru_opts(options);
	rocksdb_lru_cache_options_destroy(options);
	return cache;
}

/* Index and filter in pieces of a few KiB, so that a store of any size reads what it needs.
 */
static void
set_index_options(rocksdb_block_based_table_options_t *table)
{
	rocksdb_block_based_options_set_index_type(
		table, rocksdb_block_based_table_index_type_two_level_index_search);
	rocksdb_block_based_options_set_partition_filters(table, 1);
	rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
	rocksdb_block_based_options_set_pin_top_level_index_and_filter(table, 1);
	rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1);
}

static void
set_table_options(rocksdb_options_t *options, uint64_t cache_bytes)
{
	rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
	rocksdb_cache_t *cache = make_cache(cache_bytes);
	rocksdb_block_based_options_set_block_cache(table, cache);
	rocksdb_block_based_options_set_block_size(table, BLOCK_SIZE);
	rocksdb_block_based_options_set_filter_policy(
		table, rocksdb_filterpolicy_create_bloom_full(BLOOM_BITS));
	set_index_options(table);
	rocksdb_options_set_block_based_table_factory(options, table);
	rocksdb_cache_destroy(cache);
	rocksdb_block_based_options_destroy(table);
}

/*
 * The key log is looked at and cut before it comes here (recover.c), so RocksDB may be
 * strict about it; a reader that may not cut stops at the torn tail instead.
 */
static void
set_log_options(rocksdb_options_t *options, bool read_only)
{
	rocksdb_options_set_wal_recovery_mode(
		options, read_only ? rocksdb_point_in_time_recovery
				   : rocksdb_absolute_consistency_recovery);
	rocksdb_options_set_max_total_wal_size(options, ROCKS_LOG_MOST);
	rocksdb_options_set_recycle_log_file_num(options, 0);
	rocksdb_options_set_info_log_level(options, LOG_NOTHING);
	rocksdb_options_set_keep_log_file_num(options, 1);
	rocksdb_options_set_stats_dump_period_sec(options, 0);
}

static rocksdb_options_t *
make_options(const struct rocks_settings *settings)
{
	rocksdb_options_t *options = rocksdb_options_create();
	rocksdb_options_set_create_if_missing(options, !settings->read_only);
	rocksdb_options_set_paranoid_checks(options, 1);
	rocksdb_options_set_write_buffer_size(options, ROCKS_WRITE_BUFFER);
	rocksdb_options_set_max_write_buffer_number(options, 3);
	/* Each blob's place is looked for, mostly in vain. */
	rocksdb_options_set_memtable_prefix_bloom_size_ratio(options, MEMORY_BLOOM);
	rocksdb_options_set_memtable_whole_key_filtering(options, 1);
	rocksdb_options_set_max_background_jobs(options, BACKGROUND_JOBS);
	rocksdb_options_set_max_open_files(options, ROCKS_OPEN_FILES);
	rocksdb_options_set_skip_stats_update_on_db_open(options, 1);
	rocksdb_options_set_compression(options, rocksdb_lz4_compression);
	rocksdb_options_set_level_compaction_dynamic_level_bytes(options, 1);
	set_log_options(options, settings->read_only);
	set_table_options(options, settings->cache_bytes);
	return options;
}

/* Its log has to be somewhere; a store that is only read gets none. */
static void
remove_log_folder(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	while (folder && (entry = readdir(folder)))
		unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	rmdir(path);
}

static rocksdb_t *
open_read_only(rocksdb_options_t *options, const char *folder, char **message)
{
	char log_folder[] = "/tmp/troika-XXXXXX";
	bool apart = mkdtemp(log_folder) != NULL;
	if (apart)
		rocksdb_options_set_db_log_dir(options, log_folder);
	rocksdb_t *database = rocksdb_open_for_read_only(options, folder, 0, message);
	if (apart)
		remove_log_folder(log_folder);
	return database;
}

enum base_failure
rocks_open(const char *folder, const struct rocks_settings *settings, struct rocks **rocks,
	struct base_error *error)
{
	struct rocks *made = calloc(1, sizeof *made);
	ASSERT(made);
	made->log = settings->log;
	made->options = make_options(settings);
	made->now = rocksdb_readoptions_create();
	made->synced = rocksdb_writeoptions_create();
	rocksdb_writeoptions_set_sync(made->synced, 1);
	char *message = NULL;
	made->database = settings->read_only
				 ? open_read_only(made->options, folder, &message)
				 : rocksdb_open(made->options, folder, &message);
	if (!message) {
		*rocks = made;
		return BASE_OK;
	}
	enum base_failure failure =
		base_fail(error, failure_of(message), "%s: %s", folder, message);
	rocksdb_free(message);
	rocks_close(made);
	return failure;
}

void
rocks_close(struct rocks *rocks)
{
	if (!rocks)
		return;
	if (rocks->database)
		rocksdb_close(rocks->database);
	rocksdb_readoptions_destroy(rocks->now);
	rocksdb_writeoptions_destroy(rocks->synced);
	rocksdb_options_destroy(rocks->options);
	free(rocks);
}

enum base_failure
rocks_get(struct rocks *rocks, const struct rocks_moment *moment, struct slice key,
	struct arena *arena, struct slice *value)
{
	*value = SLICE_NONE;
	char *message = NULL;
	rocksdb_pinnableslice_t *pinned = rocksdb_get_pinned(rocks->database,
		moment ? moment->options : rocks->now, key.data, key.length, &message);
	if (message)
		return take_message(rocks, "get", message);
	if (!pinned)
		return BASE_NOT_FOUND;
	size_t length = 0;
	const char *data = rocksdb_pinnableslice_value(pinned, &length);
	*value = arena_copy(arena, slice_of(data, length));
	rocksdb_pinnableslice_destroy(pinned);
	return BASE_OK;
}

struct many {
	const char **keys;
	size_t *key_lengths;
	char **values;
	size_t *value_lengths;
	char **messages;
};

static struct many
many_of(struct arena *arena, const struct slice *keys, size_t count)
{
	struct many many = {
		.keys = ARENA_MANY(arena, const char *, count),
		.key_lengths = ARENA_MANY(arena, size_t, count),
		.values = ARENA_MANY(arena, char *, count),
		.value_lengths = ARENA_MANY(arena, size_t, count),
		.messages = ARENA_MANY(arena, char *, count),
	};
	for (size_t i = 0; i < count; i++) {
		many.keys[i] = keys[i].data;
		many.key_lengths[i] = keys[i].length;
	}
	return many;
}

enum base_failure
rocks_get_many(struct rocks *rocks, const struct rocks_moment *moment,
	const struct slice *keys, size_t count, struct arena *arena, struct slice *values)
{
	SCOPED(arena_release) struct arena *own = arena_create(ARENA_NO_CEILING);
	struct many many = many_of(own, keys, count);
	rocksdb_multi_get(rocks->database, moment ? moment->options : rocks->now, count,
		many.keys, many.key_lengths, many.values, many.value_lengths,
		many.messages);
	enum base_failure worst = BASE_OK;
	for (size_t i = 0; i < count; i++) {
		enum base_failure failure = take_message(rocks, "get", many.messages[i]);
		if (failure)
			worst = failure;
		values[i] = SLICE_NONE;
		if (!many.values[i])
			continue;
		values[i] =
			arena_copy(arena, slice_of(many.values[i], many.value_lengths[i]));
		rocksdb_free(many.values[i]);
	}
	return worst;
}

struct rocks_moment *
rocks_moment_take(struct rocks *rocks)
{
	struct rocks_moment *moment = malloc(sizeof *moment);
	ASSERT(moment);
	moment->rocks = rocks;
	moment->snapshot = rocksdb_create_snapshot(rocks->database);
	moment->options = rocksdb_readoptions_create();
	rocksdb_readoptions_set_snapshot(moment->options, moment->snapshot);
	return moment;
}

void
rocks_moment_drop(struct rocks_moment *moment)
{
	if (!moment)
		return;
	rocksdb_readoptions_destroy(moment->options);
	rocksdb_release_snapshot(moment->rocks->database, moment->snapshot);
	free(moment);
}

static rocksdb_readoptions_t *
rows_options(const struct rocks_moment *moment, const char *until, size_t until_length)
{
	rocksdb_readoptions_t *options = rocksdb_readoptions_create();
	rocksdb_readoptions_set_total_order_seek(options, 1);
	if (moment)
		rocksdb_readoptions_set_snapshot(options, moment->snapshot);
	if (until)
		rocksdb_readoptions_set_iterate_upper_bound(options, until, until_length);
	return options;
}

struct rocks_rows *
rocks_rows_open(struct rocks *rocks, const struct rocks_moment *moment, struct slice from,
	struct slice until)
{
	struct rocks_rows *rows = calloc(1, sizeof *rows);
	ASSERT(rows);
	rows->rocks = rocks;
	if (!slice_absent(until)) {
		rows->until = malloc(until.length + 1);
		ASSERT(rows->until);
		memcpy(rows->until, until.data, until.length);
	}
	rows->options = rows_options(moment, rows->until, until.length);
	rows->iterator = rocksdb_create_iterator(rocks->database, rows->options);
	rocksdb_iter_seek(rows->iterator, from.data, from.length);
	return rows;
}

bool
rocks_rows_next(struct rocks_rows *rows, struct slice *key, struct slice *value)
{
	if (rows->started)
		rocksdb_iter_next(rows->iterator);
	rows->started = true;
	if (!rocksdb_iter_valid(rows->iterator)) {
		char *message = NULL;
		rocksdb_iter_get_error(rows->iterator, &message);
		rows->failure = take_message(rows->rocks, "scan", message);
		return false;
	}
	size_t length = 0;
	const char *data = rocksdb_iter_key(rows->iterator, &length);
	*key = slice_of(data, length);
	data = rocksdb_iter_value(rows->iterator, &length);
	*value = slice_of(data, length);
	return true;
}

enum base_failure
rocks_rows_failure(const struct rocks_rows *rows)
{
	return rows->failure;
}

void
rocks_rows_close(struct rocks_rows *rows)
{
	rocksdb_iter_destroy(rows->iterator);
	rocksdb_readoptions_destroy(rows->options);
	free(rows->until);
	free(rows);
}

void
rocks_rows_release(struct rocks_rows **rows)
{
	if (*rows)
		rocks_rows_close(*rows);
	*rows = NULL;
}

struct rocks_batch *
rocks_batch_create(void)
{
	struct rocks_batch *batch = malloc(sizeof *batch);
	ASSERT(batch);
	batch->changes = rocksdb_writebatch_create();
	return batch;
}

void
rocks_batch_destroy(struct rocks_batch *batch)
{
	if (!batch)
		return;
	rocksdb_writebatch_destroy(batch->changes);
	free(batch);
}

void
rocks_batch_clear(struct rocks_batch *batch)
{
	rocksdb_writebatch_clear(batch->changes);
}

void
rocks_batch_put(struct rocks_batch *batch, struct slice key, struct slice value)
{
	rocksdb_writebatch_put(
		batch->changes, key.data, key.length, value.data, value.length);
}

void
rocks_batch_delete(struct rocks_batch *batch, struct slice key)
{
	rocksdb_writebatch_delete(batch->changes, key.data, key.length);
}

void
rocks_batch_delete_range(struct rocks_batch *batch, struct slice from, struct slice until)
{
	rocksdb_writebatch_delete_range(
		batch->changes, from.data, from.length, until.data, until.length);
}

void
rocks_batch_note(struct rocks_batch *batch, struct slice note)
{
	rocksdb_writebatch_put_log_data(batch->changes, note.data, note.length);
}

size_t
rocks_batch_bytes(struct rocks_batch *batch)
{
	size_t size = 0;
	rocksdb_writebatch_data(batch->changes, &size);
	return size;
}

enum base_failure
rocks_write(struct rocks *rocks, struct rocks_batch *batch)
{
	char *message = NULL;
	rocksdb_write(rocks->database, rocks->synced, batch->changes, &message);
	return take_message(rocks, "write", message);
}

enum base_failure
rocks_flush(struct rocks *rocks)
{
	char *message = NULL;
	rocksdb_flushoptions_t *options = rocksdb_flushoptions_create();
	rocksdb_flushoptions_set_wait(options, 1);
	rocksdb_flush(rocks->database, options, &message);
	rocksdb_flushoptions_destroy(options);
	return take_message(rocks, "flush", message);
}

enum base_failure
rocks_checkpoint(struct rocks *rocks, const char *folder, struct base_error *error)
{
	char *message = NULL;
	rocksdb_checkpoint_t *checkpoint =
		rocksdb_checkpoint_object_create(rocks->database, &message);
	if (!message)
		rocksdb_checkpoint_create(checkpoint, folder, 0, &message);
	if (checkpoint)
		rocksdb_checkpoint_object_destroy(checkpoint);
	if (!message)
		return BASE_OK;
	enum base_failure failure =
		base_fail(error, failure_of(message), "%s: %s", folder, message);
	rocksdb_free(message);
	return failure;
}
