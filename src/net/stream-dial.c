#include "net/stream-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/un.h>
#include <unistd.h>

struct net_stream *
net_stream_over(const struct net_stream_settings *settings, int descriptor)
{
	struct net_stream *stream = calloc(1, sizeof *stream);

	ASSERT(stream != NULL);
	stream->settings = *settings;
	if (stream->settings.line_most == 0)
		stream->settings.line_most = NET_STREAM_LINE_MOST;
	stream->descriptor = descriptor;
	stream->input = malloc(stream->settings.line_most);
	ASSERT(stream->input != NULL);
	(void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
	(void)fcntl(descriptor, F_SETFL, O_NONBLOCK);
	return stream;
}

static void
learn_addresses(struct net_stream *stream)
{
	stream->peer.length = stream->local.length = sizeof stream->peer.storage;
	if (getpeername(stream->descriptor, (struct sockaddr *)&stream->peer.storage,
		    &stream->peer.length) != 0)
		stream->peer.length = 0;
	if (getsockname(stream->descriptor, (struct sockaddr *)&stream->local.storage,
		    &stream->local.length) != 0)
		stream->local.length = 0;
}

static enum base_failure
connect_failed(struct net_stream *stream, int error_number)
{
	return stream_fail(
		stream, BASE_UNAVAILABLE, "connecting: %s", strerrordesc_np(error_number));
}

static enum base_failure
connect_within(struct net_stream *stream, const struct sockaddr *to, socklen_t length,
	uint64_t within_ms)
{
	struct stream_patience patience = stream_patience(stream, within_ms);
	int failed = 0;
	socklen_t size = sizeof failed;

	if (connect(stream->descriptor, to, length) == 0)
		return BASE_OK;
	if (errno != EINPROGRESS)
		return connect_failed(stream, errno);
	enum base_failure failure = stream_wait(stream, &patience, POLLOUT);
	if (failure != BASE_OK)
		return failure;
	if (getsockopt(stream->descriptor, SOL_SOCKET, SO_ERROR, &failed, &size) != 0)
		failed = errno;
	return failed == 0 ? BASE_OK : connect_failed(stream, failed);
}

static enum base_failure
bind_source(struct net_stream *stream, const struct net_address *source)
{
	char text[NET_ADDRESS_TEXT_MOST];
	int on = 1;

	if (source == NULL)
		return BASE_OK;
	/* The port is chosen at connect: one address then has a range of them a peer. */
	(void)setsockopt(
		stream->descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	if (bind(stream->descriptor, (const struct sockaddr *)&source->storage,
		    source->length) == 0)
		return BASE_OK;
	return stream_fail(stream, BASE_UNAVAILABLE, "can't send from %.*s: %s",
		SLICE_ARG(net_address_text(source, text)), strerrordesc_np(errno));
}

/* NULL with *error. */
static struct net_stream *
open_stream(
	const struct net_stream_settings *settings, int family, struct base_error *error)
{
	int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (descriptor >= 0)
		return net_stream_over(settings, descriptor);
	base_fail(error, BASE_UNAVAILABLE, "no socket: %s", strerrordesc_np(errno));
	return NULL;
}

/* Hands the stream out, or its error and nothing. */
static enum base_failure
settle(struct net_stream **stream, enum base_failure failure, struct base_error *error)
{
	if (failure == BASE_OK) {
		learn_addresses(*stream);
		return BASE_OK;
	}
	if (error != NULL)
		*error = (*stream)->error;
	net_stream_release(stream);
	return failure;
}

enum base_failure
net_stream_dial(const struct net_stream_settings *settings, const struct net_address *to,
	const struct net_address *source, uint64_t within_ms, struct net_stream **stream,
	struct base_error *error)
{
	int on = 1;

	*stream = open_stream(settings, to->storage.ss_family, error);
	if (*stream == NULL)
		return BASE_UNAVAILABLE;
	/* Commands and answers alternate; a delayed last segment costs a round trip. */
	(void)setsockopt((*stream)->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	enum base_failure failure = bind_source(*stream, source);
	if (failure == BASE_OK)
		failure = connect_within(*stream, (const struct sockaddr *)&to->storage,
			to->length, within_ms);
	return settle(stream, failure, error);
}

enum base_failure
net_stream_dial_path(const struct net_stream_settings *settings, const char *path,
	uint64_t within_ms, struct net_stream **stream, struct base_error *error)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t length = strlen(path);

	*stream = NULL;
	if (length >= sizeof to.sun_path)
		return base_fail(
			error, BASE_TOO_LARGE, "the name of socket %s is too long", path);
	memcpy(to.sun_path, path, length + 1);
	*stream = open_stream(settings, AF_UNIX, error);
	if (*stream == NULL)
		return BASE_UNAVAILABLE;
	return settle(stream,
		connect_within(*stream, (const struct sockaddr *)&to, sizeof to, within_ms),
		error);
}
