#include "net/test-group.h"
#include "base/test.h"

struct echo_server server;

int
start(void **state)
{
	(void)state;
	echo_start(&server, (struct net_settings){.workers = 4});
	return 0;
}

int
stop(void **state)
{
	(void)state;
	echo_stop(&server);
	return 0;
}

struct peer
greeted_peer(void)
{
	struct peer peer;
	peer_dial(&peer, server.port);
	peer_expect(&peer, "hello");
	return peer;
}

struct peer
secured_peer(void)
{
	struct peer peer;
	peer_dial(&peer, server.tls_port);
	assert_true(peer_secure(&peer, "echo.test"));
	peer_expect(&peer, "hello");
	return peer;
}
