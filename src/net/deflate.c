#include "net/deflate.h"
#include "net/runtime.h"
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <zlib.h>

struct net_deflate {
	size_t memory; /* that zlib asked for */

	z_stream in;
	char *kept;      /* owned: compressed input that found no room, or NULL */
	bool was_filled; /* the last room, to its end: there may be more */

	z_stream out;
	bool out_open;
	int level;          /* of that */
	bool dirty;         /* written to since the last flush */
	bool swift;         /* the peer is near and takes much: nothing is gained */
	size_t since;       /* bytes, before compression, since that was looked at, … */
	uint64_t looked_at; /* … at this time */
	char *unsent;       /* owned: what the kernel did not take, or NULL */
	size_t unsent_start, unsent_end;
};

/* --- memory -----------------------------------------------------------------------------
 */

/* Before each block, so that its size is known when it is freed. */
union block {
	size_t size;
	max_align_t align;
};

static void *
allocate(void *argument, unsigned items, unsigned size)
{
	struct net_deflate *deflate = argument;
	size_t bytes = (size_t)items * size;
	union block *block = calloc(1, sizeof *block + bytes);
	if (!block)
		return NULL;
	block->size = bytes;
	deflate->memory += bytes;
	return block + 1;
}

static void
release(void *argument, void *address)
{
	struct net_deflate *deflate = argument;
	union block *block = (union block *)address - 1;
	deflate->memory -= block->size;
	free(block);
}

size_t
net_deflate_memory(const struct net_deflate *deflate)
{
	if (!deflate)
		return 0;
	size_t unsent = deflate->unsent ? deflate->unsent_end : 0;
	return sizeof *deflate + deflate->memory + unsent +
	       (deflate->kept ? NET_DEFLATE_READ : 0);
}

/* --- beginning and end ------------------------------------------------------------------
 */

/* What came behind the command is compressed already, if it is anything. */
static void
take_over_input(struct net_session *session, struct net_deflate *deflate)
{
	struct slice unread = session->worker->unread;
	if (unread.length) {
		deflate->kept = malloc(unread.length);
		ASSERT(deflate->kept);
		memcpy(deflate->kept, unread.data, unread.length);
		deflate->in.next_in = (Bytef *)deflate->kept;
		deflate->in.avail_in = (uInt)unread.length;
	}
	net_input_drop(session->worker, session);
}

bool
net_start_deflate(struct net_session *session)
{
	ASSERT(session->worker && !session->deflate && net_output_size(session) == 0);
	struct net_deflate *deflate = calloc(1, sizeof *deflate);
	if (!deflate)
		return false;
	deflate->in = (z_stream){.zalloc = allocate, .zfree = release, .opaque = deflate};
	if (inflateInit2(&deflate->in, -MAX_WBITS) != Z_OK) {
		free(deflate);
		return false;
	}
	take_over_input(session, deflate);
	session->deflate = deflate;
	return true;
}

bool
net_deflated(const struct net_session *session)
{
	return session->deflate != NULL;
}

static int
wanted_level(const struct net_deflate *deflate)
{
	return deflate->swift ? Z_NO_COMPRESSION : Z_DEFAULT_COMPRESSION;
}

static bool
open_out(struct net_deflate *deflate)
{
	if (deflate->out_open)
		return true;
	deflate->out = (z_stream){.zalloc = allocate, .zfree = release, .opaque = deflate};
	deflate->level = wanted_level(deflate);
	deflate->out_open = deflateInit2(&deflate->out, deflate->level, Z_DEFLATED,
				    -NET_DEFLATE_WINDOW_BITS, NET_DEFLATE_MEMORY,
				    Z_DEFAULT_STRATEGY) == Z_OK;
	return deflate->out_open;
}

static void
close_out(struct net_deflate *deflate)
{
	if (deflate->out_open)
		deflateEnd(&deflate->out);
	deflate->out_open = false;
}

void
net_deflate_rest(struct net_session *session)
{
	if (session->deflate && !session->deflate->dirty)
		close_out(session->deflate);
}

void
net_deflate_end(struct net_session *session)
{
	struct net_deflate *state = session->deflate;
	if (!state)
		return;
	close_out(state);
	inflateEnd(&state->in);
	free(state->kept);
	free(state->unsent);
	free(state);
	session->deflate = NULL;
}

/* --- input ------------------------------------------------------------------------------
 */

bool
net_deflate_has_input(const struct net_deflate *deflate)
{
	return deflate && (deflate->in.avail_in > 0 || deflate->was_filled);
}

/* The worker's buffer is for whoever comes next: what is left moves out of it. */
static void
keep_input(struct net_deflate *deflate)
{
	if (deflate->in.avail_in == 0) {
		free(deflate->kept);
		deflate->kept = NULL;
	} else if (!deflate->kept) {
		deflate->kept = malloc(deflate->in.avail_in);
		ASSERT(deflate->kept);
		memcpy(deflate->kept, deflate->in.next_in, deflate->in.avail_in);
		deflate->in.next_in = (Bytef *)deflate->kept;
	}
}

/* As much as there is to be had: clients stall when a part of a read is left behind. */
static enum net_moved
unpack(struct net_session *session, char *into, size_t room, size_t *got)
{
	struct net_deflate *state = session->deflate;
	state->in.next_out = (Bytef *)into;
	state->in.avail_out = (uInt)room;
	int result = inflate(&state->in, Z_SYNC_FLUSH);
	*got = room - state->in.avail_out;
	state->was_filled = state->in.avail_out == 0 && result == Z_OK;
	if (result == Z_STREAM_END) {
		state->in.avail_in = 0;
		session->ended = true;
	}
	keep_input(state);
	bool sound = result == Z_OK || result == Z_BUF_ERROR || result == Z_STREAM_END;
	return sound ? NET_MOVED : NET_BROKEN;
}

enum net_moved
net_deflate_read(struct net_session *session, char *into, size_t room, size_t *got)
{
	struct net_deflate *state = session->deflate;
	if (!net_deflate_has_input(state)) {
		size_t packed;
		char *buffer = session->worker->packed;
		enum net_moved moved =
			net_transport_receive(session, buffer, NET_DEFLATE_READ, &packed);
		if (moved != NET_MOVED)
			return moved;
		state->in.next_in = (Bytef *)buffer;
		state->in.avail_in = (uInt)packed;
	}
	return unpack(session, into, room, got);
}

/* --- output -----------------------------------------------------------------------------
 */

size_t
net_deflate_unsent(const struct net_deflate *deflate)
{
	if (!deflate)
		return 0;
	return deflate->unsent_end - deflate->unsent_start + deflate->dirty;
}

static enum net_moved
send_unsent(struct net_session *session)
{
	struct net_deflate *state = session->deflate;
	if (!state->unsent)
		return NET_MOVED;
	size_t sent;
	struct slice rest = slice_of(state->unsent + state->unsent_start,
		state->unsent_end - state->unsent_start);
	enum net_moved moved = net_transport_send(session, rest, &sent);
	state->unsent_start += sent;
	if (state->unsent_start == state->unsent_end) {
		free(state->unsent);
		state->unsent = NULL;
		state->unsent_start = state->unsent_end = 0;
	}
	return moved;
}

static void
keep_unsent(struct net_deflate *deflate, struct slice rest)
{
	if (rest.length == 0)
		return;
	ASSERT(!deflate->unsent);
	deflate->unsent = malloc(rest.length);
	ASSERT(deflate->unsent);
	memcpy(deflate->unsent, rest.data, rest.length);
	deflate->unsent_end = rest.length;
}

/* In the same room: a line there is quicker than any compressor. */
static bool
is_near(const struct net_session *session)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof info;
	bool known =
		!getsockopt(session->descriptor, IPPROTO_TCP, TCP_INFO, &info, &length);
	return known && info.tcpi_min_rtt <= NET_DEFLATE_NEAR_US;
}

/* Near may be a proxy only, whose client is far away: so the clock is asked as well. */
static void
look_at_line(struct net_session *session, size_t written)
{
	struct net_deflate *state = session->deflate;
	state->since += written;
	if (state->since < NET_DEFLATE_LOOK)
		return;
	uint64_t now = net_now(session->net);
	state->swift = now - state->looked_at <= NET_DEFLATE_LOOK_MS && is_near(session);
	state->looked_at = now;
	state->since = 0;
}

/* What the compressor holds falls out first. */
static void
change_level(struct net_deflate *deflate)
{
	int level = wanted_level(deflate);
	if (level != deflate->level)
		ASSERT(deflateParams(&deflate->out, level, Z_DEFAULT_STRATEGY) == Z_OK);
	deflate->level = level;
}

/* Compresses, and sends what falls out. Nothing may be unsent before. */
static enum net_moved
pack(struct net_session *session, struct slice s, int flush)
{
	struct net_deflate *state = session->deflate;
	char *packed = session->worker->packed;
	z_stream *out = &state->out;
	if (!open_out(state))
		return NET_BROKEN;
	out->avail_in = 0;
	out->next_out = (Bytef *)packed;
	out->avail_out = NET_DEFLATE_PACKED;
	change_level(state);
	out->next_in = (Bytef *)(uintptr_t)s.data;
	out->avail_in = (uInt)s.length;
	int result = deflate(out, flush);
	ASSERT(result == Z_OK && out->avail_in == 0 && out->avail_out > 0);
	state->dirty = flush == Z_NO_FLUSH;
	struct slice run = slice_of(packed, NET_DEFLATE_PACKED - out->avail_out);
	size_t sent;
	enum net_moved moved = net_transport_send(session, run, &sent);
	keep_unsent(state, slice_from(run, sent));
	look_at_line(session, s.length);
	return moved;
}

enum net_moved
net_deflate_write(struct net_session *session, struct slice s, size_t *sent)
{
	enum net_moved moved = send_unsent(session);
	while (moved == NET_MOVED && *sent < s.length) {
		struct slice run = slice_first(slice_from(s, *sent), NET_DEFLATE_RUN);
		moved = pack(session, run, Z_NO_FLUSH);
		*sent += run.length;
	}
	return moved;
}

enum net_moved
net_deflate_flush(struct net_session *session)
{
	enum net_moved moved = send_unsent(session);
	if (moved == NET_MOVED && session->deflate->dirty)
		moved = pack(session, SLICE(""), Z_SYNC_FLUSH);
	return moved;
}
