#ifndef POST_THREAD_INTERNAL_H
#define POST_THREAD_INTERNAL_H

#include "base/map.h"
#include "post/facts.h"
#include "post/order.h"

/*
 * How threads are made (RFC 5256 3). A node is a message, or one that others refer to and
 * that is not here. No function goes down by calling itself: a thread may be as deep as
 * the mailbox has messages.
 */
struct post_thread_node {
	struct post_thread thread; /* first: what the result shows */
	struct post_thread_node *parent;
	struct slice subject; /* folded base subject */
	bool is_reply;
	int64_t date;   /* of a message that is not here: its first child's */
	uint32_t rank;  /* among those of one date: the UID, or its first child's */
	int64_t newest; /* in this node and below */
};

struct post_threading {
	const struct post_view *view;
	enum post_threads how;
	struct post_uids *uids;
	struct post_uids_cursor *walk;
	struct arena *arena, *message;
	struct map *by_id; /* of messages and of those that are not here */
	struct post_thread_node **nodes;
	size_t count, room;
	struct post_thread_node *first;
	bool done;
	enum base_failure failure;
};

struct post_thread_node *post_thread_node_new(struct post_threading *threading);
/* Unless it would make a loop, or a way up that is too long to look for one. */
void post_thread_link(struct post_thread_node *parent, struct post_thread_node *child);
void post_thread_unlink(struct post_thread_node *child);
struct post_thread_node *post_thread_child(const struct post_thread_node *node);
struct post_thread_node *post_thread_next(const struct post_thread_node *node);

/* thread-references.c: reads a message's references and links it. */
void post_thread_refer(struct post_threading *threading, struct post_subject *subject,
	struct post_thread_node *node);
/* thread-sort.c: prunes, joins by subject where wanted, sorts; leaves first. */
void post_thread_finish(struct post_threading *threading);

#endif
