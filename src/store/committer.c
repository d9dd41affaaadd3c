#include "store/committer.h"

void
store_committer_clear(struct store_committer *committer)
{
	for (struct store_placed *at = committer->first_placed; at; at = at->next)
		map_remove(committer->placed, slice_of(&at->hash, sizeof at->hash));
	committer->first_placed = NULL;
	rocks_batch_clear(committer->batch);
	arena_reset(committer->arena);
}

/* They wait no more, and then whoever asked is told. */
static void
complete(struct store_queue *queue, struct store_set *first, enum base_failure outcome)
{
	for (struct store_set *set = first; set; set = set->next) {
		atomic_fetch_sub(&queue->waiting_bytes, set->bytes);
		atomic_fetch_sub(&queue->waiting_commits, 1);
		base_ticket_complete(set->ticket, outcome);
	}
}

static void
free_all(struct store_set *first)
{
	while (first) {
		struct store_set *set = first;
		first = set->next;
		store_set_free(set);
	}
}

static struct store_set *
take_all_waiting(struct store_queue *queue)
{
	struct store_set *first = queue->first;
	queue->first = NULL;
	queue->end = &queue->first;
	return first;
}

/* Of a space, all that is not durable is refused, so that it stands where it did before. */
static void
forget_turn(struct store_turn *turn)
{
	struct store_space *space = turn->space;
	pthread_mutex_lock(&space->lock);
	for (struct store_change *at = turn->first; at; at = at->next)
		pending_remove(&space->pending, at);
	space->submitted = atomic_load(&space->durable);
	pthread_mutex_unlock(&space->lock);
	store_turn_calls_make(&turn->on_refused);
}

/* With the queue's lock held. */
static void
forget_changes(struct store_set *first)
{
	for (struct store_set *set = first; set; set = set->next)
		for (size_t i = 0; i < set->turn_count; i++)
			forget_turn(&set->turns[i]);
}

static void
append_chain(struct store_set *first, struct store_set *more)
{
	while (first->next)
		first = first->next;
	first->next = more;
}

/*
 * Nothing was promised yet: the disk is full, or there is no descriptor left. All that
 * waits may build on what is refused now, so all of it is refused; open turns find the
 * epoch changed.
 */
static void
refuse_all(struct store *store, struct store_set *first, enum base_failure failure)
{
	struct store_queue *queue = &store->queue;
	pthread_mutex_lock(&queue->lock);
	append_chain(first, take_all_waiting(queue));
	forget_changes(first);
	atomic_fetch_add(&queue->epoch, 1);
	pthread_mutex_unlock(&queue->lock);
	atomic_store(&store->room.looked_ms, 0);
	for (const struct store_set *set = first; set; set = set->next)
		store_count(store, STORE_COUNTED_REFUSED, 1);
	LOG(store->settings.log, BASE_LOG_WARN, "store.refused", LOG_FAILURE(failure));
	complete(queue, first, failure);
	free_all(first);
}

/* What is on disk is unknown from here on; only a new start finds out. */
static void
break_down(struct store *store, struct store_set *first)
{
	struct store_queue *queue = &store->queue;
	pthread_mutex_lock(&queue->lock);
	atomic_store(&store->broken, true);
	append_chain(first, take_all_waiting(queue));
	forget_changes(first);
	pthread_mutex_unlock(&queue->lock);
	LOG(store->settings.log, BASE_LOG_ERROR, "store.broken");
	complete(queue, first, BASE_UNAVAILABLE);
	free_all(first);
	if (store->settings.on_broken)
		store->settings.on_broken(store->settings.on_broken_argument);
}

enum base_failure
store_committer_flush_log(struct store_committer *committer)
{
	struct store_blob_log *log = &committer->log;
	if (!store_blob_log_gathered(log))
		return BASE_OK;
	enum base_failure failure = store_blob_log_write(log);
	if (failure == BASE_DISK_FULL)
		store_blob_log_undo(log);
	if (failure)
		return failure;
	struct store_written written = store_blob_log_written(log);
	struct store_value note = store_value_written(&written);
	rocks_batch_note(committer->batch, store_value_slice(&note));
	store_blob_sync_begin(committer->sync);
	return BASE_OK;
}

/* Gathers blobs. When it fails nothing was written, and what was gathered is let go. */
static enum base_failure
place_blobs(struct store_committer *committer, struct store_set *first)
{
	enum base_failure failure = store_group_place(committer, first);
	if (failure && store_blob_log_gathered(&committer->log))
		store_blob_log_undo(&committer->log);
	return failure && failure != BASE_DISK_FULL ? BASE_UNAVAILABLE : failure;
}

static enum base_failure
write_changes(struct store_committer *committer, struct store_set *first)
{
	enum base_failure failure = store_committer_flush_log(committer);
	if (failure)
		return failure;
	failure = store_group_write(committer, first);
	return failure ? BASE_UNAVAILABLE : BASE_OK;
}

static void
publish(struct store_committer *committer, struct store_set *first)
{
	struct store *store = committer->store;
	store_group_publish(first);
	complete(&store->queue, first, BASE_OK);
	store_group_wake(first);
	free_all(first);
}

static void
commit_group(struct store_committer *committer, struct store_set *first)
{
	struct store *store = committer->store;
	uint64_t start = base_clock_steady_ms(store->settings.clock);
	enum base_failure refused = place_blobs(committer, first);
	enum base_failure failure = refused ? refused : write_changes(committer, first);
	base_metric_observe_ms(
		store->group_seconds, base_clock_steady_ms(store->settings.clock) - start);
	if (!failure)
		publish(committer, first);
	else if (refused || failure == BASE_DISK_FULL)
		refuse_all(store, first, failure);
	else
		break_down(store, first);
	store_committer_clear(committer);
}

/* Nothing builds on upkeep, so it may be refused alone. */
static void
run_upkeep(struct store_committer *committer, struct store_set *set)
{
	enum base_failure failure = set->upkeep->run(committer, set->upkeep);
	if (failure && failure != BASE_DISK_FULL) {
		break_down(committer->store, set);
	} else {
		complete(&committer->store->queue, set, failure);
		free_all(set);
	}
	store_committer_clear(committer);
}

static void *
committer_run(void *argument)
{
	struct store_committer *committer = argument;
	struct store_set *group;
	/* By itself: another's name is a file of /proc, and behind the walls. */
	pthread_setname_np(pthread_self(), "store");
	while ((group = store_queue_take(&committer->store->queue))) {
		if (group->upkeep)
			run_upkeep(committer, group);
		else
			commit_group(committer, group);
		store_blob_log_fill_ahead(&committer->log);
	}
	return NULL;
}

struct store_committer *
store_committer_start(struct store *store)
{
	struct store_committer *committer = calloc(1, sizeof *committer);
	ASSERT(committer);
	committer->store = store;
	committer->arena = arena_create(ARENA_NO_CEILING);
	committer->batch = rocks_batch_create();
	committer->placed = map_create();
	store_blob_log_init(&committer->log, store);
	committer->sync = store_blob_sync_start(&committer->log);
	store->committer = committer;
	ASSERT(pthread_create(&committer->thread, NULL, committer_run, committer) == 0);
	return committer;
}

void
store_committer_stop(struct store_committer *committer)
{
	if (!committer)
		return;
	store_queue_stop(&committer->store->queue);
	pthread_join(committer->thread, NULL);
	store_blob_sync_stop(committer->sync);
	store_blob_log_close(&committer->log);
	map_destroy(committer->placed);
	rocks_batch_destroy(committer->batch);
	arena_destroy(committer->arena);
	free(committer);
}
