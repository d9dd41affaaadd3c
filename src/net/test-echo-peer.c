#include "base/test.h"
#include "net/test-echo.h"
#include <netinet/in.h>
#include <unistd.h>

void
peer_dial(struct peer *peer, uint16_t port)
{
	*peer = (struct peer){.got = buffer_with(64 * 1024)};
	peer->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(peer->descriptor >= 0);
	struct timeval patience = {.tv_sec = 30};
	setsockopt(peer->descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(peer->descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(
		connect(peer->descriptor, (struct sockaddr *)(void *)&to, sizeof to), 0);
}

bool
peer_secure(struct peer *peer, const char *server_name)
{
	peer->context = SSL_CTX_new(TLS_client_method());
	peer->ssl = SSL_new(peer->context);
	SSL_set_fd(peer->ssl, peer->descriptor);
	if (server_name) {
		char name[256];
		snprintf(name, sizeof name, "%s", server_name);
		SSL_set_tlsext_host_name(peer->ssl, name);
	}
	return SSL_connect(peer->ssl) == 1;
}

void
peer_compress(struct peer *peer)
{
	peer->out = calloc(1, sizeof *peer->out);
	peer->in = calloc(1, sizeof *peer->in);
	assert_int_equal(
		deflateInit2(peer->out, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY),
		Z_OK);
	assert_int_equal(inflateInit2(peer->in, -MAX_WBITS), Z_OK);
}

static void
compress_end(struct peer *peer)
{
	if (!peer->out)
		return;
	deflateEnd(peer->out);
	inflateEnd(peer->in);
	free(peer->out);
	free(peer->in);
}

static void
send_plain(struct peer *peer, struct slice s)
{
	while (s.length > 0) {
		ssize_t sent =
			peer->ssl ? SSL_write(peer->ssl, s.data, (int)s.length)
				  : send(peer->descriptor, s.data, s.length, MSG_NOSIGNAL);
		assert_true(sent > 0);
		s = slice_from(s, (size_t)sent);
	}
}

void
peer_send(struct peer *peer, struct slice s)
{
	char packed[16384];
	if (!peer->out) {
		send_plain(peer, s);
		return;
	}
	peer->out->next_in = (Bytef *)(uintptr_t)s.data;
	peer->out->avail_in = (uInt)s.length;
	do {
		peer->out->next_out = (Bytef *)packed;
		peer->out->avail_out = sizeof packed;
		deflate(peer->out, Z_SYNC_FLUSH);
		send_plain(peer, slice_of(packed, sizeof packed - peer->out->avail_out));
	} while (peer->out->avail_out == 0);
}

void
peer_say(struct peer *peer, const char *line)
{
	char text[2048];
	int length = snprintf(text, sizeof text, "%s\r\n", line);
	peer_send(peer, slice_of(text, (size_t)length));
}

static ssize_t
receive_plain(struct peer *peer, char *into, size_t room)
{
	if (peer->ssl)
		return SSL_read(peer->ssl, into, (int)room);
	return recv(peer->descriptor, into, room, 0);
}

static ssize_t
receive(struct peer *peer, char *into, size_t room)
{
	if (!peer->in)
		return receive_plain(peer, into, room);
	peer->in->next_out = (Bytef *)into;
	peer->in->avail_out = (uInt)room;
	while (peer->in->avail_out == room) {
		int result = inflate(peer->in, Z_SYNC_FLUSH);
		if (result != Z_OK && result != Z_BUF_ERROR)
			return -1;
		if (peer->in->avail_out < room || peer->in->avail_in > 0)
			continue;
		ssize_t got = receive_plain(peer, peer->packed, sizeof peer->packed);
		if (got <= 0)
			return got;
		peer->in->next_in = (Bytef *)peer->packed;
		peer->in->avail_in = (uInt)got;
	}
	return (ssize_t)(room - peer->in->avail_out);
}

struct slice
peer_line(struct peer *peer)
{
	for (;;) {
		struct slice got = buffer_slice(&peer->got);
		size_t end = slice_find_byte(got, '\n');
		if (end < got.length) {
			char *line = strndup(got.data, end > 0 ? end - 1 : 0);
			buffer_drop_first(&peer->got, end + 1);
			free(peer->line);
			peer->line = line;
			return slice_of_text(line);
		}
		char block[4096];
		ssize_t count = receive(peer, block, sizeof block);
		assert_true(count > 0);
		assert_true(buffer_put(&peer->got, slice_of(block, (size_t)count)));
	}
}

void
peer_expect(struct peer *peer, const char *line)
{
	struct slice got = peer_line(peer);
	if (!slice_equal(got, slice_of_text(line)))
		fail_msg("got \"%.*s\", not \"%s\"", SLICE_ARG(got), line);
}

void
peer_swallow(struct peer *peer, size_t count)
{
	size_t had = peer->got.length < count ? peer->got.length : count;
	buffer_drop_first(&peer->got, had);
	count -= had;
	char block[16384];
	while (count > 0) {
		ssize_t got =
			receive(peer, block, count < sizeof block ? count : sizeof block);
		assert_true(got > 0);
		count -= (size_t)got;
	}
}

bool
peer_at_end(struct peer *peer)
{
	char byte;
	return peer->got.length == 0 && receive(peer, &byte, 1) == 0;
}

void
peer_half_close(struct peer *peer)
{
	if (peer->ssl)
		SSL_shutdown(peer->ssl);
	shutdown(peer->descriptor, SHUT_WR);
}

void
peer_hang_up(struct peer *peer)
{
	compress_end(peer);
	close(peer->descriptor);
	SSL_free(peer->ssl);
	SSL_CTX_free(peer->context);
	buffer_free(&peer->got);
	free(peer->line);
	*peer = (struct peer){.descriptor = -1};
}
