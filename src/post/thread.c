#include "post/thread-internal.h"

enum { AT_ONCE = 200, WAY_UP_MOST = 1000 };

struct post_threading *
post_thread_begin(const struct post_view *view, const struct post_uids *uids,
	enum post_threads threads)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_threading *threading = ARENA_NEW(arena, struct post_threading);
	threading->view = view;
	threading->how = threads;
	threading->uids = post_uids_copy(uids);
	post_uids_and(threading->uids, post_view_uids(view));
	threading->walk = post_uids_walk(threading->uids);
	threading->arena = arena;
	threading->message = arena_create(ARENA_NO_CEILING);
	threading->by_id = map_create();
	return threading;
}

void
post_thread_destroy(struct post_threading *threading)
{
	if (!threading)
		return;
	post_uids_cursor_destroy(threading->walk);
	post_uids_destroy(threading->uids);
	map_destroy(threading->by_id);
	free(threading->nodes);
	arena_destroy(threading->message);
	arena_destroy(threading->arena);
}

/* --- nodes -------------------------------------------------------------------------------
 */

struct post_thread_node *
post_thread_node_new(struct post_threading *threading)
{
	struct post_thread_node *node =
		ARENA_NEW(threading->arena, struct post_thread_node);
	if (threading->count == threading->room) {
		threading->room = threading->room ? threading->room * 2 : 64;
		threading->nodes = reallocarray(threading->nodes, threading->room,
			sizeof(struct post_thread_node *));
		ASSERT(threading->nodes);
	}
	threading->nodes[threading->count++] = node;
	return node;
}

struct post_thread_node *
post_thread_child(const struct post_thread_node *node)
{
	return (struct post_thread_node *)node->thread.child;
}

struct post_thread_node *
post_thread_next(const struct post_thread_node *node)
{
	return (struct post_thread_node *)node->thread.next;
}

static bool
may_link(const struct post_thread_node *parent, const struct post_thread_node *child)
{
	int steps = 0;
	for (const struct post_thread_node *at = parent; at; at = at->parent)
		if (at == child || ++steps > WAY_UP_MOST)
			return false;
	return true;
}

void
post_thread_link(struct post_thread_node *parent, struct post_thread_node *child)
{
	if (!may_link(parent, child))
		return;
	post_thread_unlink(child);
	child->parent = parent;
	child->thread.next = parent->thread.child;
	parent->thread.child = &child->thread;
}

void
post_thread_unlink(struct post_thread_node *child)
{
	if (!child->parent)
		return;
	struct post_thread **link = &child->parent->thread.child;
	while (*link != &child->thread)
		link = &(*link)->next;
	*link = child->thread.next;
	child->thread.next = NULL;
	child->parent = NULL;
}

/* --- reading -----------------------------------------------------------------------------
 */

static void
add(struct post_threading *threading, struct post_subject *subject)
{
	struct post_thread_node *node = post_thread_node_new(threading);
	node->thread.uid = node->rank = subject->uid;
	node->date = post_fact_date(subject);
	if (threading->how != POST_THREADS_REFS)
		node->subject =
			post_fact_subject(subject, threading->arena, &node->is_reply);
	if (threading->how != POST_THREADS_ORDERED_SUBJECT)
		post_thread_refer(threading, subject, node);
}

bool
post_thread_step(struct post_threading *threading)
{
	for (int i = 0; i < AT_ONCE && !threading->done && !threading->failure; i++) {
		struct post_subject subject = {.view = threading->view,
			.uid = post_uids_cursor_next(threading->walk),
			.arena = threading->message};
		threading->done = !subject.uid;
		if (threading->done)
			post_thread_finish(threading);
		else if (post_subject_read(&subject))
			add(threading, &subject);
		threading->failure = subject.failure;
		arena_reset(threading->message);
	}
	return !threading->done && !threading->failure;
}

enum base_failure
post_thread_result(struct post_threading *threading, const struct post_thread **first)
{
	ASSERT(threading->done || threading->failure);
	*first = threading->first ? &threading->first->thread : NULL;
	return threading->failure;
}
