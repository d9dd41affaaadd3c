#include "admin/pipe.h"
#include <pthread.h>

struct admin_pipe {
	struct base_taker taker; /* first: the taker is the pipe */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct buffer input, output;
	size_t input_read; /* bytes of input that were read already */
	bool input_ended, finished, broken;
	struct admin_pipe_state state;
	unsigned references;
	struct net_handle session;
};

static struct slice
unread(const struct admin_pipe *pipe)
{
	return slice_from(buffer_slice(&pipe->input), pipe->input_read);
}

/* Reading moves nothing until half the room is used up; only then is there room to speak
 * of. */
static void
advance(struct admin_pipe *pipe, size_t count)
{
	bool was_high = unread(pipe).length > ADMIN_PIPE_MOST / 2;
	pipe->input_read += count;
	if (pipe->input_read == pipe->input.length ||
		pipe->input_read >= ADMIN_PIPE_MOST / 2) {
		buffer_drop_first(&pipe->input, pipe->input_read);
		pipe->input_read = 0;
	}
	if (was_high && unread(pipe).length <= ADMIN_PIPE_MOST / 2)
		net_wake(pipe->session, 1);
}

/* Under the lock. False: there will be no more. */
static bool
wait_for_input(struct admin_pipe *pipe)
{
	if (pipe->broken || pipe->input_ended)
		return false;
	pipe->state.starving = true;
	pthread_cond_wait(&pipe->changed, &pipe->lock);
	pipe->state.starving = false;
	return true;
}

static enum base_taken
take(struct base_taker *taker, struct slice input, size_t *consumed)
{
	struct admin_pipe *pipe = (struct admin_pipe *)taker;
	pthread_mutex_lock(&pipe->lock);
	size_t used = unread(pipe).length;
	size_t room = used < ADMIN_PIPE_MOST ? ADMIN_PIPE_MOST - used : 0;
	*consumed = input.length < room ? input.length : room;
	buffer_put(&pipe->input, slice_first(input, *consumed));
	pipe->state.taken += *consumed;
	pthread_cond_broadcast(&pipe->changed);
	pthread_mutex_unlock(&pipe->lock);
	return *consumed < input.length ? BASE_TAKE_DONE : BASE_TAKE_MORE;
}

struct admin_pipe *
admin_pipe_create(struct net_handle session)
{
	struct admin_pipe *pipe = calloc(1, sizeof *pipe);
	ASSERT(pipe);
	pipe->taker.take = take;
	pthread_mutex_init(&pipe->lock, NULL);
	pthread_cond_init(&pipe->changed, NULL);
	pipe->input = buffer_with(2 * ADMIN_PIPE_MOST);
	pipe->output = buffer_with(4 * ADMIN_PIPE_MOST);
	pipe->references = 2;
	pipe->session = session;
	return pipe;
}

void
admin_pipe_drop(struct admin_pipe *pipe)
{
	if (!pipe)
		return;
	pthread_mutex_lock(&pipe->lock);
	bool last = --pipe->references == 0;
	pthread_mutex_unlock(&pipe->lock);
	if (!last)
		return;
	buffer_free(&pipe->input);
	buffer_free(&pipe->output);
	pthread_cond_destroy(&pipe->changed);
	pthread_mutex_destroy(&pipe->lock);
	free(pipe);
}

/* --- the errand's side --------------------------------------------------------------- */

size_t
admin_pipe_read(struct admin_pipe *pipe, char *into, size_t room)
{
	pthread_mutex_lock(&pipe->lock);
	while (unread(pipe).length == 0 && wait_for_input(pipe))
		continue;
	struct slice some = slice_first(unread(pipe), room);
	if (some.length) {
		memcpy(into, some.data, some.length);
		advance(pipe, some.length);
	}
	pthread_mutex_unlock(&pipe->lock);
	return some.length;
}

bool
admin_pipe_read_line(struct admin_pipe *pipe, struct arena *arena, struct slice *line)
{
	pthread_mutex_lock(&pipe->lock);
	size_t end, looked = 0;
	for (;;) {
		struct slice rest = unread(pipe);
		end = looked + slice_find_byte(slice_from(rest, looked), '\n');
		looked = rest.length;
		if (end < rest.length || end >= ADMIN_LINE_MOST || !wait_for_input(pipe))
			break;
	}
	bool found = end < unread(pipe).length && end < ADMIN_LINE_MOST;
	if (found) {
		*line = arena_copy(arena, slice_first(unread(pipe), end));
		advance(pipe, end + 1);
		pipe->state.called = true;
	}
	pthread_mutex_unlock(&pipe->lock);
	return found;
}

bool
admin_pipe_write(struct admin_pipe *pipe, struct slice bytes)
{
	pthread_mutex_lock(&pipe->lock);
	while (bytes.length && !pipe->broken) {
		if (pipe->output.length >= ADMIN_PIPE_MOST) {
			pthread_cond_wait(&pipe->changed, &pipe->lock);
			continue;
		}
		struct slice some = slice_first(bytes, ADMIN_PIPE_MOST);
		bool was_empty = pipe->output.length == 0;
		buffer_put(&pipe->output, some);
		bytes = slice_from(bytes, some.length);
		if (was_empty)
			net_wake(pipe->session, 1);
	}
	bool fine = !pipe->broken;
	pthread_mutex_unlock(&pipe->lock);
	return fine;
}

bool
admin_pipe_broken(struct admin_pipe *pipe)
{
	pthread_mutex_lock(&pipe->lock);
	bool broken = pipe->broken;
	pthread_mutex_unlock(&pipe->lock);
	return broken;
}

void
admin_pipe_finish(struct admin_pipe *pipe)
{
	pthread_mutex_lock(&pipe->lock);
	pipe->finished = true;
	net_wake(pipe->session, 1);
	pthread_mutex_unlock(&pipe->lock);
}

/* --- the session's side --------------------------------------------------------------- */

struct base_taker *
admin_pipe_taker(struct admin_pipe *pipe)
{
	return &pipe->taker;
}

bool
admin_pipe_has_room(struct admin_pipe *pipe)
{
	pthread_mutex_lock(&pipe->lock);
	bool over = pipe->broken || pipe->input_ended;
	bool room = unread(pipe).length < ADMIN_PIPE_MOST && !over;
	pthread_mutex_unlock(&pipe->lock);
	return room;
}

bool
admin_pipe_take_output(struct admin_pipe *pipe, struct buffer *into)
{
	pthread_mutex_lock(&pipe->lock);
	buffer_put(into, buffer_slice(&pipe->output));
	buffer_clear(&pipe->output);
	bool more = !pipe->finished;
	pthread_cond_broadcast(&pipe->changed);
	pthread_mutex_unlock(&pipe->lock);
	return more;
}

void
admin_pipe_end_input(struct admin_pipe *pipe)
{
	pthread_mutex_lock(&pipe->lock);
	pipe->input_ended = true;
	pthread_cond_broadcast(&pipe->changed);
	pthread_mutex_unlock(&pipe->lock);
}

void
admin_pipe_break(struct admin_pipe *pipe)
{
	pthread_mutex_lock(&pipe->lock);
	pipe->broken = true;
	pthread_cond_broadcast(&pipe->changed);
	pthread_mutex_unlock(&pipe->lock);
}

struct admin_pipe_state
admin_pipe_look(struct admin_pipe *pipe)
{
	pthread_mutex_lock(&pipe->lock);
	struct admin_pipe_state state = pipe->state;
	pthread_mutex_unlock(&pipe->lock);
	return state;
}
