#ifndef STORE_ROCKS_H
#define STORE_ROCKS_H

#include "base/base.h"

/*
 * RocksDB behind a thin sheet: ordered keys, synced batches, rows of one moment. Nothing
 * outside rocks.c knows RocksDB, so that another release, or another engine, is one file.
 *
 * Unexpected failures are logged here, once. BASE_DAMAGED: a checksum did not fit;
 * BASE_DISK_FULL: no room; BASE_UNAVAILABLE: the rest.
 */
struct rocks;
struct rocks_batch;
struct rocks_moment;
struct rocks_rows;

/* Memory for changes and the key log that a start after a crash has to read again. */
#define ROCKS_WRITE_BUFFER ((size_t)16 << 20)
#define ROCKS_LOG_MOST     ((uint64_t)32 << 20)
#define ROCKS_OPEN_FILES   512

struct rocks_settings {
	bool read_only;
	uint64_t cache_bytes; /* of blocks that were read and unpacked */
	struct base_log *log; /* may be NULL */
};

enum base_failure rocks_open(const char *folder, const struct rocks_settings *settings,
	struct rocks **rocks, struct base_error *error) MUST_CHECK;
void rocks_close(struct rocks *rocks); /* NULL is fine */

/* BASE_NOT_FOUND gives SLICE_NONE. moment may be NULL: now. */
enum base_failure rocks_get(struct rocks *rocks, const struct rocks_moment *moment,
	struct slice key, struct arena *arena, struct slice *value) MUST_CHECK;
enum base_failure rocks_get_many(struct rocks *rocks, const struct rocks_moment *moment,
	const struct slice *keys, size_t count, struct arena *arena,
	struct slice *values) MUST_CHECK;

struct rocks_moment *rocks_moment_take(struct rocks *rocks);
void rocks_moment_drop(struct rocks_moment *moment); /* NULL is fine */

/* Rows from..until (excluded; absent: no end), in order. A row is gone at the next one. */
struct rocks_rows *rocks_rows_open(struct rocks *rocks, const struct rocks_moment *moment,
	struct slice from, struct slice until);
bool rocks_rows_next(struct rocks_rows *rows, struct slice *key, struct slice *value);
/* What ended the walk: BASE_OK at its end. */
enum base_failure rocks_rows_failure(const struct rocks_rows *rows) MUST_CHECK;
void rocks_rows_close(struct rocks_rows *rows);
void rocks_rows_release(struct rocks_rows **rows); /* for SCOPED */

struct rocks_batch *rocks_batch_create(void);
void rocks_batch_destroy(struct rocks_batch *batch); /* NULL is fine */
void rocks_batch_clear(struct rocks_batch *batch);
void rocks_batch_put(struct rocks_batch *batch, struct slice key, struct slice value);
void rocks_batch_delete(struct rocks_batch *batch, struct slice key);
void rocks_batch_delete_range(
	struct rocks_batch *batch, struct slice from, struct slice until);
/* Stands in the key log only, at the front when it comes first: keylog_note finds it. */
void rocks_batch_note(struct rocks_batch *batch, struct slice note);
size_t rocks_batch_bytes(struct rocks_batch *batch);

/* On disk, all or nothing, when it returns BASE_OK. After a failure write no more. */
enum base_failure rocks_write(struct rocks *rocks, struct rocks_batch *batch) MUST_CHECK;

/* Writes what is in memory into tables, so that the next open has no key log to read. */
enum base_failure rocks_flush(struct rocks *rocks) MUST_CHECK;

/* A consistent copy in a folder that must not be there yet; hard links where it can. */
enum base_failure rocks_checkpoint(
	struct rocks *rocks, const char *folder, struct base_error *error) MUST_CHECK;

#endif
