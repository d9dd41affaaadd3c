#include "store/internal.h"

void
store_stats(struct store *store, struct store_stats *stats)
{
	*stats = (struct store_stats){
		.commits = atomic_load(&store->counters.commits),
		.groups = atomic_load(&store->counters.groups),
		.bytes_written = atomic_load(&store->counters.bytes_written),
		.blob_bytes = atomic_load(&store->counters.blob_bytes),
		.segments = store_segments_count(store->segments),
		.waiting_commits = atomic_load(&store->queue.waiting_commits),
		.free_bytes = store_room_free(store),
	};
}
