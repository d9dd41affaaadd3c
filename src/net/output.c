#include "net/output.h"
#include "net/deflate.h"
#include "net/runtime.h"
#include "net/transport.h"

/* --- the chain --------------------------------------------------------------------------
 */

static struct net_piece *
new_piece(size_t room)
{
	struct net_piece *piece = malloc(sizeof *piece + room);
	ASSERT(piece);
	*piece = (struct net_piece){.room = room};
	return piece;
}

static void
append(struct net_output *output, struct net_piece *piece)
{
	if (output->last)
		output->last->next = piece;
	else
		output->first = piece;
	output->last = piece;
}

static void
prepend(struct net_output *output, struct net_piece *piece)
{
	piece->next = output->first;
	output->first = piece;
	if (!output->last)
		output->last = piece;
}

static void
remove_first(struct net_output *output)
{
	struct net_piece *piece = output->first;
	output->first = piece->next;
	if (!output->first)
		output->last = NULL;
	if (piece->source) {
		piece->source->close(piece->source);
		output->size -= NET_SOURCE_WEIGHT;
	}
	free(piece);
}

static struct slice
piece_bytes(const struct net_piece *piece)
{
	return slice_of(piece->bytes + piece->start, piece->end - piece->start);
}

static void
fill_piece(struct net_piece *piece, struct slice s)
{
	memcpy(piece->bytes + piece->end, s.data, s.length);
	piece->end += s.length;
}

static void
append_bytes(struct net_output *output, struct slice s)
{
	struct net_piece *last = output->last;
	output->size += s.length;
	if (last && !last->source) {
		struct slice fits = slice_first(s, last->room - last->end);
		if (fits.length)
			fill_piece(last, fits);
		s = slice_from(s, fits.length);
	}
	if (s.length == 0)
		return;
	struct net_piece *piece =
		new_piece(s.length > NET_OUTPUT_PIECE ? s.length : NET_OUTPUT_PIECE);
	fill_piece(piece, s);
	append(output, piece);
}

void
net_output_drop(struct net_session *session)
{
	while (session->output.first)
		remove_first(&session->output);
	session->output.size = 0;
}

/* --- putting ----------------------------------------------------------------------------
 */

void
net_output_unstage(struct net_worker *worker, struct net_session *session)
{
	size_t staged = worker->staged;
	worker->staged = 0;
	if (staged)
		append_bytes(&session->output, slice_of(worker->staging, staged));
}

void
net_put(struct net_session *session, struct slice copied)
{
	struct net_worker *worker = session->worker;
	ASSERT(worker);
	if (copied.length == 0)
		return;
	if (!session->output.first && copied.length <= NET_OUTPUT_RUN - worker->staged) {
		memcpy(worker->staging + worker->staged, copied.data, copied.length);
		worker->staged += copied.length;
		return;
	}
	net_output_unstage(worker, session);
	append_bytes(&session->output, copied);
}

void
net_put_source(struct net_session *session, struct base_source *owned)
{
	ASSERT(session->worker);
	net_output_unstage(session->worker, session);
	struct net_piece *piece = new_piece(0);
	piece->source = owned;
	append(&session->output, piece);
	session->output.size += NET_SOURCE_WEIGHT;
}

size_t
net_output_size(const struct net_session *session)
{
	return session->output.size + (session->worker ? session->worker->staged : 0) +
	       net_deflate_unsent(session->deflate);
}

bool
net_output_waits(const struct net_session *session)
{
	return session->output.first || net_deflate_unsent(session->deflate);
}

bool
net_full(const struct net_session *session)
{
	return net_output_size(session) >= NET_OUTPUT_HIGH;
}

/* --- draining ---------------------------------------------------------------------------
 */

/* Adds what the source gives; it stays the first piece until its end. False: it failed. */
static bool
gather_source(struct net_worker *worker, struct net_output *output, size_t *length)
{
	struct base_source *source = output->first->source;
	size_t got =
		source->pull(source, worker->gather + *length, NET_OUTPUT_RUN - *length);
	if (got == BASE_SOURCE_FAILED)
		return false;
	ASSERT(got <= NET_OUTPUT_RUN - *length);
	*length += got;
	if (got == 0)
		remove_first(output);
	return true;
}

static void
gather_bytes(struct net_worker *worker, struct net_output *output, size_t *length)
{
	struct net_piece *piece = output->first;
	struct slice fits = slice_first(piece_bytes(piece), NET_OUTPUT_RUN - *length);
	memcpy(worker->gather + *length, fits.data, fits.length);
	*length += fits.length;
	piece->start += fits.length;
	output->size -= fits.length;
	if (piece->start == piece->end)
		remove_first(output);
}

/* Takes the front of the chain together, up to NET_OUTPUT_RUN. False: a source failed. */
static bool
gather(struct net_worker *worker, struct net_output *output, size_t *length)
{
	*length = 0;
	while (output->first && *length < NET_OUTPUT_RUN) {
		if (!output->first->source)
			gather_bytes(worker, output, length);
		else if (!gather_source(worker, output, length))
			return false;
	}
	return true;
}

/* What did not go stays in front. */
static void
put_back(struct net_output *output, struct slice rest)
{
	if (rest.length == 0)
		return;
	struct net_piece *piece = new_piece(rest.length);
	fill_piece(piece, rest);
	prepend(output, piece);
	output->size += rest.length;
}

static enum net_moved
send_piece(struct net_session *session, size_t *sent)
{
	struct net_output *output = &session->output;
	struct net_piece *piece = output->first;
	enum net_moved moved = net_transport_write(session, piece_bytes(piece), sent);
	piece->start += *sent;
	output->size -= *sent;
	if (piece->start == piece->end)
		remove_first(output);
	return moved;
}

static enum net_moved
send_gathered(struct net_worker *worker, struct net_session *session, size_t *sent)
{
	size_t length;
	*sent = 0;
	if (!gather(worker, &session->output, &length))
		return NET_BROKEN;
	struct slice run = slice_of(worker->gather, length);
	enum net_moved moved = net_transport_write(session, run, sent);
	put_back(&session->output, slice_from(run, *sent));
	return moved;
}

static enum net_moved
send_staged(struct net_worker *worker, struct net_session *session, size_t *sent)
{
	struct slice run = slice_of(worker->staging, worker->staged);
	worker->staged = 0;
	enum net_moved moved = net_transport_write(session, run, sent);
	put_back(&session->output, slice_from(run, *sent));
	return moved;
}

static bool
is_large(const struct net_piece *piece)
{
	return !piece->source && piece->end - piece->start >= NET_OUTPUT_DIRECT;
}

static enum net_flushed
unfinished(enum net_moved moved)
{
	return moved == NET_STUCK ? NET_FLUSHED_BLOCKED : NET_FLUSHED_BROKEN;
}

enum net_flushed
net_output_flush(struct net_worker *worker, struct net_session *session)
{
	struct net_output *output = &session->output;
	while (output->first || worker->staged) {
		if (worker->out_left == 0)
			return NET_FLUSHED_YIELD;
		size_t sent;
		enum net_moved moved;
		if (!output->first)
			moved = send_staged(worker, session, &sent);
		else if (is_large(output->first))
			moved = send_piece(session, &sent);
		else
			moved = send_gathered(worker, session, &sent);
		worker->out_left -= sent < worker->out_left ? sent : worker->out_left;
		if (moved != NET_MOVED)
			return unfinished(moved);
	}
	enum net_moved moved = session->deflate ? net_deflate_flush(session) : NET_MOVED;
	return moved == NET_MOVED ? NET_FLUSHED : unfinished(moved);
}
