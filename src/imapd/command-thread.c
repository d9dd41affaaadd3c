/* THREAD: RFC 5256 3, 4. */
#include "imapd/searching.h"
#include "post/order.h"
#include "wire/imap-sort.h"

struct making {
	struct imapd_searching searching; /* first */
	struct wire_imap_thread wanted;
	struct post_threading *threading;
};

/* --- "* THREAD (2)(3 6 (4 23)(44 7 96))" -------------------------------------------------
 */

/*
 * Where the writing stands: at each level the next thread that goes into parentheses. What
 * is below a message is behind it, so that a thread may be of any depth.
 */
struct thread_line {
	struct imapd_lines lines;
	struct post_view *view;
	struct post_threading *threading;
	const struct post_thread **levels;
	size_t depth, room;
	const struct post_thread *at; /* within parentheses; NULL: between */
	bool as_uids, begun;
};

static void
release_line(struct imapd_lines *lines)
{
	struct thread_line *line = (struct thread_line *)lines;
	post_thread_destroy(line->threading);
	post_view_drop(line->view);
	free(line->levels);
	free(line);
}

static void
push(struct thread_line *line, const struct post_thread *first)
{
	if (line->depth == line->room) {
		line->room = line->room ? line->room * 2 : 16;
		line->levels = reallocarray(line->levels, line->room, sizeof *line->levels);
		ASSERT(line->levels);
	}
	line->levels[line->depth++] = first;
}

static void
put_message(struct thread_line *line, struct buffer *into, uint32_t uid)
{
	if (uid)
		buffer_put_number(
			into, line->as_uids ? uid : post_view_sequence(line->view, uid));
}

/* A message; what it leads to is behind it, or on a level of its own. */
static void
put_step(struct thread_line *line, struct buffer *into)
{
	const struct post_thread *thread = line->at, *child = thread->child;
	bool alone = child && !child->next && thread->uid;
	put_message(line, into, thread->uid);
	if (child && thread->uid)
		buffer_put_byte(into, ' ');
	if (!child)
		buffer_put_byte(into, ')');
	else if (!alone)
		push(line, child);
	line->at = alone ? child : NULL;
}

/* Opens the next thread of the level, or closes the level. */
static void
turn(struct thread_line *line, struct buffer *into)
{
	line->at = line->levels[line->depth - 1];
	if (line->at) {
		line->levels[line->depth - 1] = line->at->next;
		buffer_put_byte(into, '(');
	} else if (--line->depth) {
		buffer_put_byte(into, ')');
	}
}

static bool
fill(struct imapd_lines *lines, struct buffer *into)
{
	struct thread_line *line = (struct thread_line *)lines;
	if (!line->begun)
		buffer_put_text(into, line->levels[0] ? "* THREAD " : "* THREAD");
	line->begun = true;
	while (line->depth && into->length < IMAPD_LINES_FILL)
		if (line->at)
			put_step(line, into);
		else
			turn(line, into);
	if (line->depth)
		return true;
	buffer_put_text(into, "\r\n");
	return false;
}

/* Takes the threads over. */
static void
put_threads(struct imapd_session *session, struct making *making,
	const struct post_thread *first)
{
	struct thread_line *line = malloc(sizeof *line);
	ASSERT(line);
	*line = (struct thread_line){.lines = {.fill = fill, .release = release_line},
		.view = post_view_hold(making->searching.view),
		.threading = making->threading,
		.as_uids = session->call->uid};
	making->threading = NULL;
	push(line, first);
	imapd_put_lines(session, &line->lines);
}

/* --- the command -----------------------------------------------------------------------
 */

static void
release(void *argument)
{
	struct making *making = argument;
	post_thread_destroy(making->threading);
}

static bool
thread_step(void *state)
{
	struct making *making = state;
	return post_thread_step(making->threading);
}

static enum net_next
made(struct imapd_session *session, void *state)
{
	struct making *making = state;
	const struct post_thread *first;
	enum base_failure failure = post_thread_result(making->threading, &first);
	if (failure)
		return imapd_failed(session, failure);
	put_threads(session, making, first);
	return imapd_ok(session, "Done");
}

static enum net_next
found(struct imapd_session *session, struct imapd_searching *searching,
	struct post_uids *owned)
{
	struct making *making = (struct making *)searching;
	static const enum post_threads ways[] = {
		[WIRE_IMAP_THREAD_ORDEREDSUBJECT] = POST_THREADS_ORDERED_SUBJECT,
		[WIRE_IMAP_THREAD_REFERENCES] = POST_THREADS_REFERENCES,
		[WIRE_IMAP_THREAD_REFS] = POST_THREADS_REFS};
	making->threading =
		post_thread_begin(searching->view, owned, ways[making->wanted.algorithm]);
	post_uids_destroy(owned);
	arena_on_release(session->call->arena, release, making);
	return imapd_steps(session,
		&(struct imapd_steps){.step = thread_step, .done = made, .state = making});
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct making *making = ARENA_NEW(call->arena, struct making);
	if (!wire_imap_thread_parse(&call->cursor, &making->wanted))
		return imapd_unparsed(session);
	if (imapd_charset_conflicts(session, making->wanted.search.charset, false))
		return imapd_bad(session, "After ENABLE UTF8=ACCEPT the charset is UTF-8");
	making->searching.wanted = making->wanted.search;
	making->searching.found = found;
	return imapd_search(session, &making->searching);
}

const struct imapd_command imapd_command_thread = {
	.name = "THREAD",
	.states = IMAPD_SELECTED,
	.traits = IMAPD_HAS_UID | IMAPD_KEEPS_NUMBERS | IMAPD_WHOLE,
	.capability = "THREAD=ORDEREDSUBJECT THREAD=REFERENCES THREAD=REFS",
	.rfc = "5256 3",
	.purpose = "Finds messages and puts them into their conversations",
	.file = __FILE__,
	.run = run,
};
