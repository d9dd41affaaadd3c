/*
 * store-check FOLDER LEDGER [uncut]: does the store hold what the ledger says was
 * acknowledged?
 *
 * Prints each finding, then one line of numbers; the exit is 0 when there was no finding.
 * "lost": acknowledged, not there. "torn": there, with other bytes. "half": a commit of
 * which a part is there, or something that no commit up to the last one explains.
 */
#include "store/load-plan.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FINDINGS_SHOWN 20

struct check {
	struct store *store;
	struct base_clock *clock;
	uint64_t acknowledged[PLAN_THREADS_MOST];
	uint64_t last[PLAN_THREADS_MOST];
	uint64_t thread; /* being looked at */
	uint64_t rows[PLAN_THREADS_MOST];
	uint64_t lost, torn, half, durable;
};

static void found(uint64_t *counter, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void
found(uint64_t *counter, const char *format, ...)
{
	va_list arguments;
	if (++*counter > FINDINGS_SHOWN)
		return;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

#define LLU(n) ((unsigned long long)(n))

static void
read_ledger(struct check *check, const char *path)
{
	SCOPED(scoped_close) int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	struct stat state;
	if (descriptor < 0 || fstat(descriptor, &state) < 0)
		return;
	char *text = malloc((size_t)state.st_size + 1);
	ASSERT(text);
	ssize_t size = read(descriptor, text, (size_t)state.st_size);
	struct slice rest = slice_of(text, size > 0 ? (size_t)size : 0);
	while (rest.length) {
		struct slice line = slice_cut(&rest, '\n');
		struct slice thread = slice_cut(&line, ' ');
		uint64_t t, i;
		/* The last line may be torn: then it was not said. */
		if (slice_absent(rest) || !slice_to_u64(thread, &t) ||
			!slice_to_u64(line, &i) || t >= PLAN_THREADS_MOST)
			break;
		if (check->acknowledged[t] < i)
			check->acknowledged[t] = i;
	}
	free(text);
}

static bool
bytes_are(struct check *check, const struct store_hash *hash, struct slice expected)
{
	struct store_reader *reader;
	if (store_reader_open(check->store, hash, &reader))
		return false;
	char *bytes = malloc(expected.length + 1);
	ASSERT(bytes);
	size_t got = 0;
	bool same = store_reader_size(reader) == expected.length &&
		    store_reader_read(reader, 0, bytes, expected.length, &got) == BASE_OK &&
		    slice_equal(slice_of(bytes, got), expected);
	free(bytes);
	store_reader_close(reader);
	return same;
}

static void
check_commit(struct check *check, struct store_space *space, uint64_t i)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(buffer_free) struct buffer bytes = buffer_with(1 << 20);
	char name[PLAN_NAME_SIZE];
	struct slice value, row = plan_row(name, i);
	struct plan plan = plan_of(check->thread, i);
	enum base_failure failure = store_get(space, row, arena, &value);
	if (plan_is_forgotten(i, check->last[check->thread])) {
		if (failure != BASE_NOT_FOUND)
			found(&check->half, "thread %llu: row %llu was deleted, is there",
				LLU(check->thread), LLU(i));
		return;
	}
	check->rows[check->thread]++;
	if (failure || !slice_equal(value, row))
		found(&check->half, "thread %llu: row %llu is not there",
			LLU(check->thread), LLU(i));
	struct store_hash hash = plan_blob(&plan, &bytes);
	if (!bytes_are(check, &hash, buffer_slice(&bytes)))
		found(&check->torn, "thread %llu: blob %llu is not what was stored",
			LLU(check->thread), LLU(i));
}

static uint64_t
read_number(struct store_space *space, struct slice key, bool text)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice value;
	uint64_t number = 0;
	if (store_get(space, key, arena, &value))
		return 0;
	if (text && !slice_to_u64(slice_from(value, 2), &number))
		return UINT64_MAX;
	if (!text && value.length == sizeof number)
		memcpy(&number, value.data, sizeof number);
	return number;
}

static bool
count_row(void *argument, struct slice key, struct slice value)
{
	(void)key, (void)value;
	++*(uint64_t *)argument;
	return true;
}

static uint64_t
count_rows(struct store_space *space, struct slice from, struct slice until)
{
	struct store_range range = {.from = from, .until = until};
	uint64_t count = 0;
	if (store_scan(space, &range, count_row, &count, NULL))
		return UINT64_MAX;
	return count;
}

static void
check_thread(struct check *check, uint64_t thread)
{
	struct store_space *space = store_space_open(check->store, thread);
	uint64_t last = read_number(space, SLICE("last"), true);
	check->thread = thread;
	check->last[thread] = last;
	check->durable += last;
	if (last < check->acknowledged[thread])
		found(&check->lost, "thread %llu: %llu were acknowledged, %llu are there",
			LLU(thread), LLU(check->acknowledged[thread]), LLU(last));
	for (uint64_t i = 1; i <= last; i++)
		check_commit(check, space, i);
	if (count_rows(space, SLICE("n/"), SLICE("n0")) != check->rows[thread])
		found(&check->half, "thread %llu: more rows than commits", LLU(thread));
	if (read_number(space, SLICE("count"), false) != last)
		found(&check->half, "thread %llu: the counter is wrong", LLU(thread));
	if (store_space_version(space) < last)
		found(&check->half, "thread %llu: the version is wrong", LLU(thread));
	store_space_close(space);
}

static void
check_shared(struct check *check, struct store_space *space)
{
	uint64_t expected = 0;
	for (uint64_t t = 0; t < PLAN_THREADS_MOST; t++) {
		for (uint64_t i = 1; i <= check->last[t]; i++) {
			SCOPED(arena_release)
			struct arena *arena = arena_create(ARENA_NO_CEILING);
			char name[PLAN_NAME_SIZE];
			struct slice row = plan_shared_row(name, t, i), value;
			if (!plan_of(t, i).set)
				continue;
			expected++;
			if (store_get(space, row, arena, &value))
				found(&check->half, "set %s is not whole", name);
		}
	}
	if (count_rows(space, SLICE(""), SLICE_NONE) != expected)
		found(&check->half, "a shared space has more than it should");
}

static void
tell(void *argument, const char *sentence)
{
	found(&((struct check *)argument)->torn, "%s", sentence);
}

static void
verify(struct check *check)
{
	struct store_verdict verdict;
	if (store_verify(check->store, tell, check, &verdict))
		found(&check->torn, "verify could not read everything");
}

/* Collecting must neither lose anything nor leave anything that could go. */
static void
check_collect(struct check *check)
{
	uint64_t freed;
	struct store_verdict verdict;
	if (store_collect(check->store, UINT64_MAX, &freed))
		found(&check->torn, "collect failed");
	if (store_verify(check->store, tell, check, &verdict) || verdict.unreferenced)
		found(&check->torn, "%llu unreferenced blobs after collect",
			LLU(verdict.unreferenced));
}

static double
now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static void
run(struct check *check)
{
	for (uint64_t t = 0; t < PLAN_THREADS_MOST; t++)
		check_thread(check, t);
	for (uint64_t i = 0; i < PLAN_SHARED; i++) {
		struct store_space *space =
			store_space_open(check->store, PLAN_SHARED_ID + i);
		check_shared(check, space);
		store_space_close(space);
	}
	verify(check);
	check_collect(check);
}

int
main(int count, char **arguments)
{
	struct check *check = calloc(1, sizeof *check);
	struct base_error error;
	ASSERT(check);
	bool uncut = count == 4 && strcmp(arguments[3], "uncut") == 0;
	if (count != 3 && !uncut) {
		fprintf(stderr, "usage: store-check FOLDER LEDGER [uncut]\n");
		return 2;
	}
	check->clock = base_clock_create();
	struct store_settings settings = {
		.folder = arguments[1], .keep_last_group = uncut, .clock = check->clock};
	double start = now_ms();
	if (store_open(&settings, &check->store, &error)) {
		printf("cannot be opened: %s\n", error.text);
		return 1;
	}
	double opened = now_ms() - start;
	read_ledger(check, arguments[2]);
	uint64_t acknowledged = 0;
	for (size_t t = 0; t < PLAN_THREADS_MOST; t++)
		acknowledged += check->acknowledged[t];
	run(check);
	printf("acknowledged %llu durable %llu lost %llu torn %llu half %llu opened_ms "
	       "%.0f\n",
		LLU(acknowledged), LLU(check->durable), LLU(check->lost), LLU(check->torn),
		LLU(check->half), opened);
	int outcome = check->lost || check->torn || check->half ? 1 : 0;
	store_close(check->store);
	base_clock_destroy(check->clock);
	free(check);
	return outcome;
}
