#include "store/internal.h"

static const struct {
	const char *name, *help;
} COUNTERS[STORE_COUNTERS] = {
	[STORE_COUNTED_COMMITS] = {"troika_store_commits_total",
		"Commits that are durable"},
	[STORE_COUNTED_REFUSED] = {"troika_store_refused_total",
		"Commits that were refused: no room for a blob, no descriptor"},
	[STORE_COUNTED_GROUPS] = {"troika_store_groups_total",
		"Groups of commits that were synced together"},
	[STORE_COUNTED_BYTES] = {"troika_store_written_bytes_total",
		"Bytes of blobs and keys that were written"},
	[STORE_COUNTED_BLOB_BYTES] = {"troika_store_blob_bytes_total",
		"Bytes of blobs that were stored"},
};

void
store_counters_register(struct store *store)
{
	struct base_metrics *metrics = store->settings.metrics;
	for (size_t i = 0; i < STORE_COUNTERS; i++)
		store->counters[i].metric = base_metrics_counter(
			metrics, COUNTERS[i].name, "", COUNTERS[i].help);
	store->group_seconds = base_metrics_seconds(metrics, "troika_store_group_seconds",
		"", "Time from taking a group to its being durable");
}

void
store_count(struct store *store, enum store_counted what, uint64_t count)
{
	atomic_fetch_add_explicit(
		&store->counters[what].value, count, memory_order_relaxed);
	base_metric_add(store->counters[what].metric, (int64_t)count);
}

static uint64_t
counted(const struct store *store, enum store_counted what)
{
	return atomic_load_explicit(&store->counters[what].value, memory_order_relaxed);
}

void
store_stats(struct store *store, struct store_stats *stats)
{
	*stats = (struct store_stats){
		.commits = counted(store, STORE_COUNTED_COMMITS),
		.groups = counted(store, STORE_COUNTED_GROUPS),
		.bytes_written = counted(store, STORE_COUNTED_BYTES),
		.blob_bytes = counted(store, STORE_COUNTED_BLOB_BYTES),
		.kept_bytes = store_segments_kept(store->segments),
		.segments = store_segments_count(store->segments),
		.waiting_commits = atomic_load(&store->queue.waiting_commits),
		.free_bytes = store_room_free(store),
	};
}
