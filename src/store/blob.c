#include "store/pack.h"
#include "store/spill.h"

#define PACK_WHEN_WAITING 8 /* commits, at most */

struct store_blob *
store_blob_create(struct store *store, const struct store_hash *hash, struct slice trace)
{
	ASSERT(trace.length <= STORE_TRACE_MOST);
	struct store_blob *blob = calloc(1, sizeof *blob);
	ASSERT(blob);
	atomic_init(&blob->holders, 1);
	blob->store = store;
	blob->record.hash = *hash;
	blob->record.trace = (uint32_t)trace.length;
	blob->tail = buffer_with(SIZE_MAX);
	return blob;
}

/* Compressing takes longer than writing, so mail comes first. */
bool
store_has_time_to_pack(struct store *store)
{
	return atomic_load(&store->queue.waiting_commits) <= PACK_WHEN_WAITING;
}

static bool
pack_blob(struct store_blob *blob)
{
	size_t length = blob->bytes.length;
	if (length <= STORE_PACK_ABOVE || !store_has_time_to_pack(blob->store))
		return false;
	struct buffer packed = buffer_with(length);
	bool worth = store_pack(buffer_slice(&blob->bytes), &packed, &blob->tail);
	struct buffer *dropped = worth ? &blob->bytes : &packed;
	buffer_free(dropped);
	if (worth)
		blob->bytes = packed;
	else
		buffer_clear(&blob->tail);
	return worth;
}

struct store_blob *
store_blob_of_memory(struct store *store, const struct store_hash *hash, struct slice trace,
	struct buffer *bytes)
{
	ASSERT(bytes->length <= STORE_BLOB_IN_MEMORY_MOST);
	struct store_blob *blob = store_blob_create(store, hash, trace);
	blob->bytes = *bytes;
	*bytes = buffer_with(bytes->ceiling);
	blob->record.length = blob->bytes.length;
	if (pack_blob(blob))
		blob->record.codec = STORE_CODEC_ZSTD;
	else
		store_frames_of_raw(buffer_slice(&blob->bytes), &blob->tail);
	blob->record.stored = blob->bytes.length;
	buffer_put(&blob->tail, trace);
	return blob;
}

struct store_blob *
store_blob_hold(struct store_blob *blob)
{
	unsigned before =
		atomic_fetch_add_explicit(&blob->holders, 1, memory_order_relaxed);
	ASSERT(before > 0);
	return blob;
}

void
store_blob_drop(struct store_blob *blob)
{
	if (!blob)
		return;
	unsigned before =
		atomic_fetch_sub_explicit(&blob->holders, 1, memory_order_acq_rel);
	ASSERT(before > 0);
	if (before > 1)
		return;
	/* A file that no commit took is nobody's; a crash before leaves it to the start. */
	if (blob->spilled.size && !blob->adopted)
		store_spill_unlink(blob->store, blob->spilled.segment);
	buffer_free(&blob->bytes);
	buffer_free(&blob->tail);
	free(blob);
}
