#include "base/test.h"
#include "net/rate.h"
#include "net/runtime.h"
#include "net/test-group.h"

/* Deadlines, least rates and jobs, on a clock that the test advances. */

static struct peer
peer_with(const char *setting)
{
	struct peer peer = greeted_peer();
	if (!setting)
		return peer;
	peer_say(&peer, setting);
	peer_expect(&peer, "ok");
	return peer;
}

static void
tells_who_is_too_late(void **state)
{
	(void)state;
	struct peer peer = peer_with(NULL);
	echo_advance(&server, 290000);
	echo_sleep_ms(30);
	peer_say(&peer, "in time");
	peer_expect(&peer, "in time");
	echo_advance(&server, 290000);
	echo_sleep_ms(30);
	assert_int_equal(server.deadlines, 0);
	echo_advance(&server, 11000);
	peer_expect(&peer, "too late");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
	ECHO_UNTIL(net_session_count(server.net) == 0);
}

static void
moves_deadlines_both_ways(void **state)
{
	(void)state;
	struct peer peer = peer_with("SHORT 600000");
	peer_say(&peer, "SHORT 60");
	peer_expect(&peer, "ok");
	peer_expect(&peer, "too late"); /* by the real clock */
	peer_hang_up(&peer);
}

static void
judges_a_slow_sender(void **state)
{
	(void)state;
	struct peer peer = peer_with("SLOW");
	int before = server.deadlines;
	echo_advance(&server, 60000); /* nothing was begun: no hurry */
	echo_sleep_ms(30);
	assert_int_equal(server.deadlines, before);
	peer_send(&peer, SLICE("a"));
	echo_sleep_ms(50);
	for (int i = 0; i < 9; i++) {
		echo_advance(&server, NET_RATE_PERIOD_MS / 10);
		peer_send(&peer, SLICE("b"));
		echo_sleep_ms(5);
	}
	assert_int_equal(server.deadlines, before);
	/* A period more than one, should the first octet have been taken late. */
	for (int i = 0; i < 11 && server.deadlines == before; i++) {
		echo_advance(&server, NET_RATE_PERIOD_MS / 10 + 500);
		for (int tries = 0; tries < 100 && server.deadlines == before; tries++)
			echo_sleep_ms(1);
	}
	peer_expect(&peer, "too late");
	peer_hang_up(&peer);
}

static void
spares_who_is_fast_enough(void **state)
{
	(void)state;
	/* Its deadline is for silence: data may come for much longer. */
	struct peer peer = peer_with("SLOW");
	int before = server.deadlines;
	peer_say(&peer, "SHORT 5000");
	peer_expect(&peer, "ok");
	peer_say(&peer, "DATA 36000");
	char block[200];
	memset(block, 1, sizeof block);
	for (int i = 0; i < 180; i++) {
		size_t taken = server.octets;
		peer_send(&peer, slice_of(block, sizeof block));
		ECHO_UNTIL(server.octets == taken + sizeof block);
		echo_advance(&server, NET_RATE_PERIOD_MS / 60);
	}
	peer_expect(&peer, "sum 36000");
	assert_int_equal(server.deadlines, before);
	peer_hang_up(&peer);
}

/* The kernel may take a last few bytes now, and the time begins anew. */
static void
end_what_does_not_move(void)
{
	for (int i = 0; i < 5 && net_session_count(server.net) == 1; i++) {
		echo_advance(&server, NET_STALL_MS + 1000);
		for (int tries = 0; tries < 500 && net_session_count(server.net) == 1;
			tries++)
			echo_sleep_ms(1);
	}
	ECHO_UNTIL(net_session_count(server.net) == 0);
}

static void
judges_a_reader_that_never_reads(void **state)
{
	(void)state;
	struct peer peer = peer_with("SLOW");
	int before = server.deadlines;
	peer_say(&peer, "BIG 100000000");
	ECHO_UNTIL(net_unsent_bytes(&server.net->unsent) > 0);
	/* A last word would not get through either. */
	end_what_does_not_move();
	assert_int_equal(server.deadlines, before);
	assert_int_equal(server.sources_open, 0);
	peer_hang_up(&peer);
}

static void
ends_output_without_progress(void **state)
{
	(void)state;
	struct peer peer = peer_with(NULL);
	peer_say(&peer, "MANY 100000");
	ECHO_UNTIL(net_unsent_bytes(&server.net->unsent) > 0);
	echo_advance(&server, NET_RATE_PERIOD_MS - 5000);
	echo_sleep_ms(30);
	assert_int_equal(net_session_count(server.net), 1);
	end_what_does_not_move();
	peer_hang_up(&peer);
}

static void
bounds_handshakes(void **state)
{
	(void)state;
	struct peer silent, stuck, starttls;
	peer_dial(&silent, server.tls_port);
	peer_dial(&stuck, server.tls_port);
	peer_send(&stuck, SLICE("\x16\x03\x01"));
	starttls = peer_with(NULL);
	peer_say(&starttls, "STARTTLS");
	peer_expect(&starttls, "go");
	ECHO_UNTIL(net_session_count(server.net) == 3);
	echo_advance(&server, NET_HANDSHAKE_MS + 100);
	ECHO_UNTIL(net_session_count(server.net) == 0);
	peer_hang_up(&silent);
	peer_hang_up(&stuck);
	peer_hang_up(&starttls);
}

static void
bounds_the_wait_for_the_peers_end(void **state)
{
	(void)state;
	struct peer peer = peer_with(NULL);
	peer_say(&peer, "QUIT");
	peer_expect(&peer, "QUIT");
	assert_true(peer_at_end(&peer));
	assert_int_equal(net_session_count(server.net), 1);
	echo_advance(&server, NET_LINGER_MS + 100);
	ECHO_UNTIL(net_session_count(server.net) == 0);
	peer_hang_up(&peer);
}

/* A loaded machine may be slow once, but not each time. */
static void
does_not_wait_for_who_takes_its_leave(void **state)
{
	(void)state;
	bool sooner = false;
	for (int i = 0; i < 20 && !sooner; i++) {
		struct peer peer = peer_with(NULL);
		uint64_t began = base_clock_steady_ms(server.clock);
		peer_say(&peer, "LEAVE");
		peer_expect(&peer, "LEAVE");
		assert_true(peer_at_end(&peer));
		ECHO_UNTIL(net_session_count(server.net) == 0);
		sooner = base_clock_steady_ms(server.clock) < began + NET_LINGER_MS;
		peer_hang_up(&peer);
	}
	assert_true(sooner);
}

static void
count_up(void *argument)
{
	(*(atomic_int *)argument)++;
}

static void
runs_jobs(void **state)
{
	(void)state;
	static atomic_int hourly, often;
	net_every(server.net, 3600000, count_up, &hourly);
	net_every(server.net, 5, count_up, &often);
	ECHO_UNTIL(often > 3);
	assert_int_equal(hourly, 0);
	echo_advance(&server, 3600000);
	ECHO_UNTIL(hourly == 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_who_is_too_late),
		cmocka_unit_test(moves_deadlines_both_ways),
		cmocka_unit_test(judges_a_slow_sender),
		cmocka_unit_test(spares_who_is_fast_enough),
		cmocka_unit_test(judges_a_reader_that_never_reads),
		cmocka_unit_test(ends_output_without_progress),
		cmocka_unit_test(bounds_handshakes),
		cmocka_unit_test(bounds_the_wait_for_the_peers_end),
		cmocka_unit_test(does_not_wait_for_who_takes_its_leave),
		cmocka_unit_test(runs_jobs),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
