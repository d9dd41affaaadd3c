#include "store/internal.h"
#include <unistd.h>

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

static void
add_frames(struct store_blob *blob, struct slice body)
{
	while (body.length) {
		struct slice part = slice_first(body, STORE_FRAME_SIZE);
		struct store_frame frame = {(uint32_t)part.length, base_crc32c(0, part)};
		char entry[STORE_FRAME_ENTRY];
		store_frame_encode(&frame, entry);
		buffer_put(&blob->tail, slice_of(entry, sizeof entry));
		body = slice_from(body, part.length);
	}
}

struct store_blob *
store_blob_of_memory(struct store *store, const struct store_hash *hash, struct slice trace,
	struct buffer *bytes)
{
	ASSERT(bytes->length <= STORE_BLOB_IN_MEMORY_MOST);
	struct store_blob *blob = store_blob_create(store, hash, trace);
	blob->bytes = *bytes;
	*bytes = buffer_with(bytes->ceiling);
	blob->record.length = blob->record.stored = blob->bytes.length;
	add_frames(blob, buffer_slice(&blob->bytes));
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

/* A file that no commit took is nobody's; a crash before this leaves it to the start. */
static void
remove_spilled(struct store_blob *blob)
{
	char name[STORE_SEGMENT_NAME_SIZE];
	store_segment_name(blob->spilled.segment, name);
	unlinkat(blob->store->blobs_descriptor, name, 0);
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
	if (blob->spilled.size && !blob->adopted)
		remove_spilled(blob);
	buffer_free(&blob->bytes);
	buffer_free(&blob->tail);
	free(blob);
}
