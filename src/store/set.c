#include "store/internal.h"

static enum base_failure
admit(struct store *store, enum store_kind kind)
{
	struct store_queue *queue = &store->queue;
	if (store->settings.read_only)
		return BASE_DENIED;
	if (atomic_load(&store->broken) ||
		atomic_load(&queue->waiting_bytes) >= STORE_WAITING_BYTES_MOST ||
		atomic_load(&queue->waiting_commits) >= STORE_WAITING_COMMITS_MOST)
		return BASE_UNAVAILABLE;
	uint64_t needed = kind == STORE_NEW_MAIL ? store->settings.reserve_bytes
						 : store->settings.last_reserve_bytes;
	return store_room_free(store) < needed ? BASE_DISK_FULL : BASE_OK;
}

/* The one outside changes with the queue's epoch only before anything is read. */
static struct store_set *
set_create(struct store *store)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct store_set *set = ARENA_NEW(arena, struct store_set);
	set->store = store;
	set->arena = arena;
	set->epoch = atomic_load(&store->queue.epoch);
	return set;
}

static void
turn_take(struct store_turn *turn, struct store_set *set, struct store_space *space)
{
	turn->set = set;
	turn->space = store_space_hold(space);
	turn->end = &turn->first;
	turn->end_blob = &turn->first_blob;
	turn->on_durable.end = &turn->on_durable.first;
	turn->on_refused.end = &turn->on_refused.first;
	pthread_mutex_lock(&space->lock);
	while (space->turn_taken)
		pthread_cond_wait(&space->turn_free, &space->lock);
	space->turn_taken = true;
	store_space_know_version(space);
	turn->version = space->submitted + 1;
	if (space->failure)
		set->failure = space->failure;
	pthread_mutex_unlock(&space->lock);
}

/* With the space's lock held. */
static void
turn_end(struct store_turn *turn)
{
	pending_clear(&turn->own);
	turn->space->turn_taken = false;
	pthread_cond_signal(&turn->space->turn_free);
}

static int
compare_spaces(const void *a, const void *b)
{
	const struct store_space *const *left = a, *const *right = b;
	return ((*left)->id > (*right)->id) - ((*left)->id < (*right)->id);
}

/* Sorted, each once; returns how many. */
static size_t
sort_distinct(struct store_space **spaces, size_t count)
{
	qsort(spaces, count, sizeof(struct store_space *), compare_spaces);
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || spaces[kept - 1] != spaces[i])
			spaces[kept++] = spaces[i];
	return kept;
}

static struct store_turn *
turn_of(const struct store_set *set, const struct store_space *space)
{
	size_t low = 0, high = set->turn_count;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (set->turns[middle].space->id <= space->id)
			low = middle;
		else
			high = middle;
	}
	return &set->turns[low];
}

static void
take_turns(struct store_set *set, struct store_space *const *spaces, size_t count)
{
	struct store_space **sorted = ARENA_MANY(set->arena, struct store_space *, count);
	memcpy(sorted, spaces, count * sizeof(struct store_space *));
	set->turn_count = sort_distinct(sorted, count);
	set->turns = ARENA_MANY(set->arena, struct store_turn, set->turn_count);
	for (size_t i = 0; i < set->turn_count; i++)
		turn_take(&set->turns[i], set, sorted[i]);
	set->by_index = ARENA_MANY(set->arena, struct store_turn *, count);
	for (size_t i = 0; i < count; i++)
		set->by_index[i] = turn_of(set, spaces[i]);
}

enum base_failure
store_set_begin(struct store *store, struct store_space *const *spaces, size_t count,
	enum store_kind kind, struct store_set **set)
{
	ASSERT(count > 0);
	*set = NULL;
	enum base_failure failure = admit(store, kind);
	if (failure)
		return failure;
	struct store_set *made = set_create(store);
	take_turns(made, spaces, count);
	if (made->failure) {
		failure = made->failure;
		store_set_abandon(made);
		return failure;
	}
	*set = made;
	return BASE_OK;
}

struct store_turn *
store_set_turn(struct store_set *set, size_t index)
{
	return set->by_index[index];
}

void
store_set_free(struct store_set *set)
{
	for (size_t i = 0; i < set->turn_count; i++) {
		struct store_turn *turn = &set->turns[i];
		for (struct store_turn_blob *at = turn->first_blob; at; at = at->next)
			store_blob_drop(at->blob);
		store_space_close(turn->space);
	}
	base_ticket_drop(set->ticket);
	arena_destroy(set->arena);
}

void
store_set_abandon(struct store_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->turn_count; i++) {
		struct store_turn *turn = &set->turns[i];
		pthread_mutex_lock(&turn->space->lock);
		turn_end(turn);
		pthread_mutex_unlock(&turn->space->lock);
	}
	store_set_free(set);
}

/* The changes become what later turns read. The turn's own table is done with. */
static void
hand_over_changes(struct store_turn *turn)
{
	for (struct store_change *at = turn->first; at; at = at->next)
		if (at->link)
			pending_add(&turn->space->pending, at);
}

static void
end_turns(struct store_set *set, bool accepted)
{
	for (size_t i = 0; i < set->turn_count; i++) {
		struct store_turn *turn = &set->turns[i];
		if (!accepted)
			store_turn_calls_make(&turn->on_refused);
		pthread_mutex_lock(&turn->space->lock);
		if (accepted) {
			turn->space->submitted = turn->version;
			hand_over_changes(turn);
		}
		turn_end(turn);
		pthread_mutex_unlock(&turn->space->lock);
	}
}

/* With the queue's lock held. */
static enum base_failure
may_enter(const struct store_set *set)
{
	const struct store *store = set->store;
	if (set->failure)
		return set->failure;
	if (atomic_load(&store->broken))
		return BASE_UNAVAILABLE;
	return set->epoch == atomic_load(&store->queue.epoch) ? BASE_OK : BASE_DISK_FULL;
}

/* With the queue's lock held. True: the committer sleeps. */
static bool
enter(struct store_queue *queue, struct store_set *set)
{
	atomic_fetch_add(&queue->waiting_bytes, set->bytes);
	atomic_fetch_add(&queue->waiting_commits, 1);
	*queue->end = set;
	queue->end = &set->next;
	return queue->committer_idle;
}

struct base_ticket *
store_set_send(struct store_set *set)
{
	struct store_queue *queue = &set->store->queue;
	struct base_ticket *ticket = base_ticket_create();
	bool wake = false;
	pthread_mutex_lock(&queue->lock);
	enum base_failure failure = may_enter(set);
	end_turns(set, failure == BASE_OK);
	if (failure == BASE_OK) {
		set->ticket = base_ticket_hold(ticket);
		wake = enter(queue, set);
	}
	pthread_mutex_unlock(&queue->lock);
	/* Without the lock, which would be the first thing the committer waits for. */
	if (wake)
		pthread_cond_signal(&queue->filled);
	if (failure) {
		base_ticket_complete(ticket, failure);
		store_set_free(set);
	}
	return ticket;
}

struct base_ticket *
store_set_submit(struct store_set **set)
{
	struct store_set *sent = *set;
	*set = NULL;
	return store_set_send(sent);
}

enum base_failure
store_begin(struct store_space *space, enum store_kind kind, struct store_turn **turn)
{
	struct store_set *set;
	*turn = NULL;
	enum base_failure failure = store_set_begin(space->store, &space, 1, kind, &set);
	if (!failure)
		*turn = set->turns;
	return failure;
}

struct base_ticket *
store_submit(struct store_turn **turn)
{
	struct store_set *set = (*turn)->set;
	ASSERT(set->turn_count == 1);
	*turn = NULL;
	return store_set_send(set);
}

void
store_abandon(struct store_turn *turn)
{
	if (turn)
		store_set_abandon(turn->set);
}

void
store_turn_release(struct store_turn **turn)
{
	store_abandon(*turn);
	*turn = NULL;
}

enum base_failure
store_upkeep_wait(struct store *store, struct store_upkeep *upkeep)
{
	struct store_set *set = set_create(store);
	set->upkeep = upkeep;
	return base_ticket_await(store_set_send(set));
}
