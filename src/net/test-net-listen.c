#include "base/test.h"
#include "net/test-group.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* Listeners that go and come while the server runs, and sockets that nobody accepted. */

static struct net_listener_settings
more_settings(int descriptor)
{
	return (struct net_listener_settings){.name = "more",
		.descriptor = descriptor,
		.protocol = &server.protocol,
		.owner = &server};
}

/* As the parent does, the test keeps a copy of the socket: the port must close none the
 * less. */
static int
listen_more(uint16_t *port, int *kept)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	struct sockaddr *any = (struct sockaddr *)(void *)&address;
	int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(descriptor, any, length), 0);
	assert_int_equal(listen(descriptor, 16), 0);
	assert_int_equal(getsockname(descriptor, any, &length), 0);
	*port = ntohs(address.sin_port);
	*kept = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
	struct net_listener_settings settings = more_settings(descriptor);
	assert_int_equal(net_listen(server.net, &settings, NULL), BASE_OK);
	return descriptor;
}

static bool
is_refused(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(port)};
	SCOPED(scoped_close) int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return connect(s, (struct sockaddr *)(void *)&address, sizeof address) != 0;
}

static void
closes_a_port_and_keeps_its_sessions(void **state)
{
	(void)state;
	uint16_t port;
	int kept;
	struct peer peer;
	int descriptor = listen_more(&port, &kept);
	peer_dial(&peer, port);
	peer_expect(&peer, "hello");
	assert_true(net_unlisten(server.net, descriptor));
	assert_false(net_unlisten(server.net, descriptor));
	close(kept);
	assert_true(is_refused(port));
	peer_say(&peer, "still here");
	peer_expect(&peer, "still here");
	peer_hang_up(&peer);
}

/* More often than there are places for listeners. */
static void
comes_and_goes_without_end(void **state)
{
	(void)state;
	for (int i = 0; i < 500; i++) {
		uint16_t port;
		int kept, descriptor = listen_more(&port, &kept);
		close(kept);
		if (i % 100 == 0) {
			struct peer peer;
			peer_dial(&peer, port);
			peer_expect(&peer, "hello");
			peer_hang_up(&peer);
		}
		assert_true(net_unlisten(server.net, descriptor));
	}
}

static void
adopts_a_connected_socket(void **state)
{
	(void)state;
	int pair[2];
	struct peer peer = {.got = buffer_with(64 * 1024)};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	struct net_listener_settings settings = more_settings(pair[0]);
	assert_int_equal(net_adopt(server.net, &settings, NULL), BASE_OK);
	peer.descriptor = pair[1];
	peer_expect(&peer, "hello");
	peer_say(&peer, "over a pair");
	peer_expect(&peer, "over a pair");
	peer_hang_up(&peer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closes_a_port_and_keeps_its_sessions),
		cmocka_unit_test(comes_and_goes_without_end),
		cmocka_unit_test(adopts_a_connected_socket),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
