#include "net/listen-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static enum base_failure
bind_failed(const struct net_address *address, int error_number, struct base_error *error)
{
	char text[NET_ADDRESS_TEXT_MOST];
	struct slice host = net_address_text(address, text);
	unsigned port = net_address_port(address);

	switch (error_number) {
	case EADDRINUSE:
		return base_fail(error, BASE_EXISTS,
			"port %u is in use by another program at %.*s; "
			"\"ss -ltnp 'sport = :%u'\" names it",
			port, SLICE_ARG(host), port);
	case EACCES:
	case EPERM:
		return base_fail(error, BASE_DENIED,
			"port %u needs root: start as root, or choose a port above 1023",
			port);
	case EADDRNOTAVAIL:
		return base_fail(error, BASE_NOT_FOUND,
			"%.*s is no address of this machine; \"ip address\" lists them",
			SLICE_ARG(host));
	case EAFNOSUPPORT:
		return base_fail(error, BASE_NOT_FOUND,
			"this machine has no IPv%d (for %.*s)",
			net_address_is_v6(address) ? 6 : 4, SLICE_ARG(host));
	default:
		return base_fail(error, base_failure_of_errno(error_number),
			"can't listen at %.*s, port %u: %s", SLICE_ARG(host), port,
			strerrordesc_np(error_number));
	}
}

static bool
prepare(int descriptor, const struct net_address *address)
{
	int on = 1;

	if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
		return false;
	return !net_address_is_v6(address) ||
	       setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
}

enum base_failure
net_listen_socket(
	const struct net_address *address, int *descriptor, struct base_error *error)
{
	SCOPED(scoped_close)
	int s = socket(address->storage.ss_family,
		SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);

	*descriptor = -1;
	if (s < 0 || !prepare(s, address) ||
		bind(s, (const struct sockaddr *)&address->storage, address->length) != 0 ||
		listen(s, NET_LISTEN_BACKLOG) != 0)
		return bind_failed(address, errno, error);
	*descriptor = s;
	s = -1;
	return BASE_OK;
}

static bool
listens_at(int descriptor, const struct net_address *wanted)
{
	struct net_address found = {.length = sizeof found.storage};
	char text[2][NET_ADDRESS_TEXT_MOST];

	if (sd_is_socket_inet(descriptor, 0, SOCK_STREAM, 1, net_address_port(wanted)) <=
			0 ||
		getsockname(descriptor, (struct sockaddr *)&found.storage, &found.length) !=
			0)
		return false;
	return slice_equal(
		net_address_text(&found, text[0]), net_address_text(wanted, text[1]));
}

int
net_listen_inherited(const struct net_address *address)
{
	int count = sd_listen_fds(0);

	for (int i = 0; i < count; i++) {
		int s = SD_LISTEN_FDS_START + i;
		if (!listens_at(s, address))
			continue;
		/* The copy is ours; the original stays, so the list is found again. */
		int copy = fcntl(s, F_DUPFD_CLOEXEC, SD_LISTEN_FDS_START + count);
		if (copy >= 0)
			(void)fcntl(copy, F_SETFL, O_NONBLOCK);
		return copy;
	}
	return -1;
}
