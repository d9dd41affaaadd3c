#include "net/transport.h"
#include "net/deflate.h"
#include "net/session.h"
#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>

static enum net_moved
plain_read(struct net_session *session, char *into, size_t room, size_t *got)
{
	ssize_t count = recv(session->descriptor, into, room, MSG_DONTWAIT);
	if (count < 0 && errno != EAGAIN)
		return NET_BROKEN;
	session->ended = count == 0;
	/* Less than there was room for: the kernel has no more, or epoll tells us. */
	session->readable = count > 0 && (size_t)count == room;
	if (count <= 0)
		return NET_STUCK;
	*got = (size_t)count;
	return NET_MOVED;
}

static enum net_moved
tls_read(struct net_session *session, char *into, size_t room, size_t *got)
{
	ERR_clear_error();
	if (SSL_read_ex(session->ssl, into, room, got) == 1) {
		/* A short record with nothing behind it: leave the rest to epoll. */
		session->readable = *got >= SSL3_RT_MAX_PLAIN_LENGTH / 4;
		return NET_MOVED;
	}
	session->readable = false;
	switch (SSL_get_error(session->ssl, 0)) {
	case SSL_ERROR_WANT_READ:
		return NET_STUCK;
	case SSL_ERROR_WANT_WRITE:
		session->ssl_reads_want_room = true;
		return NET_STUCK;
	case SSL_ERROR_ZERO_RETURN:
		session->ended = true;
		return NET_STUCK;
	default:
		return NET_BROKEN;
	}
}

enum net_moved
net_transport_receive(struct net_session *session, char *into, size_t room, size_t *got)
{
	*got = 0;
	enum net_moved moved = session->secured ? tls_read(session, into, room, got)
						: plain_read(session, into, room, got);
	session->broken |= moved == NET_BROKEN;
	return moved;
}

enum net_moved
net_transport_read(struct net_session *session, char *into, size_t room, size_t *got)
{
	*got = 0;
	if (!session->deflate)
		return net_transport_receive(session, into, room, got);
	enum net_moved moved = net_deflate_read(session, into, room, got);
	session->broken |= moved == NET_BROKEN;
	return moved;
}

bool
net_transport_readable(const struct net_session *session)
{
	if (net_deflate_has_input(session->deflate))
		return true;
	if (session->ended)
		return false;
	return session->readable || (session->secured && SSL_has_pending(session->ssl));
}

static enum net_moved
plain_write(struct net_session *session, struct slice s, size_t *sent)
{
	while (*sent < s.length) {
		ssize_t count = send(session->descriptor, s.data + *sent, s.length - *sent,
			MSG_DONTWAIT | MSG_NOSIGNAL);
		if (count < 0)
			return errno == EAGAIN ? NET_STUCK : NET_BROKEN;
		*sent += (size_t)count;
	}
	return NET_MOVED;
}

static enum net_moved
tls_write(struct net_session *session, struct slice s, size_t *sent)
{
	while (*sent < s.length) {
		size_t count = 0;
		ERR_clear_error();
		if (SSL_write_ex(session->ssl, s.data + *sent, s.length - *sent, &count) ==
			1) {
			*sent += count;
			continue;
		}
		return SSL_get_error(session->ssl, 0) == SSL_ERROR_WANT_WRITE ? NET_STUCK
									      : NET_BROKEN;
	}
	return NET_MOVED;
}

enum net_moved
net_transport_send(struct net_session *session, struct slice s, size_t *sent)
{
	*sent = 0;
	enum net_moved moved = session->secured ? tls_write(session, s, sent)
						: plain_write(session, s, sent);
	session->blocked = moved == NET_STUCK;
	session->broken |= moved == NET_BROKEN;
	session->rate_out.bytes += *sent;
	session->moved |= *sent > 0;
	session->output_moved |= *sent > 0;
	return moved;
}

enum net_moved
net_transport_write(struct net_session *session, struct slice s, size_t *sent)
{
	*sent = 0;
	return session->deflate ? net_deflate_write(session, s, sent)
				: net_transport_send(session, s, sent);
}
