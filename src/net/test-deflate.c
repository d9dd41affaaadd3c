#include "base/test.h"
#include "net/deflate.h"
#include "net/test-group.h"
#include <pthread.h>

/* COMPRESS=DEFLATE (RFC 4978) under the echo protocol. */

static struct peer
compressed_peer(bool tls)
{
	struct peer peer;
	peer_dial(&peer, tls ? server.tls_port : server.port);
	if (tls)
		assert_true(peer_secure(&peer, "echo.test"));
	peer_expect(&peer, "hello");
	peer_say(&peer, "COMPRESS");
	peer_expect(&peer, "go");
	peer_compress(&peer);
	return peer;
}

/* Each answer ends in a flush, and a compressor begun anew goes on where the last ended. */
static void
answers_each_line_whole(void **state)
{
	(void)state;
	for (int tls = 0; tls < 2; tls++) {
		struct peer peer = compressed_peer(tls);
		for (int i = 0; i < 300; i++) {
			char line[64];
			snprintf(line, sizeof line, "the line that has number %d", i);
			peer_say(&peer, line);
			peer_expect(&peer, line);
		}
		peer_say(&peer, "QUIT");
		peer_expect(&peer, "QUIT");
		assert_true(peer_at_end(&peer));
		peer_hang_up(&peer);
	}
}

static void *
say_many(void *argument)
{
	struct peer *peer = argument;
	for (int i = 0; i < 5000; i++) {
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
	struct peer peer = compressed_peer(true);
	static char lines[200 * 1024];
	size_t length = 0;
	for (int i = 0; i < 5000; i++)
		length += (size_t)snprintf(lines + length, sizeof lines - length,
			i % 100 ? "line %d\r\n" : "DONE %d\r\n", i);
	peer_send(&peer, slice_of(lines, length));
	for (int i = 0; i < 5000; i++) {
		char line[32];
		snprintf(line, sizeof line, i % 100 ? "line %d" : "quota", i);
		peer_expect(&peer, line);
	}
	peer_hang_up(&peer);
}

static void
takes_from_who_reads_later(void **state)
{
	(void)state;
	struct peer peer = compressed_peer(false);
	pthread_t sender;
	assert_int_equal(pthread_create(&sender, NULL, say_many, &peer), 0);
	pthread_join(sender, NULL);
	for (int i = 0; i < 5000; i++) {
		char line[32];
		snprintf(line, sizeof line, i % 100 ? "line %d" : "quota", i);
		peer_expect(&peer, line);
	}
	peer_hang_up(&peer);
}

static void
moves_bulk_both_ways(void **state)
{
	(void)state;
	static char block[1024 * 1024];
	uint32_t random = 1;
	uint64_t sum = 0;
	for (size_t i = 0; i < sizeof block; i++) {
		random = random * 1664525 + 1013904223;
		block[i] = (char)(random >> 24);
		sum += (uint8_t)block[i];
	}
	struct peer peer = compressed_peer(true);
	peer_say(&peer, "DATA 4194304");
	for (int i = 0; i < 4; i++)
		peer_send(&peer, slice_of(block, sizeof block));
	char line[64];
	snprintf(line, sizeof line, "sum %llu", (unsigned long long)(4 * sum));
	peer_expect(&peer, line);
	peer_say(&peer, "BIG 20000000");
	echo_sleep_ms(50);
	peer_swallow(&peer, 20000000);
	peer_expect(&peer, "ok");
	peer_say(&peer, "DRAIN");
	peer_swallow(&peer, 1024 * 1024);
	peer_expect(&peer, "drained");
	peer_hang_up(&peer);
}

/* What is read on the same machine, and much of it, is no longer compressed. */
static void
spares_a_near_peer(void **state)
{
	(void)state;
	struct peer peer = compressed_peer(false);
	uLong before = peer.in->total_in;
	peer_say(&peer, "BIG 900000");
	peer_swallow(&peer, 900000);
	peer_expect(&peer, "ok");
	assert_true(peer.in->total_in - before < 900000 / 4 * 3);
	before = peer.in->total_in;
	peer_say(&peer, "BIG 20000000");
	peer_swallow(&peer, 20000000);
	peer_expect(&peer, "ok");
	assert_true(peer.in->total_in - before > 20000000 / 4 * 3);
	peer_hang_up(&peer);
}

/* A thousandfold: 64 MiB in 64 KiB. It is taken in slices; memory stays as it was. */
static void
meets_a_bomb_with_the_usual_ceilings(void **state)
{
	(void)state;
	static char zeroes[1024 * 1024];
	struct peer peer = compressed_peer(false);
	peer_say(&peer, "DATA 67108864");
	for (int i = 0; i < 64; i++)
		peer_send(&peer, slice_of(zeroes, sizeof zeroes));
	peer_expect(&peer, "sum 0");
	peer_say(&peer, "MEMORY");
	assert_true(strtol(peer_line(&peer).data, NULL, 10) < 128 * 1024);
	/* A line that never ends is refused as it would be in the clear. */
	peer_send(&peer, slice_of(zeroes, sizeof zeroes));
	peer_say(&peer, "");
	peer_line(&peer);
	peer_hang_up(&peer);
}

static void
ends_at_nonsense(void **state)
{
	(void)state;
	struct peer peer;
	peer_dial(&peer, server.port);
	peer_expect(&peer, "hello");
	peer_say(&peer, "COMPRESS");
	peer_expect(&peer, "go");
	peer_send(&peer, SLICE("\x07plain words\r\n"));
	char byte;
	assert_true(recv(peer.descriptor, &byte, 1, 0) <= 0);
	peer_hang_up(&peer);
	ECHO_UNTIL(net_session_count(server.net) == 0);
}

/* Blocks that inflate to nothing, without end, don't keep a worker for themselves. */
static void
yields_where_nothing_comes_out(void **state)
{
	(void)state;
	static char blocks[5 * 100000];
	for (size_t i = 0; i < sizeof blocks; i++)
		blocks[i] = i % 5 < 3 ? '\0' : '\xff';
	struct peer peer = compressed_peer(false), other = compressed_peer(false);
	z_stream *out = peer.out;
	peer.out = NULL;
	peer_send(&peer, slice_of(blocks, sizeof blocks));
	peer_say(&other, "other");
	peer_expect(&other, "other");
	peer.out = out;
	peer_say(&peer, "still there");
	peer_expect(&peer, "still there");
	peer_hang_up(&peer);
	peer_hang_up(&other);
}

static void
parks_small(void **state)
{
	(void)state;
	struct peer peer = compressed_peer(true);
	peer_say(&peer, "some words");
	peer_expect(&peer, "some words");
	long held = LONG_MAX;
	for (int i = 0; i < 1000 && held > NET_DEFLATE_PARKED_MOST; i++) {
		echo_sleep_ms(1);
		/* Measured before its own answer is compressed. */
		peer_say(&peer, "MEMORY");
		held = strtol(peer_line(&peer).data, NULL, 10);
	}
	assert_true(held > 32 * 1024);
	assert_true(held <= NET_DEFLATE_PARKED_MOST);
	peer_hang_up(&peer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_each_line_whole),
		cmocka_unit_test(answers_a_pipeline_in_order),
		cmocka_unit_test(takes_from_who_reads_later),
		cmocka_unit_test(moves_bulk_both_ways),
		cmocka_unit_test(spares_a_near_peer),
		cmocka_unit_test(meets_a_bomb_with_the_usual_ceilings),
		cmocka_unit_test(ends_at_nonsense),
		cmocka_unit_test(yields_where_nothing_comes_out),
		cmocka_unit_test(parks_small),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
