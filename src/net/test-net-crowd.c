#include "base/test.h"
#include "net/test-echo.h"
#include <pthread.h>

/* Many peers at once, on few workers and under a blame page; plain and under TLS. */

#define CROWD  16
#define ROUNDS 150

struct member {
	struct echo_server *server;
	bool tls;
	unsigned seed;
};

static void
chat_once(struct peer *peer, unsigned what)
{
	switch (what % 4) {
	case 0:
		peer_say(peer, "ERRAND 0");
		peer_expect(peer, "exists");
		break;
	case 1:
		peer_send(peer, SLICE("DATA 4\r\n\x01\x02\x03\x04next\r\n"));
		peer_expect(peer, "sum 10");
		peer_expect(peer, "next");
		break;
	case 2:
		peer_say(peer, "BIG 100000");
		peer_swallow(peer, 100000);
		peer_expect(peer, "ok");
		break;
	default:
		peer_say(peer, "MANY 300");
		peer_expect(peer, "many");
		peer_swallow(peer, 300 * 1024);
		peer_expect(peer, "");
	}
}

static void *
chat(void *argument)
{
	struct member *member = argument;
	struct peer peer;
	peer_dial(&peer, member->tls ? member->server->tls_port : member->server->port);
	if (member->tls && !peer_secure(&peer, NULL))
		abort();
	peer_expect(&peer, "hello");
	for (int i = 0; i < ROUNDS; i++) {
		member->seed = member->seed * 1103515245 + 12345;
		chat_once(&peer, member->seed >> 16);
	}
	peer_hang_up(&peer);
	return NULL;
}

static void
serve(bool tls)
{
	struct echo_server server;
	struct net_blame *blame = net_blame_create();
	echo_start(&server, (struct net_settings){.workers = 4, .blame = blame});
	pthread_t threads[CROWD];
	struct member members[CROWD];
	for (unsigned i = 0; i < CROWD; i++) {
		members[i] = (struct member){.server = &server, .tls = tls, .seed = i + 1};
		assert_int_equal(pthread_create(&threads[i], NULL, chat, &members[i]), 0);
	}
	for (unsigned i = 0; i < CROWD; i++)
		pthread_join(threads[i], NULL);
	ECHO_UNTIL(net_session_count(server.net) == 0);
	echo_stop(&server);
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	assert_slice_is(net_blame_carried(blame, 10, arena), "");
	arena_destroy(arena);
	net_blame_destroy(blame);
}

static void
serves_a_plain_crowd(void **state)
{
	(void)state;
	serve(false);
}

static void
serves_a_crowd_under_tls(void **state)
{
	(void)state;
	serve(true);
}

static void
names_the_session_in_hand(void **state)
{
	(void)state;
	struct echo_server server;
	struct net_blame *blame = net_blame_create();
	echo_start(&server, (struct net_settings){.workers = 1, .blame = blame});
	struct peer one, two;
	peer_dial(&one, server.port);
	peer_expect(&one, "hello");
	peer_dial(&two, server.port);
	peer_expect(&two, "hello");
	peer_say(&two, "CARRIED");
	peer_expect(&two, "session echo 2");
	peer_say(&one, "CARRIED");
	peer_expect(&one, "session echo 1");
	peer_hang_up(&one);
	peer_hang_up(&two);
	echo_stop(&server);
	net_blame_destroy(blame);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(serves_a_plain_crowd),
		cmocka_unit_test(serves_a_crowd_under_tls),
		cmocka_unit_test(names_the_session_in_hand),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
