/*
 * store-load FOLDER LEDGER THREADS COMMITS ROUNDS [FIRST]
 *
 * Threads are numbered from FIRST (0).
 * Goes on with the commits of load-plan.h where the store stands: COMMITS more by each
 * thread, ROUNDS times, collecting and reopening in between. Each acknowledged commit is
 * a line "thread number" in LEDGER, written after its ticket was completed.
 *
 * A full disk is waited for. Exit: 0 done, 3 the store broke, 4 it could not be opened,
 * 5 a promise was not kept.
 */
#include "store/load-plan.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define AT_ONCE            4 /* commits on their way, for each thread */
#define FULL_TRIES         50
#define RESERVE            ((uint64_t)64 << 20)
#define FULL_WAIT          5 /* ms */
#define EXIT_BROKEN        3
#define EXIT_OPEN          4
#define EXIT_BROKE_PROMISE 5

struct load {
	struct base_clock *clock;
	struct store *store;
	struct store_space *shared[PLAN_SHARED];
	int ledger;
	uint64_t commits, first;
	atomic_bool broken;
};

struct thread {
	struct load *load;
	uint64_t number;
	struct store_space *space;
	uint64_t last;                        /* acknowledged */
	struct base_ticket *tickets[AT_ONCE]; /* of last + 1, last + 2, … */
	size_t waiting;
};

static void
sleep_ms(long ms)
{
	nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static struct store_blob *
spill_blob(struct load *load, const struct store_hash *hash, struct slice bytes)
{
	struct store_spill *spill;
	struct store_blob *blob = NULL;
	if (store_spill_create(load->store, &spill))
		return NULL;
	if (store_spill_write(spill, slice_first(bytes, 100000)) ||
		store_spill_write(spill, slice_from(bytes, 100000))) {
		store_spill_destroy(spill);
		return NULL;
	}
	enum base_failure failure =
		store_blob_of_spill(load->store, hash, SLICE("trace"), &spill, &blob);
	return failure ? NULL : blob;
}

static struct store_blob *
make_blob(struct load *load, const struct plan *plan)
{
	SCOPED(buffer_free) struct buffer bytes = buffer_with(1 << 20);
	struct store_hash hash = plan_blob(plan, &bytes);
	if (plan->spilled)
		return spill_blob(load, &hash, buffer_slice(&bytes));
	return store_blob_of_memory(load->store, &hash, SLICE("trace"), &bytes);
}

static void
change_own(struct thread *thread, struct store_turn *turn, struct store_blob *blob,
	const struct plan *plan, uint64_t i)
{
	char name[PLAN_NAME_SIZE];
	struct slice row = plan_row(name, i);
	store_put(turn, row, row);
	store_put(turn, SLICE("last"), row);
	store_add(turn, SLICE("count"), 1);
	store_reference(turn, blob, row);
	if (!plan->forget)
		return;
	SCOPED(buffer_free) struct buffer bytes = buffer_with(1 << 20);
	struct plan before = plan_of(thread->number, plan->forget);
	struct store_hash hash = plan_blob(&before, &bytes);
	row = plan_row(name, plan->forget);
	store_delete(turn, row);
	store_dereference(turn, &hash, row);
}

/* A commit may be refused while the next is being made: then the turn tells. */
static bool
follows_the_last(struct store_turn *turn, uint64_t i)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice value;
	uint64_t last = 0;
	enum base_failure failure = store_turn_get(turn, SLICE("last"), arena, &value);
	if (!failure)
		ASSERT(slice_to_u64(slice_from(value, 2), &last));
	return (!failure || failure == BASE_NOT_FOUND) && last + 1 == i;
}

static struct base_ticket *
submit(struct thread *thread, struct store_blob *blob, const struct plan *plan, uint64_t i)
{
	struct load *load = thread->load;
	struct store_space *spaces[1 + PLAN_SHARED] = {thread->space};
	char name[PLAN_NAME_SIZE];
	struct store_set *set;
	memcpy(spaces + 1, load->shared, sizeof load->shared);
	size_t count = plan->set ? 1 + PLAN_SHARED : 1;
	enum base_failure failure =
		store_set_begin(load->store, spaces, count, STORE_NEW_MAIL, &set);
	if (failure)
		return base_ticket_completed(failure);
	if (!follows_the_last(store_set_turn(set, 0), i)) {
		store_set_abandon(set);
		return base_ticket_completed(BASE_DISK_FULL);
	}
	change_own(thread, store_set_turn(set, 0), blob, plan, i);
	struct slice row = plan_shared_row(name, thread->number, i);
	for (size_t n = 1; n < count; n++) {
		store_put(store_set_turn(set, n), row, row);
		store_reference(store_set_turn(set, n), blob, row);
	}
	return store_set_submit(&set);
}

static void
submit_next(struct thread *thread)
{
	uint64_t i = thread->last + thread->waiting + 1;
	struct plan plan = plan_of(thread->number, i);
	struct store_blob *blob = make_blob(thread->load, &plan);
	thread->tickets[thread->waiting++] = blob ? submit(thread, blob, &plan, i)
						  : base_ticket_completed(BASE_DISK_FULL);
	store_blob_drop(blob);
}

/* What comes after one that could not even begin must wait. */
static bool
newest_failed(const struct thread *thread)
{
	const struct base_ticket *newest =
		thread->waiting ? thread->tickets[thread->waiting - 1] : NULL;
	return newest && base_ticket_done(newest) && base_ticket_outcome(newest);
}

static void
submit_some(struct thread *thread, uint64_t until)
{
	while (thread->waiting < AT_ONCE && thread->last + thread->waiting < until &&
		!newest_failed(thread))
		submit_next(thread);
}

static enum base_failure
wait_oldest(struct thread *thread)
{
	struct base_ticket *ticket = thread->tickets[0];
	enum base_failure outcome = base_ticket_await(ticket);
	thread->waiting--;
	memmove(thread->tickets, thread->tickets + 1,
		thread->waiting * sizeof(struct base_ticket *));
	return outcome;
}

static void
acknowledge(struct thread *thread)
{
	char line[64];
	thread->last++;
	int length = snprintf(line, sizeof line, "%llu %llu\n",
		(unsigned long long)thread->number, (unsigned long long)thread->last);
	if (write(thread->load->ledger, line, (size_t)length) != length)
		exit(1);
}

/* What was submitted after a commit that failed must fail, too. */
static void
drain(struct thread *thread, bool failed)
{
	while (thread->waiting) {
		bool good = wait_oldest(thread) == BASE_OK;
		if (good && failed) {
			fprintf(stderr, "thread %llu: a commit outlived the one before\n",
				(unsigned long long)thread->number);
			exit(EXIT_BROKE_PROMISE);
		}
		if (good)
			acknowledge(thread);
		failed = !good;
	}
}

static void *
run_thread(void *argument)
{
	struct thread *thread = argument;
	struct load *load = thread->load;
	uint64_t until = thread->last + load->commits;
	int tries = 0;
	while (thread->last < until && !atomic_load(&load->broken) && tries < FULL_TRIES) {
		submit_some(thread, until);
		enum base_failure outcome = wait_oldest(thread);
		if (outcome == BASE_OK) {
			acknowledge(thread);
			tries = 0;
			continue;
		}
		drain(thread, true);
		if (outcome != BASE_DISK_FULL)
			atomic_store(&load->broken, true);
		tries++;
		sleep_ms(FULL_WAIT);
	}
	drain(thread, false);
	if (thread->last < until)
		atomic_store(&load->broken, true);
	return NULL;
}

static uint64_t
last_of(struct store_space *space)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice value;
	uint64_t last = 0;
	if (store_get(space, SLICE("last"), arena, &value) == BASE_OK)
		ASSERT(slice_to_u64(slice_from(value, 2), &last));
	return last;
}

static void
run_threads(struct load *load, size_t count)
{
	struct thread threads[PLAN_THREADS_MOST];
	pthread_t ids[PLAN_THREADS_MOST];
	for (size_t i = 0; i < count; i++) {
		threads[i] = (struct thread){.load = load, .number = load->first + i};
		threads[i].space = store_space_open(load->store, threads[i].number);
		threads[i].last = last_of(threads[i].space);
		ASSERT(pthread_create(&ids[i], NULL, run_thread, &threads[i]) == 0);
	}
	for (size_t i = 0; i < count; i++) {
		pthread_join(ids[i], NULL);
		store_space_close(threads[i].space);
	}
}

static void
note_broken(void *argument)
{
	atomic_store(&((struct load *)argument)->broken, true);
}

static void
run_round(struct load *load, const char *folder, size_t threads)
{
	struct base_error error;
	uint64_t freed;
	struct store_settings settings = {.folder = folder,
		.clock = load->clock,
		.reserve_bytes = RESERVE,
		.last_reserve_bytes = RESERVE,
		.on_broken = note_broken,
		.on_broken_argument = load};
	if (store_open(&settings, &load->store, &error)) {
		fprintf(stderr, "%s\n", error.text);
		exit(EXIT_OPEN);
	}
	for (size_t i = 0; i < PLAN_SHARED; i++)
		load->shared[i] = store_space_open(load->store, PLAN_SHARED_ID + i);
	run_threads(load, threads);
	if (!atomic_load(&load->broken) &&
		store_collect(load->store, UINT64_MAX, &freed) != BASE_OK)
		fprintf(stderr, "collect failed\n");
	for (size_t i = 0; i < PLAN_SHARED; i++)
		store_space_close(load->shared[i]);
	store_close(load->store);
}

int
main(int count, char **arguments)
{
	struct load load = {.clock = base_clock_create()};
	uint64_t threads, rounds;
	if (count < 6 || !slice_to_u64(slice_of_text(arguments[3]), &threads) ||
		!slice_to_u64(slice_of_text(arguments[4]), &load.commits) ||
		!slice_to_u64(slice_of_text(arguments[5]), &rounds) ||
		(count > 6 && !slice_to_u64(slice_of_text(arguments[6]), &load.first)) ||
		load.first + threads > PLAN_THREADS_MOST) {
		fprintf(stderr,
			"usage: store-load FOLDER LEDGER THREADS COMMITS ROUNDS [FIRST]\n");
		return 2;
	}
	load.ledger = open(arguments[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	ASSERT(load.ledger >= 0);
	for (uint64_t i = 0; i < rounds && !atomic_load(&load.broken); i++)
		run_round(&load, arguments[1], threads);
	close(load.ledger);
	base_clock_destroy(load.clock);
	return atomic_load(&load.broken) ? EXIT_BROKEN : 0;
}
