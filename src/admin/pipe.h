#ifndef ADMIN_PIPE_H
#define ADMIN_PIPE_H

#include "admin/control.h"
#include "base/base.h"
#include "net/net.h"

/*
 * Two byte streams between a parked control session and the errand that carries out its
 * operation: the errand is linear code that reads and writes; the session moves bytes when
 * there are some. Each way holds about ADMIN_PIPE_MOST; whoever is ahead waits, the session
 * by parking without a taker.
 *
 * Counted: the session and the errand hold one each. A side that is gone ends the other's
 * reads and writes.
 */
#define ADMIN_PIPE_MOST (1024 * 1024)

struct admin_pipe;

struct admin_pipe *admin_pipe_create(struct net_handle session); /* two references */
void admin_pipe_drop(struct admin_pipe *pipe);

/* --- the errand's side: blocks ------------------------------------------------------- */

/* A line without its LF, in the arena; false at the end, or past ADMIN_LINE_MOST. */
bool admin_pipe_read_line(struct admin_pipe *pipe, struct arena *arena, struct slice *line);
/* At least one byte; 0 at the end. */
size_t admin_pipe_read(struct admin_pipe *pipe, char *into, size_t room);
/* All of it; false when the session is gone. */
bool admin_pipe_write(struct admin_pipe *pipe, struct slice bytes);
bool admin_pipe_broken(struct admin_pipe *pipe);
/* No more will be written; the session closes once all is out. */
void admin_pipe_finish(struct admin_pipe *pipe);

/* --- the session's side: never blocks ------------------------------------------------ */

/* The session's input taker: done when the pipe is full. Lives as long as the pipe. */
struct base_taker *admin_pipe_taker(struct admin_pipe *pipe);
bool admin_pipe_has_room(struct admin_pipe *pipe);
/* What the errand wrote, moved out; true when there will be more. */
bool admin_pipe_take_output(struct admin_pipe *pipe, struct buffer *into);
/* The peer sends no more, or the session is gone. */
void admin_pipe_end_input(struct admin_pipe *pipe);
void admin_pipe_break(struct admin_pipe *pipe);

/* For deadlines: how the errand does, and how much has come in so far. */
struct admin_pipe_state {
	bool called;   /* a line was read: the call */
	bool starving; /* the errand waits for input */
	uint64_t taken;
};
struct admin_pipe_state admin_pipe_look(struct admin_pipe *pipe);

#endif
