#include "net/stream.h"

#include "net/stream-internal.h"
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/uio.h>
#include <unistd.h>

/* --- time and failure --------------------------------------------------------------- */

enum base_failure
stream_fail(struct net_stream *stream, enum base_failure failure, const char *format, ...)
{
	va_list arguments;

	stream->broken = true;
	stream->error.failure = failure;
	va_start(arguments, format);
	vsnprintf(stream->error.text, sizeof stream->error.text, format, arguments);
	va_end(arguments);
	return failure;
}

struct stream_patience
stream_patience(const struct net_stream *stream, uint64_t within_ms)
{
	return (struct stream_patience){
		.until = base_clock_steady_ms(stream->settings.clock) + within_ms,
		.within = within_ms};
}

void
stream_moved(struct net_stream *stream, size_t bytes)
{
	stream->slow_bytes += bytes;
}

/* Over NET_STREAM_RATE_MS of waiting, in this call or many. */
static enum base_failure
judge_rate(struct net_stream *stream, uint64_t waited_ms)
{
	uint64_t least = stream->settings.least_rate;

	stream->slow_ms += waited_ms;
	if (least == 0 || stream->slow_ms < NET_STREAM_RATE_MS)
		return BASE_OK;
	if (stream->slow_bytes * 1000 < least * stream->slow_ms)
		return stream_fail(stream, BASE_UNAVAILABLE,
			"too slow: %llu bytes in %llu s of waiting, at least %u a second "
			"are due",
			(unsigned long long)stream->slow_bytes,
			(unsigned long long)stream->slow_ms / 1000,
			stream->settings.least_rate);
	stream->slow_ms = stream->slow_bytes = 0;
	return BASE_OK;
}

static bool
is_cancelled(const struct net_stream *stream)
{
	return stream->settings.cancelled != NULL &&
	       stream->settings.cancelled(stream->settings.cancel_argument);
}

enum base_failure
stream_wait(struct net_stream *stream, struct stream_patience *patience, short events)
{
	struct pollfd wait = {stream->descriptor, events, 0};

	for (;;) {
		uint64_t before = base_clock_steady_ms(stream->settings.clock);
		if (is_cancelled(stream))
			return stream_fail(stream, BASE_CANCELLED, "the server stops");
		if (patience->ended)
			return stream_fail(stream, BASE_UNAVAILABLE,
				"nothing within %llu s",
				(unsigned long long)patience->within / 1000);
		/* We may have been asleep ourselves: one last look (a suspended machine).
		 */
		patience->ended = before >= patience->until;
		uint64_t left = patience->ended ? 0 : patience->until - before;
		int ready = poll(&wait, 1,
			left < NET_STREAM_CANCEL_MS ? (int)left : NET_STREAM_CANCEL_MS);
		uint64_t waited = base_clock_steady_ms(stream->settings.clock) - before;
		if (patience->rated && judge_rate(stream, waited) != BASE_OK)
			return stream->error.failure;
		if (ready > 0)
			return BASE_OK;
	}
}

/* --- one try ------------------------------------------------------------------------ */

static enum stream_try
tried(struct net_stream *stream, ssize_t result, const char *what)
{
	if (result > 0)
		return STREAM_DONE;
	if (result == 0)
		return STREAM_END;
	if (errno == EAGAIN || errno == EINTR)
		return STREAM_WANT;
	(void)stream_fail(stream, BASE_UNAVAILABLE, "%s: %s", what, strerrordesc_np(errno));
	return STREAM_FAILED;
}

static enum stream_try
try_read(struct net_stream *stream, char *into, size_t room, size_t *got, short *events)
{
	*events = POLLIN;
	*got = 0;
	if (stream->tls != NULL)
		return stream_tls_read(stream, into, room, got, events);
	ssize_t result = recv(stream->descriptor, into, room, 0);
	*got = result > 0 ? (size_t)result : 0;
	return tried(stream, result, "reading");
}

/* *got 0: the end. */
static enum base_failure
read_some(struct net_stream *stream, char *into, size_t room,
	struct stream_patience *patience, size_t *got)
{
	for (;;) {
		short events;
		switch (try_read(stream, into, room, got, &events)) {
		case STREAM_DONE:
		case STREAM_END:
			stream_moved(stream, *got);
			return BASE_OK;
		case STREAM_FAILED:
			return stream->error.failure;
		case STREAM_WANT:
			if (stream_wait(stream, patience, events) != BASE_OK)
				return stream->error.failure;
		}
	}
}

/* --- reading ------------------------------------------------------------------------ */

static struct slice
buffered(const struct net_stream *stream)
{
	return slice_of(stream->input + stream->input_start,
		stream->input_end - stream->input_start);
}

static enum base_failure
fill(struct net_stream *stream, struct stream_patience *patience, size_t *got)
{
	struct slice have = buffered(stream);

	if (stream->input_start > 0 && have.length > 0)
		memmove(stream->input, have.data, have.length);
	stream->input_start = 0;
	stream->input_end = have.length;
	enum base_failure failure = read_some(stream, stream->input + have.length,
		stream->settings.line_most - have.length, patience, got);
	stream->input_end += failure == BASE_OK ? *got : 0;
	return failure;
}

static struct slice
take_line(struct net_stream *stream, size_t with_end)
{
	struct slice line = slice_first(buffered(stream), with_end - 1);

	stream->input_start += with_end;
	return slice_ends(line, SLICE("\r")) ? slice_first(line, line.length - 1) : line;
}

enum base_failure
net_stream_read_line(struct net_stream *stream, uint64_t within_ms, struct slice *line)
{
	struct stream_patience patience = stream_patience(stream, within_ms);
	size_t seen = 0, got;

	*line = SLICE_NONE;
	while (!stream->broken) {
		struct slice have = buffered(stream);
		size_t end = seen + slice_find_byte(slice_from(have, seen), '\n');
		if (end < have.length) {
			*line = take_line(stream, end + 1);
			return BASE_OK;
		}
		if (have.length == stream->settings.line_most)
			return stream_fail(stream, BASE_TOO_LARGE,
				"a line of more than %zu bytes",
				stream->settings.line_most);
		seen = have.length;
		patience.rated = seen > 0;
		if (fill(stream, &patience, &got) == BASE_OK && got == 0)
			return stream_fail(
				stream, BASE_UNAVAILABLE, "the peer closed the connection");
	}
	return stream->error.failure;
}

enum base_failure
net_stream_read(
	struct net_stream *stream, char *into, size_t room, uint64_t within_ms, size_t *got)
{
	struct stream_patience patience = stream_patience(stream, within_ms);
	struct slice have = buffered(stream);

	*got = 0;
	if (stream->broken)
		return stream->error.failure;
	if (slice_empty(have))
		return read_some(stream, into, room, &patience, got);
	*got = have.length < room ? have.length : room;
	memcpy(into, have.data, *got);
	stream->input_start += *got;
	return BASE_OK;
}

enum base_failure
net_stream_read_all(struct net_stream *stream, char *into, size_t count, uint64_t within_ms)
{
	struct stream_patience patience = stream_patience(stream, within_ms);
	size_t have, got;

	if (stream->broken)
		return stream->error.failure;
	have = slice_first(buffered(stream), count).length;
	if (have > 0)
		memcpy(into, stream->input + stream->input_start, have);
	stream->input_start += have;
	for (; have < count; have += got) {
		patience.rated = have > 0;
		if (read_some(stream, into + have, count - have, &patience, &got) !=
			BASE_OK)
			return stream->error.failure;
		if (got == 0)
			return stream_fail(
				stream, BASE_UNAVAILABLE, "the peer closed the connection");
	}
	return BASE_OK;
}

bool
net_stream_readable(struct net_stream *stream)
{
	struct pollfd look = {stream->descriptor, POLLIN, 0};

	if (stream->broken || !slice_empty(buffered(stream)) ||
		(stream->tls != NULL && SSL_pending(stream->tls) > 0))
		return true;
	return poll(&look, 1, 0) > 0;
}

/* --- writing ------------------------------------------------------------------------ */

static enum stream_try
try_write_plain(struct net_stream *stream, struct iovec *parts, size_t count, size_t *wrote)
{
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
	ssize_t result = sendmsg(stream->descriptor, &message, MSG_NOSIGNAL);

	*wrote = result > 0 ? (size_t)result : 0;
	return tried(stream, result, "writing");
}

static void
skip(struct iovec **parts, size_t *count, size_t wrote)
{
	while (*count > 0 && wrote >= (*parts)->iov_len) {
		wrote -= (*parts)->iov_len;
		(*parts)++;
		(*count)--;
	}
	if (*count > 0) {
		(*parts)->iov_base = (char *)(*parts)->iov_base + wrote;
		(*parts)->iov_len -= wrote;
	}
}

static enum base_failure
write_plain(struct net_stream *stream, struct iovec *parts, size_t count,
	struct stream_patience *patience)
{
	size_t wrote;

	skip(&parts, &count, 0);
	while (count > 0) {
		switch (try_write_plain(stream, parts, count, &wrote)) {
		case STREAM_DONE:
			stream_moved(stream, wrote);
			skip(&parts, &count, wrote);
			break;
		case STREAM_END:
		case STREAM_WANT:
			if (stream_wait(stream, patience, POLLOUT) != BASE_OK)
				return stream->error.failure;
			break;
		case STREAM_FAILED:
			return stream->error.failure;
		}
	}
	return BASE_OK;
}

static enum base_failure
write_record(struct net_stream *stream, struct slice s, struct stream_patience *patience)
{
	while (s.length > 0) {
		size_t wrote = 0;
		short events = POLLOUT;
		switch (stream_tls_write(stream, s, &wrote, &events)) {
		case STREAM_DONE:
			stream_moved(stream, wrote);
			s = slice_from(s, wrote);
			break;
		case STREAM_END:
		case STREAM_WANT:
			if (stream_wait(stream, patience, events) != BASE_OK)
				return stream->error.failure;
			break;
		case STREAM_FAILED:
			return stream->error.failure;
		}
	}
	return BASE_OK;
}

/* Small slices become one record: a record costs a cipher call and some 30 bytes. */
static enum base_failure
write_tls(struct net_stream *stream, const struct slice *slices, size_t count,
	struct stream_patience *patience)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
		for (struct slice rest = slices[i]; rest.length > 0;) {
			struct slice part = slice_first(rest, NET_STREAM_BLOCK - used);
			ASSERT(part.data);
			memcpy(stream->record + used, part.data, part.length);
			used += part.length;
			rest = slice_from(rest, part.length);
			if (used < NET_STREAM_BLOCK)
				continue;
			if (write_record(stream, slice_of(stream->record, used), patience))
				return stream->error.failure;
			used = 0;
		}
	return write_record(stream, slice_of(stream->record, used), patience);
}

enum base_failure
net_stream_write(struct net_stream *stream, const struct slice *slices, size_t count,
	uint64_t within_ms)
{
	struct stream_patience patience = stream_patience(stream, within_ms);
	struct iovec parts[NET_STREAM_SLICES_MOST];

	ASSERT(count <= NET_STREAM_SLICES_MOST);
	if (stream->broken)
		return stream->error.failure;
	patience.rated = true;
	if (stream->tls != NULL)
		return write_tls(stream, slices, count, &patience);
	for (size_t i = 0; i < count; i++)
		parts[i] =
			(struct iovec){(void *)(uintptr_t)slices[i].data, slices[i].length};
	return write_plain(stream, parts, count, &patience);
}

enum base_failure
net_stream_put(struct net_stream *stream, struct slice s, uint64_t within_ms)
{
	return net_stream_write(stream, &s, 1, within_ms);
}

enum base_failure
net_stream_send(struct net_stream *stream, struct base_source *source, uint64_t within_ms)
{
	SCOPED(scoped_free) char *block = malloc(NET_STREAM_BLOCK);
	enum base_failure failure = stream->broken ? stream->error.failure : BASE_OK;

	if (block == NULL && failure == BASE_OK)
		failure = stream_fail(stream, BASE_UNAVAILABLE, "no memory");
	while (failure == BASE_OK) {
		size_t got = source->pull(source, block, NET_STREAM_BLOCK);
		if (got == 0)
			break;
		if (got == BASE_SOURCE_FAILED)
			failure = stream_fail(stream, BASE_DAMAGED,
				"what was to be sent can't be read to its end");
		else
			failure = net_stream_put(stream, slice_of(block, got), within_ms);
	}
	source->close(source);
	return failure;
}

/* --- the rest ----------------------------------------------------------------------- */

const struct base_error *
net_stream_error(const struct net_stream *stream)
{
	return &stream->error;
}

const struct net_address *
net_stream_peer(const struct net_stream *stream)
{
	return &stream->peer;
}

const struct net_address *
net_stream_local(const struct net_stream *stream)
{
	return &stream->local;
}

void
net_stream_close(struct net_stream *stream)
{
	if (stream == NULL)
		return;
	stream_tls_close(stream);
	if (stream->descriptor >= 0)
		close(stream->descriptor);
	arena_destroy(stream->facts_arena);
	free(stream->record);
	free(stream->input);
	free(stream);
}

void
net_stream_release(struct net_stream **stream)
{
	net_stream_close(*stream);
	*stream = NULL;
}
