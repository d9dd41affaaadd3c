#include "base/test.h"
#include "net/test-group.h"
#include <pthread.h>

/* The dialogue: takers, output, tickets, wakes, half-closed connections; no TLS. */

static void
says_good_bye(void **state)
{
	(void)state;
	struct peer peer = greeted_peer();
	peer_say(&peer, "one");
	peer_expect(&peer, "one");
	peer_say(&peer, "QUIT");
	peer_expect(&peer, "QUIT");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
	ECHO_UNTIL(net_session_count(server.net) == 0);
	assert_int_equal(server.closed, 1);
}

/* 20,000 lines in one go; the answers are read only afterwards. */
static void *
say_many(void *argument)
{
	struct peer *peer = argument;
	for (int i = 0; i < 20000; i++) {
		char line[32];
		snprintf(line, sizeof line, i % 100 ? "line %d" : "DONE %d", i);
		peer_say(peer, line);
	}
	return NULL;
}

static void
answers_a_pipeline_in_order(void **state)
{
	(void)state;
	struct peer peer = greeted_peer();
	pthread_t sender;
	assert_int_equal(pthread_create(&sender, NULL, say_many, &peer), 0);
	for (int i = 0; i < 20000; i++) {
		char line[32];
		snprintf(line, sizeof line, i % 100 ? "line %d" : "quota", i);
		peer_expect(&peer, line);
	}
	pthread_join(sender, NULL);
	peer_hang_up(&peer);
}

static void
takes_octets_and_lines_in_pieces(void **state)
{
	(void)state;
	struct peer peer = greeted_peer();
	peer_send(&peer, SLICE("DATA 3\r\nabcDATA 0\r\nDA"));
	peer_expect(&peer, "sum 294");
	peer_expect(&peer, "sum 0");
	for (const char *at = "TA 5\r\n\x01\x01\x01\x01\x01x\r\n"; *at; at++)
		peer_send(&peer, slice_of(at, 1));
	peer_expect(&peer, "sum 5");
	peer_expect(&peer, "x");
	peer_hang_up(&peer);
}

static void
takes_a_large_upload(void **state)
{
	(void)state;
	struct peer peer = greeted_peer();
	static char block[1024 * 1024];
	memset(block, 1, sizeof block);
	peer_say(&peer, "DATA 33554432");
	for (int i = 0; i < 32; i++)
		peer_send(&peer, slice_of(block, sizeof block));
	peer_expect(&peer, "sum 33554432");
	peer_hang_up(&peer);
}

static void
sends_a_source_to_a_slow_reader(void **state)
{
	(void)state;
	struct peer peer = greeted_peer();
	peer_send(&peer, SLICE("BIG 20000000\r\nBIG 100\r\nlast\r\n"));
	for (int i = 0; i < 20; i++) {
		echo_sleep_ms(2);
		peer_swallow(&peer, 1000000);
	}
	peer_expect(&peer, "ok");
	peer_swallow(&peer, 100);
	peer_expect(&peer, "ok");
	peer_expect(&peer, "last");
	assert_int_equal(server.sources_open, 0);
	peer_hang_up(&peer);
}

static void
fills_and_drains_by_turns(void **state)
{
	(void)state;
	struct peer peer = greeted_peer();
	peer_say(&peer, "MANY 10000");
	peer_expect(&peer, "many");
	echo_sleep_ms(20);
	peer_swallow(&peer, 10000 * 1024);
	peer_expect(&peer, "");
	peer_say(&peer, "DRAIN");
	peer_swallow(&peer, 1024 * 1024);
	peer_expect(&peer, "drained");
	peer_hang_up(&peer);
}

static void
waits_for_tickets(void **state)
{
	(void)state;
	struct peer peer = greeted_peer();
	peer_send(&peer, SLICE("one\r\nERRAND 30\r\ntwo\r\nDONE\r\nERRAND 0\r\nthree\r\n"));
	static const char *const answers[] = {
		"one", "exists", "two", "quota", "exists", "three"};
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		peer_expect(&peer, answers[i]);
	peer_hang_up(&peer);
}

static void *
wake_often(void *argument)
{
	(void)argument;
	for (int i = 0; i < 1000; i++)
		echo_wake(&server, 1u << (i % 16));
	return NULL;
}

static void
is_woken_from_threads(void **state)
{
	(void)state;
	struct peer peer = greeted_peer();
	int before = server.waits;
	peer_say(&peer, "WAIT");
	ECHO_UNTIL(server.waits > before);
	echo_wake(&server, 5);
	peer_expect(&peer, "woken 5");

	pthread_t threads[3];
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, wake_often, NULL), 0);
	unsigned seen = 0;
	while (seen != 0xffff) {
		uint32_t bits;
		struct slice line = peer_line(&peer);
		assert_true(slice_starts(line, SLICE("woken ")));
		assert_true(slice_to_u32(slice_from(line, 6), &bits));
		seen |= bits;
	}
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	peer_hang_up(&peer);
	ECHO_UNTIL(net_session_count(server.net) == 0);
	echo_wake(&server, 1); /* a session that is gone */
}

static void
keeps_wakes_for_later(void **state)
{
	(void)state;
	struct peer peer = greeted_peer();
	int before = server.waits;
	peer_say(&peer, "WAIT");
	ECHO_UNTIL(server.waits > before);
	peer_send(&peer, SLICE("ERRAND 50\r\nWAIT\r\n"));
	echo_sleep_ms(10);
	echo_wake(&server, 8);
	struct slice first = peer_line(&peer);
	/* The wake came before or during the errand. */
	if (slice_equal(first, SLICE("woken 8")))
		peer_expect(&peer, "exists");
	else
		peer_expect(&peer, "woken 8");
	peer_hang_up(&peer);
}

static void
answers_a_peer_that_closed_its_half(void **state)
{
	(void)state;
	struct peer peer = greeted_peer();
	int before = server.ended;
	peer_send(&peer, SLICE("BIG 3000000\r\nERRAND 20\r\nhalf a li"));
	peer_half_close(&peer);
	peer_swallow(&peer, 3000000);
	peer_expect(&peer, "ok");
	peer_expect(&peer, "exists");
	peer_expect(&peer, "ended");
	assert_true(peer_at_end(&peer));
	/* Peers of the tests before may be ending only now. */
	assert_true(server.ended > before);
	peer_hang_up(&peer);
}

static void
hears_who_speaks_first(void **state)
{
	(void)state;
	struct echo_server slow;
	struct peer early, polite;
	echo_create(&slow, (struct net_settings){.workers = 2});
	peer_dial(&early, slow.port);
	peer_say(&early, "early bird");
	peer_dial(&polite, slow.port);
	echo_go(&slow);
	peer_expect(&early, "early");
	peer_expect(&early, "early bird");
	peer_expect(&polite, "hello");
	peer_hang_up(&early);
	peer_hang_up(&polite);
	echo_stop(&slow);
}

static void
outlives_peers_that_vanish(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		struct peer peer = greeted_peer();
		struct linger hard = {.l_onoff = 1};
		setsockopt(peer.descriptor, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
		peer_send(&peer, i % 2 ? SLICE("ERRAND 5\r\nBIG 9000000\r\nx")
				       : SLICE("MANY 5000\r\n"));
		if (i % 3)
			echo_sleep_ms(1);
		peer_hang_up(&peer);
	}
	ECHO_UNTIL(net_session_count(server.net) == 0);
	assert_int_equal(server.greeted, server.closed);
	assert_int_equal(server.sources_open, 0);
}

/* The server's last word must not be lost because it closed on unread input. */
static void
lets_the_peer_read_the_last_word(void **state)
{
	(void)state;
	static char junk[2 * 1024 * 1024];
	memset(junk, 'j', sizeof junk);
	struct peer peer = greeted_peer();
	peer_say(&peer, "QUIT");
	send(peer.descriptor, junk, sizeof junk, MSG_NOSIGNAL);
	peer_expect(&peer, "QUIT");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_good_bye),
		cmocka_unit_test(answers_a_pipeline_in_order),
		cmocka_unit_test(takes_octets_and_lines_in_pieces),
		cmocka_unit_test(takes_a_large_upload),
		cmocka_unit_test(sends_a_source_to_a_slow_reader),
		cmocka_unit_test(fills_and_drains_by_turns),
		cmocka_unit_test(waits_for_tickets),
		cmocka_unit_test(is_woken_from_threads),
		cmocka_unit_test(keeps_wakes_for_later),
		cmocka_unit_test(answers_a_peer_that_closed_its_half),
		cmocka_unit_test(hears_who_speaks_first),
		cmocka_unit_test(outlives_peers_that_vanish),
		cmocka_unit_test(lets_the_peer_read_the_last_word),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
