#include "base/test.h"
#include "net/test-echo.h"

static void
echoes_lines(void **state)
{
	(void)state;
	struct echo_server server;
	echo_start(&server, (struct net_settings){0});
	struct peer peer;
	peer_dial(&peer, server.port);
	peer_expect(&peer, "hello");
	peer_say(&peer, "one");
	peer_expect(&peer, "one");
	peer_say(&peer, "two");
	peer_expect(&peer, "two");
	peer_say(&peer, "QUIT");
	peer_expect(&peer, "QUIT");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
	echo_stop(&server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echoes_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
