/*
 * store-bench FOLDER THREADS SECONDS [SIZE [SPACES]]: what the store alone can do.
 *
 * Each thread delivers in a closed loop: one blob of SIZE bytes (12288) and six keys to a
 * random one of SPACES (10,000), and waits until it is durable. Blobs differ, but their
 * names are random instead of hashes: hashing happens while mail arrives, not here.
 */
#include "store/store.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

#define SPACES      10000 /* at most */
#define THREAD_MOST 1024
#define MS_MOST     2000 /* latencies are counted in steps of 1/20 ms */
#define STEPS       20

struct bench {
	struct store *store;
	struct store_space *spaces[SPACES];
	struct base_clock *clock;
	size_t size, space_count;
	char *bytes;
	atomic_bool over;
	_Atomic uint64_t deliveries;
	_Atomic uint32_t waits[MS_MOST * STEPS];
};

static double
now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct store_blob *
make_blob(const struct bench *bench)
{
	struct store_hash hash;
	base_random(&hash, sizeof hash);
	struct buffer bytes = buffer_with(bench->size);
	buffer_put(&bytes, slice_of(&hash, sizeof hash));
	buffer_put(&bytes, slice_of(bench->bytes, bench->size - sizeof hash));
	return store_blob_of_memory(bench->store, &hash, SLICE("Received: bench"), &bytes);
}

static void
put_key(struct store_turn *turn, char kind, uint64_t number, size_t size)
{
	char key[9], value[1024] = {kind};
	key[0] = kind;
	memcpy(key + 1, &number, sizeof number);
	store_put(turn, slice_of(key, sizeof key), slice_of(value, size));
}

static struct base_ticket *
deliver(struct bench *bench, struct store_space *space)
{
	static const size_t sizes[] = {40, 900, 60, 30, 24};
	struct store_blob *blob = make_blob(bench);
	struct store_turn *turn;
	if (store_begin(space, STORE_NEW_MAIL, &turn)) {
		fprintf(stderr, "refused\n");
		exit(1);
	}
	uint64_t version = store_turn_version(turn);
	store_reference(turn, blob, slice_of(&version, sizeof version));
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		put_key(turn, (char)('a' + i), i == 3 ? 0 : version, sizes[i]);
	store_blob_drop(blob);
	return store_submit(&turn);
}

static void *
run_thread(void *argument)
{
	struct bench *bench = argument;
	uint64_t seed = base_random_u64();
	while (!atomic_load(&bench->over)) {
		seed = seed * 6364136223846793005U + 1442695040888963407U;
		double start = now();
		struct base_ticket *ticket =
			deliver(bench, bench->spaces[(seed >> 33) % bench->space_count]);
		if (base_ticket_wait(ticket)) {
			fprintf(stderr, "failed\n");
			exit(1);
		}
		base_ticket_drop(ticket);
		size_t step = (size_t)((now() - start) * 1000 * STEPS);
		atomic_fetch_add(&bench->waits[step < MS_MOST * STEPS ? step : 0], 1);
		atomic_fetch_add(&bench->deliveries, 1);
	}
	return NULL;
}

static double
percentile(const struct bench *bench, double share)
{
	uint64_t wanted = (uint64_t)((double)bench->deliveries * share), seen = 0;
	size_t step = 0;
	for (; step < MS_MOST * STEPS - 1; step++) {
		seen += bench->waits[step];
		if (seen > wanted)
			break;
	}
	return (double)step / STEPS;
}

static double
cpu_seconds(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void
run(struct bench *bench, size_t threads, double seconds)
{
	pthread_t thread[THREAD_MOST];
	double start = now(), cpu = cpu_seconds();
	for (size_t i = 0; i < threads; i++)
		ASSERT(pthread_create(&thread[i], NULL, run_thread, bench) == 0);
	nanosleep(&(struct timespec){.tv_sec = (time_t)seconds}, NULL);
	atomic_store(&bench->over, true);
	for (size_t i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	double took = now() - start, count = (double)bench->deliveries;
	struct store_stats stats;
	store_stats(bench->store, &stats);
	printf("%4zu threads: %6.0f commits/s, p50 %.2f ms, p99 %.2f ms, %.3f CPU-s per "
	       "1,000, %.1f a group\n",
		threads, count / took, percentile(bench, 0.5), percentile(bench, 0.99),
		(cpu_seconds() - cpu) / count * 1000,
		count / (double)(stats.groups ? stats.groups : 1));
}

static void
open_bench(struct bench *bench, const char *folder)
{
	struct base_error error;
	bench->clock = base_clock_create();
	struct store_settings settings = {.folder = folder, .clock = bench->clock};
	double start = now();
	if (store_open(&settings, &bench->store, &error)) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	printf("opened in %.0f ms\n", (now() - start) * 1000);
	for (size_t i = 0; i < bench->space_count; i++)
		bench->spaces[i] = store_space_open(bench->store, i);
}

int
main(int count, char **arguments)
{
	uint64_t threads = 0, seconds = 0, size = 12288, spaces = SPACES;
	if (count < 4 || !slice_to_u64(slice_of_text(arguments[2]), &threads) ||
		!slice_to_u64(slice_of_text(arguments[3]), &seconds) ||
		(count > 4 && !slice_to_u64(slice_of_text(arguments[4]), &size)) ||
		(count > 5 && !slice_to_u64(slice_of_text(arguments[5]), &spaces)) ||
		threads > THREAD_MOST || size < 64 || !spaces || spaces > SPACES) {
		fprintf(stderr,
			"usage: store-bench FOLDER THREADS SECONDS [SIZE [SPACES]]\n");
		return 2;
	}
	struct bench *bench = calloc(1, sizeof *bench);
	ASSERT(bench);
	bench->size = size;
	bench->space_count = spaces;
	bench->bytes = malloc(size);
	ASSERT(bench->bytes);
	base_random(bench->bytes, size);
	open_bench(bench, arguments[1]);
	run(bench, threads, (double)seconds);
	for (size_t i = 0; i < bench->space_count; i++)
		store_space_close(bench->spaces[i]);
	store_close(bench->store);
	base_clock_destroy(bench->clock);
	free(bench->bytes);
	free(bench);
	return 0;
}
