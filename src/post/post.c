#include "post/post.h"
#include "post/due.h"
#include "post/post-internal.h"
#include "post/search-cache.h"
#include <unistd.h>

static struct post_counters
counters_of(struct base_metrics *metrics)
{
	return (struct post_counters){
		.arrived =
			base_metrics_counter(metrics, "troika_post_arrived_messages_total",
				"", "Messages that came into mailboxes, copies too."),
		.arrived_bytes = base_metrics_counter(metrics,
			"troika_post_arrived_bytes_total", "", "Octets of these messages."),
		.expunged =
			base_metrics_counter(metrics, "troika_post_expunged_messages_total",
				"", "Messages expunged or moved away."),
		.purged = base_metrics_counter(metrics, "troika_post_purged_messages_total",
			"", "Expunged messages whose records were removed."),
		.images = base_metrics_counter(metrics, "troika_post_images_total", "",
			"Images of mailboxes written."),
		.loads = base_metrics_counter(metrics, "troika_post_loads_total", "",
			"Mailboxes loaded from image and feed."),
		.indexed =
			base_metrics_counter(metrics, "troika_post_indexed_messages_total",
				"", "Messages added to search indexes."),
		.index_bytes = base_metrics_counter(metrics,
			"troika_post_index_written_bytes_total", "",
			"Octets of index segments written, merges too."),
		.index_drops =
			base_metrics_counter(metrics, "troika_post_index_drops_total", "",
				"Search indexes dropped, to be made again."),
	};
}

static struct post *
post_create(const struct post_settings *settings)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post *post = ARENA_NEW(arena, struct post);
	post->arena = arena;
	post->store = settings->store;
	post->clock = settings->clock;
	post->log = settings->log;
	post->metrics = settings->metrics;
	post->counters = counters_of(settings->metrics);
	post->settings = *settings;
	post->settings.host_name = arena_copy(arena, settings->host_name);
	if (!post->settings.message_size_most)
		post->settings.message_size_most = POST_MESSAGE_SIZE_MOST;
	if (!post->settings.receiving_memory)
		post->settings.receiving_memory = POST_RECEIVING_MEMORY;
	post_receiving_begin(&post->receiving, post->settings.receiving_memory);
	post->accounts = post_accounts_create();
	post->due = post_due_create();
	post->search_cache = search_cache_create();
	return post;
}

enum base_failure
post_open(
	const struct post_settings *settings, struct post **post, struct base_error *error)
{
	struct post *made = post_create(settings);
	enum base_failure failure = post_directory_open(made, error);
	*post = failure ? NULL : made;
	if (failure)
		post_close(made);
	return failure;
}

void
post_on_removed(struct post *post, void (*removed)(void *argument, struct slice address),
	void *argument)
{
	post->removed = removed;
	post->removed_argument = argument;
}

/* Commits that nobody waited for still publish into this room's memory. */
static void
drain(struct post *post)
{
	while (atomic_load(&post->under_way))
		usleep(1000);
}

void
post_close(struct post *post)
{
	if (!post)
		return;
	post_directory_close(post);
	drain(post);
	post_accounts_destroy(post->accounts);
	post_due_destroy(post->due);
	search_cache_destroy(post->search_cache);
	arena_destroy(post->arena);
}

struct store *
post_store(const struct post *post)
{
	return post->store;
}
