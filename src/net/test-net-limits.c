#include "base/test.h"
#include "net/runtime.h"
#include "net/test-echo.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* Budgets, no descriptors left, full lanes, the stop. */

static void
refuses_over_budget(void **state)
{
	(void)state;
	struct echo_server server;
	echo_start(&server, (struct net_settings){.workers = 2,
				    .budgets = {.connections_per_address = 3}});
	struct peer peers[3], refused;
	for (size_t i = 0; i < 3; i++) {
		peer_dial(&peers[i], server.port);
		peer_expect(&peers[i], "hello");
	}
	peer_dial(&refused, server.port);
	peer_expect(&refused, "busy");
	assert_true(peer_at_end(&refused));
	peer_hang_up(&refused);
	peer_dial(&refused, server.tls_port);
	assert_false(peer_secure(&refused, NULL));
	peer_hang_up(&refused);
	assert_int_equal(base_metric_value(base_metrics_counter(server.metrics,
				 "troika_net_refused_total", "over=\"address\"", "")),
		2);
	peer_hang_up(&peers[0]);
	ECHO_UNTIL(net_session_count(server.net) == 2);
	peer_dial(&peers[0], server.port);
	peer_expect(&peers[0], "hello");

	for (size_t i = 0; i < 3; i++) {
		peer_say(&peers[i], "ACCOUNT anna");
		peer_expect(&peers[i], i < 2 ? "in" : "too many");
	}
	peer_say(&peers[0], "ACCOUNT boris");
	peer_expect(&peers[0], "in");
	peer_say(&peers[2], "ACCOUNT anna");
	peer_expect(&peers[2], "in");
	for (size_t i = 0; i < 3; i++)
		peer_hang_up(&peers[i]);
	ECHO_UNTIL(net_session_count(server.net) == 0);
	ECHO_UNTIL(net_budget_entries(server.net->budget) == 0);
	echo_stop(&server);
}

/* Lowers the limit so that `spare` more descriptors fit. */
static rlim_t
leave_descriptors(unsigned spare)
{
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	rlim_t before = limit.rlim_cur;
	int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
	close(next);
	limit.rlim_cur = (rlim_t)next + spare;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return before;
}

static void
answers_without_descriptors(void **state)
{
	(void)state;
	struct echo_server server;
	echo_start(&server, (struct net_settings){.workers = 2});
	struct peer served, refused, later;
	peer_dial(&served, server.port);
	peer_expect(&served, "hello");
	rlim_t before = leave_descriptors(1);
	for (int i = 0; i < 3; i++) {
		peer_dial(&refused, server.port);
		peer_expect(&refused, "busy");
		assert_true(peer_at_end(&refused));
		peer_hang_up(&refused);
	}
	peer_say(&served, "still served");
	peer_expect(&served, "still served");
	struct rlimit limit = {.rlim_cur = before, .rlim_max = before};
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = before;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	peer_dial(&later, server.port);
	peer_expect(&later, "hello");
	peer_hang_up(&later);
	peer_hang_up(&served);
	echo_stop(&server);
}

static void
refuses_errands_past_the_lane(void **state)
{
	(void)state;
	struct echo_server server;
	struct net_settings settings = {.workers = 2};
	settings.lane_threads[NET_LANE_DIRECTORY] = 1;
	settings.lane_queue[NET_LANE_DIRECTORY] = 1;
	echo_start(&server, settings);
	struct peer peers[6];
	for (size_t i = 0; i < 6; i++) {
		peer_dial(&peers[i], server.port);
		peer_expect(&peers[i], "hello");
		peer_say(&peers[i], "ERRAND 200");
	}
	/* A dead errand holds nobody else up. */
	peer_say(&peers[5], "still served");
	unsigned refused = 0;
	for (size_t i = 0; i < 6; i++)
		refused += slice_equal(peer_line(&peers[i]), SLICE("full"));
	assert_true(refused >= 3 && refused <= 5);
	peer_expect(&peers[5], "still served");
	for (size_t i = 0; i < 6; i++)
		peer_hang_up(&peers[i]);
	echo_stop(&server);
}

static void
note_release(void *argument)
{
	(*(atomic_int *)argument)++;
}

static enum base_failure
wait_for_stop(void *argument, struct arena *moved)
{
	(void)moved;
	while (!net_stopping(argument))
		echo_sleep_ms(1);
	return BASE_OK;
}

static void
cancels_errands_at_a_stop(void **state)
{
	(void)state;
	struct echo_server server;
	static atomic_int released;
	struct net_settings settings = {.workers = 2};
	settings.lane_threads[NET_LANE_HASH] = 1;
	echo_start(&server, settings);
	struct base_ticket *tickets[3];
	for (size_t i = 0; i < 3; i++) {
		struct arena *moved = arena_create(ARENA_NO_CEILING);
		arena_on_release(moved, note_release, &released);
		tickets[i] = net_errand(
			server.net, NET_LANE_HASH, wait_for_stop, server.net, moved);
		assert_non_null(tickets[i]);
	}
	struct base_metric *waiting = base_metrics_gauge(
		server.metrics, "troika_net_errands_waiting", "lane=\"hash\"", "");
	ECHO_UNTIL(base_metric_value(waiting) == 2);
	net_stop(server.net);
	for (size_t i = 0; i < 3; i++) {
		enum base_failure outcome = base_ticket_outcome(tickets[i]);
		assert_true(i > 0 || outcome == BASE_OK);
		assert_true(outcome == BASE_OK || outcome == BASE_CANCELLED);
		base_ticket_drop(tickets[i]);
	}
	assert_int_equal(released, 3);
	assert_null(net_errand(server.net, NET_LANE_HASH, wait_for_stop, server.net, NULL));
	echo_stop(&server);
}

static void
stops_gracefully(void **state)
{
	(void)state;
	struct echo_server server;
	echo_start(&server, (struct net_settings){.workers = 2, .stop_grace_ms = 1000});
	struct peer idle, under_way, stuck, silent, waiting;
	peer_dial(&idle, server.port);
	peer_expect(&idle, "hello");
	peer_dial(&under_way, server.tls_port);
	assert_true(peer_secure(&under_way, NULL));
	peer_expect(&under_way, "hello");
	peer_say(&under_way, "ERRAND 50");
	peer_dial(&stuck, server.port);
	peer_expect(&stuck, "hello");
	peer_say(&stuck, "DATA 10");
	peer_dial(&silent, server.tls_port);
	peer_dial(&waiting, server.port);
	peer_expect(&waiting, "hello");
	peer_say(&waiting, "WAIT");
	ECHO_UNTIL(server.waits == 1 && server.data == 1 && server.errands == 1);

	net_stop(server.net);
	peer_expect(&idle, "stopping");
	assert_true(peer_at_end(&idle));
	peer_expect(&under_way, "exists");
	peer_expect(&under_way, "stopping");
	peer_expect(&waiting, "stopping");
	assert_true(peer_at_end(&stuck)); /* its time was up */
	assert_int_equal(server.stoppings, 3);
	struct peer *all[] = {&idle, &under_way, &stuck, &silent, &waiting};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		peer_hang_up(all[i]);
	echo_stop(&server);
}

/* --- who has to go ----------------------------------------------------------------------
 */

static void
dismisses_the_sessions_of_an_account(void **state)
{
	(void)state;
	struct echo_server server;
	echo_start(&server, (struct net_settings){.workers = 2});
	struct peer idle, deaf, other;
	struct peer *all[] = {&idle, &deaf, &other};
	for (size_t i = 0; i < 3; i++) {
		peer_dial(all[i], server.port);
		peer_expect(all[i], "hello");
		peer_say(all[i], i < 2 ? "ACCOUNT anna" : "ACCOUNT boris");
		peer_expect(all[i], "in");
	}
	/* Not idle: in the middle of an answer that it doesn't read. */
	peer_say(&deaf, "MANY 100000");
	ECHO_UNTIL(net_unsent_bytes(&server.net->unsent) > 0);
	net_dismiss_account(server.net, SLICE("anna"));
	net_dismiss_account(server.net, SLICE("nobody"));
	peer_expect(&idle, "dismissed");
	assert_true(peer_at_end(&idle));
	peer_say(&other, "still here");
	peer_expect(&other, "still here");
	ECHO_UNTIL(server.closed == 1);
	echo_advance(&server, NET_DISMISS_MS + 1000);
	ECHO_UNTIL(server.closed == 2);
	peer_say(&other, "still here");
	peer_expect(&other, "still here");
	for (size_t i = 0; i < 3; i++)
		peer_hang_up(all[i]);
	echo_stop(&server);
}

/* Asks for so much that it stays unsent, and reads none of it. */
static void
dial_deaf(struct peer *peer, const struct echo_server *server)
{
	peer_dial(peer, server->port);
	peer_expect(peer, "hello");
	peer_say(peer, "MANY 100000");
}

static void
drops_what_nobody_reads(void **state)
{
	(void)state;
	struct echo_server server;
	echo_start(&server, (struct net_settings){.workers = 2});
	struct peer deaf, idle;
	peer_dial(&idle, server.port);
	peer_expect(&idle, "hello");
	/* Its want has no least rate, and the longest deadline. */
	dial_deaf(&deaf, &server);
	ECHO_UNTIL(net_unsent_bytes(&server.net->unsent) > 0);
	for (int i = 0; i < 3 && server.closed == 0; i++) {
		echo_advance(&server, NET_RATE_PERIOD_MS + 1000);
		for (int tries = 0; tries < 400 && server.closed == 0; tries++)
			echo_sleep_ms(5);
	}
	ECHO_UNTIL(server.closed == 1);
	ECHO_UNTIL(net_unsent_bytes(&server.net->unsent) == 0);
	peer_say(&idle, "nothing to read");
	peer_expect(&idle, "nothing to read");
	peer_hang_up(&deaf);
	peer_hang_up(&idle);
	echo_stop(&server);
}

static void
drops_the_deafest_past_the_ceiling(void **state)
{
	(void)state;
	enum { DEAF = 4, MOST = 2 * NET_OUTPUT_HIGH + NET_OUTPUT_HIGH / 2 };
	struct echo_server server;
	echo_start(&server, (struct net_settings){.workers = 2, .unread_most = MOST});
	struct peer deaf[DEAF];
	for (int i = 0; i < DEAF; i++) {
		dial_deaf(&deaf[i], &server);
		ECHO_UNTIL(server.closed == (i < 2 ? 0 : i - 1) &&
			   net_unsent_bytes(&server.net->unsent) >
				   (size_t)(i ? 1 : 0) * NET_OUTPUT_HIGH);
	}
	assert_true(net_unsent_bytes(&server.net->unsent) <= MOST);
	/* The last two are served when they read at last. */
	for (int i = DEAF - 2; i < DEAF; i++) {
		peer_expect(&deaf[i], "many");
		peer_swallow(&deaf[i], 100000 * 1024);
		peer_expect(&deaf[i], "");
		peer_say(&deaf[i], "still here");
		peer_expect(&deaf[i], "still here");
	}
	for (int i = 0; i < DEAF; i++)
		peer_hang_up(&deaf[i]);
	echo_stop(&server);
}

/* --- the log ----------------------------------------------------------------------------
 */

static int
open_log(struct base_log **log)
{
	int file = memfd_create("log", MFD_CLOEXEC);
	assert_true(file >= 0);
	*log = base_log_create(file, BASE_LOG_KEY_VALUE, BASE_LOG_INFO);
	return file;
}

/* How often a text stands in it. */
static unsigned
times_logged(int file, const char *text)
{
	static char all[64 * 1024];
	ssize_t got = pread(file, all, sizeof all - 1, 0);
	unsigned times = 0;
	assert_true(got >= 0);
	all[got] = '\0';
	for (const char *at = all; (at = strstr(at, text)); at++)
		times++;
	return times;
}

static void
tells_once_that_a_session_cant_be_watched(void **state)
{
	(void)state;
	struct echo_server server;
	struct base_log *log;
	int file = open_log(&log);
	echo_start(&server, (struct net_settings){.workers = 2, .log = log});
	/* epoll refuses what is no socket. */
	for (int i = 0; i < 3; i++) {
		struct net_listener_settings odd = {.name = "odd",
			.descriptor = memfd_create("odd", MFD_CLOEXEC),
			.implicit_tls = true,
			.protocol = &server.protocol,
			.owner = &server};
		assert_int_equal(net_adopt(server.net, &odd, NULL), BASE_OK);
	}
	ECHO_UNTIL(net_session_count(server.net) == 0);
	assert_int_equal(times_logged(file, "net.not-watched"), 1);
	assert_int_equal(times_logged(file, "listener=odd"), 1);
	assert_int_equal(times_logged(file, "Operation not permitted"), 1);
	echo_advance(&server, NET_ARM_LOG_MS + 1000);
	echo_stop(&server);
	base_log_destroy(log);
	close(file);
}

struct hanging {
	struct net *net;
	atomic_bool begun, let_go, ended;
};

static enum base_failure
hang(void *argument, struct arena *moved)
{
	struct hanging *hanging = argument;
	(void)moved;
	net_carries(hanging->net, "queue", SLICE("17"));
	atomic_store(&hanging->begun, true);
	while (!atomic_load(&hanging->let_go))
		echo_sleep_ms(1);
	atomic_store(&hanging->ended, true);
	return BASE_OK;
}

static void
says_what_a_stop_waited_for_in_vain(void **state)
{
	(void)state;
	struct echo_server server;
	struct base_log *log;
	struct hanging hanging = {0};
	int file = open_log(&log);
	struct net_blame *blame = net_blame_create();
	echo_start(&server, (struct net_settings){.workers = 2,
				    .log = log,
				    .blame = blame,
				    .stop_grace_ms = 100,
				    .stop_most_ms = 200});
	hanging.net = server.net;
	base_ticket_drop(net_errand(server.net, NET_LANE_STORAGE, hang, &hanging,
		arena_create(ARENA_NO_CEILING)));
	ECHO_UNTIL(atomic_load(&hanging.begun));
	assert_false(net_stop(server.net));
	assert_false(net_stop(server.net));
	assert_int_equal(times_logged(file, "net.errands-hang lane=storage errands=1"), 1);
	assert_int_equal(times_logged(file, "carried=\"queue 17\""), 1);
	net_destroy(server.net); /* leaves all to the errand */
	atomic_store(&hanging.let_go, true);
	ECHO_UNTIL(atomic_load(&hanging.ended));
	/* A process would end here; what is left is left. */
	static struct net *left;
	left = server.net;
	pthread_join(left->crews[NET_LANE_STORAGE].threads[0], NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_over_budget),
		cmocka_unit_test(answers_without_descriptors),
		cmocka_unit_test(refuses_errands_past_the_lane),
		cmocka_unit_test(cancels_errands_at_a_stop),
		cmocka_unit_test(stops_gracefully),
		cmocka_unit_test(dismisses_the_sessions_of_an_account),
		cmocka_unit_test(drops_what_nobody_reads),
		cmocka_unit_test(drops_the_deafest_past_the_ceiling),
		cmocka_unit_test(tells_once_that_a_session_cant_be_watched),
		cmocka_unit_test(says_what_a_stop_waited_for_in_vain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
