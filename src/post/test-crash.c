/*
 * A process that is killed in the middle of its work: what it was told is durable is there
 * when the next one opens, and all records agree.
 */
#include "base/test.h"
#include "post/test-post.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLS   4
#define THREADS 4

struct worker {
	struct test_post *test;
	struct post_account *account;
	int acknowledge; /* a byte for each delivery that is durable */
	unsigned number;
};

static void
deliver(struct worker *worker)
{
	test_deliver(worker->test, worker->account, "Subject: x\r\n\r\nhello\r\n");
	if (write(worker->acknowledge, "x", 1) != 1)
		_exit(EXIT_FAILURE);
}

static void
move_one(struct worker *worker, struct post_mailbox *inbox)
{
	struct post_copied copied;
	struct post_mailbox *archive = test_open(worker->account, "Archive");
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(post_uids_release) struct post_uids *one = test_uids(1, worker->number + 2);
	struct base_ticket *ticket =
		post_copy(inbox, one, archive, worker->number % 2, arena, &copied, NULL);
	test_done(ticket);
	post_mailbox_close(archive);
}

static void *
work(void *argument)
{
	struct worker *worker = argument;
	for (unsigned round = 0;; round++) {
		struct post_mailbox *inbox = test_open(worker->account, "INBOX");
		deliver(worker);
		test_flag(inbox, round, round + 5, "\\Seen", POST_FLAGS_ADD);
		if (round % 3 == 0)
			move_one(worker, inbox);
		if (round % 5 == worker->number)
			post_chores(worker->test->post);
		post_mailbox_close(inbox);
	}
	return NULL;
}

/* What the new process does; the folder and the pipe are its arguments. */
static int
be_killed(const char *folder, const char *pipe_end)
{
	struct worker workers[THREADS];
	pthread_t threads[THREADS];
	struct test_post test = {.clock = base_clock_create()};
	snprintf(test.folder, sizeof test.folder, "%s", folder);
	test_post_open(&test);
	struct post_account *account = test_account(&test, "anna@troika.test");
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i] =
			(struct worker){&test, account, (int)strtol(pipe_end, NULL, 10), i};
		pthread_create(&threads[i], NULL, work, &workers[i]);
	}
	pause();
	return EXIT_FAILURE;
}

/* A process of its own, not a fork of this one: RocksDB has threads here. */
static pid_t
start_process(const struct test_post *test, int pipe_end)
{
	char number[16];
	snprintf(number, sizeof number, "%d", pipe_end);
	pid_t child = fork();
	if (child == 0) {
		execl("/proc/self/exe", "test-crash", test->folder, number, (char *)NULL);
		_exit(EXIT_FAILURE);
	}
	return child;
}

/* Returns how many deliveries the process was told are durable. */
static size_t
run_and_kill(struct test_post *test, size_t acknowledged_least)
{
	int ends[2];
	size_t acknowledged = 0;
	char bytes[64];
	assert_int_equal(pipe(ends), 0);
	pid_t child = start_process(test, ends[1]);
	close(ends[1]);
	while (acknowledged < acknowledged_least) {
		ssize_t got = read(ends[0], bytes, sizeof bytes);
		assert_true(got > 0);
		acknowledged += (size_t)got;
	}
	kill(child, SIGKILL);
	for (ssize_t got; (got = read(ends[0], bytes, sizeof bytes)) > 0;)
		acknowledged += (size_t)got;
	close(ends[0]);
	waitpid(child, NULL, 0);
	return acknowledged;
}

static void
print_problem(void *argument, const char *sentence)
{
	(void)argument;
	print_error("%s\n", sentence);
}

static uint64_t
check(struct test_post *test)
{
	struct post_verdict verdict;
	assert_int_equal(post_check(test->post, print_problem, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.problems, 0);
	return verdict.messages;
}

static void
nothing_acknowledged_is_lost(void **state)
{
	struct test_post test = {0};
	size_t acknowledged = 0;
	(void)state;
	test_post_start(&test);
	post_account_close(test_account(&test, "anna@troika.test"));
	for (size_t i = 0; i < KILLS; i++) {
		test_post_close(&test);
		acknowledged += run_and_kill(&test, 20 + 17 * i);
		test_post_open(&test);
		assert_true(check(&test) >= acknowledged);
	}
	test_post_stop(&test);
}

int
main(int count, char **arguments)
{
	if (count == 3)
		return be_killed(arguments[1], arguments[2]);

	const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_acknowledged_is_lost)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
