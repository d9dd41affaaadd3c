#include "base/test.h"
#include "net/blame.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define IDLE "session 77 smtp 192.0.2.1"

struct threads {
	struct net_blame *blame;
	atomic_bool idle; /* the other thread has noted what it does */
};

static void *
idle_thread(void *argument)
{
	struct threads *threads = argument;

	net_blame_note(threads->blame, 3, "session", SLICE("77 smtp 192.0.2.1"));
	threads->idle = true;
	pause();
	return NULL;
}

static void
await_idle(struct threads *threads)
{
	while (!threads->idle)
		usleep(1000);
}

static void *
faulting_thread(void *argument)
{
	struct threads *threads = argument;

	net_blame_note(threads->blame, 4, "session", SLICE("78"));
	net_blame_note(threads->blame, 4, "queue", SLICE("row-1234"));
	await_idle(threads);
	raise(SIGSEGV);
	return NULL;
}

static void *
aborting_thread(void *argument)
{
	struct threads *threads = argument;

	net_blame_note(threads->blame, 5, "queue", SLICE("row-9"));
	await_idle(threads);
	abort();
}

static int
die_of(struct net_blame *blame, void *(*culprit)(void *))
{
	struct threads shared = {.blame = blame};
	pthread_t threads[2];
	struct rlimit none = {0, 0};
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		setrlimit(RLIMIT_CORE, &none);
		net_blame_watch_faults(blame);
		pthread_create(&threads[0], NULL, idle_thread, &shared);
		pthread_create(&threads[1], NULL, culprit, &shared);
		pthread_join(threads[1], NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	return WTERMSIG(status);
}

static void
the_faulting_thread_is_named(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(4096);
	struct net_blame *blame = net_blame_create();
	struct net_culprit culprit;

	assert_int_equal(die_of(blame, faulting_thread), SIGSEGV);
	assert_true(net_blame_culprit(blame, &culprit));
	assert_string_equal(culprit.kind, "queue");
	assert_string_equal(culprit.id, "row-1234");
	assert_slice_is(net_blame_carried(blame, 9, arena), IDLE ", queue row-1234");
	assert_slice_is(net_blame_carried(blame, 1, arena), IDLE);

	net_blame_reset(blame);
	assert_int_equal(die_of(blame, aborting_thread), SIGABRT);
	assert_true(net_blame_culprit(blame, &culprit));
	assert_string_equal(culprit.id, "row-9");
	net_blame_destroy(blame);
}

static void
nobody_is_named_without_a_fault(void **state)
{
	(void)state;
	struct net_blame *blame = net_blame_create();
	struct net_culprit culprit;

	net_blame_note(blame, 0, "queue", SLICE("innocent"));
	assert_false(net_blame_culprit(blame, &culprit));
	assert_string_equal(culprit.kind, "");
	net_blame_destroy(blame);
}

static void
long_notes_are_cut_and_cleared_ones_gone(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(4096);
	struct net_blame *blame = net_blame_create();
	char text[300];

	memset(text, 'x', sizeof text);
	net_blame_note(blame, 1, "a-kind-that-is-too-long", slice_of(text, sizeof text));
	assert_int_equal(net_blame_carried(blame, 5, arena).length,
		NET_BLAME_KIND_MOST - 1 + 1 + NET_BLAME_ID_MOST - 1);
	net_blame_clear(blame, 1);
	assert_slice_is(net_blame_carried(blame, 5, arena), "");
	net_blame_note(blame, NET_BLAME_SLOTS, "queue", SLICE("past the page"));
	assert_slice_is(net_blame_carried(blame, 5, arena), "");
	net_blame_destroy(blame);
}

static void
no_page_is_fine(void **state)
{
	(void)state;
	struct net_culprit culprit;

	net_blame_note(NULL, 0, "queue", SLICE("1"));
	net_blame_clear(NULL, 0);
	net_blame_reset(NULL);
	net_blame_watch_faults(NULL);
	net_blame_destroy(NULL);
	assert_false(net_blame_culprit(NULL, &culprit));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_faulting_thread_is_named),
		cmocka_unit_test(nobody_is_named_without_a_fault),
		cmocka_unit_test(long_notes_are_cut_and_cleared_ones_gone),
		cmocka_unit_test(no_page_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
