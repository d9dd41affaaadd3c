/* Who answers whom: RFC 5256 3, REFERENCES, steps 1 and 2. */
#include "post/thread-internal.h"
#include "wire/header.h"

enum { REFERENCES_MOST = 1000 };

/* What stands in the next "<…>" of a field; false when there is none. */
static bool
take_id(struct slice *rest, struct slice *id)
{
	size_t open = slice_find_byte(*rest, '<');
	struct slice behind = slice_from(*rest, open + 1);
	size_t close = slice_find_byte(behind, '>');
	if (open >= rest->length || close >= behind.length)
		return false;
	*id = slice_first(behind, close);
	*rest = slice_from(behind, close + 1);
	return true;
}

static bool
is_between_words(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_plain(struct slice id)
{
	for (size_t i = 0; i < id.length; i++)
		if (id.data[i] == '"' || is_between_words(id.data[i]))
			return false;
	return true;
}

/* Ids are one, written with quotes or without, or with blanks between their words. */
static struct slice
plain(struct arena *arena, struct slice id)
{
	if (is_plain(id))
		return id;
	char *text = arena_take(arena, id.length);
	size_t length = 0;
	bool quoted = false;
	for (size_t i = 0; i < id.length; i++) {
		char c = id.data[i];
		if (c == '"')
			quoted = !quoted;
		else if (quoted && c == '\\' && i + 1 < id.length)
			text[length++] = id.data[++i];
		else if (quoted ? c != '\r' && c != '\n' : !is_between_words(c))
			text[length++] = c;
	}
	return slice_of(text, length);
}

static struct post_thread_node *
node_of_id(struct post_threading *threading, struct slice written)
{
	struct slice id = plain(threading->arena, written);
	struct post_thread_node *node = map_get(threading->by_id, id);
	if (!node) {
		node = post_thread_node_new(threading);
		map_put(threading->by_id, arena_copy(threading->arena, id), node);
	}
	return node;
}

/*
 * Step 1 A: links each reference to the one behind it, where they have no parents yet.
 * Gives the last one.
 */
static struct post_thread_node *
link_chain(struct post_threading *threading, struct slice field, size_t most)
{
	struct slice id;
	struct post_thread_node *last = NULL;
	for (size_t i = 0; i < most && take_id(&field, &id); i++) {
		struct post_thread_node *node = node_of_id(threading, id);
		if (last && !node->parent && node != last)
			post_thread_link(last, node);
		last = node;
	}
	return last;
}

static struct post_thread_node *
last_reference(struct post_threading *threading, struct post_subject *subject)
{
	struct wire_header field;
	struct post_thread_node *last = NULL;
	if (wire_header_find(subject->fields, SLICE("References"), &field))
		last = link_chain(threading, field.raw, REFERENCES_MOST);
	if (!last && wire_header_find(subject->fields, SLICE("In-Reply-To"), &field))
		last = link_chain(threading, field.raw, 1);
	return last;
}

/*
 * The node of this message's own id. One that others spoke of already becomes it; the
 * second message of one id stands for itself (step 1).
 */
static struct post_thread_node *
own_node(struct post_threading *threading, struct post_subject *subject,
	struct post_thread_node *node)
{
	struct wire_header field;
	struct slice id;
	if (!wire_header_find(subject->fields, SLICE("Message-ID"), &field) ||
		!take_id(&field.raw, &id))
		return node;
	struct post_thread_node *known = node_of_id(threading, id);
	if (known->thread.uid)
		return node;
	known->thread.uid = node->thread.uid;
	known->date = node->date;
	known->rank = node->rank;
	known->subject = node->subject;
	known->is_reply = node->is_reply;
	node->thread.uid = 0; /* pruned: it has no children */
	return known;
}

void
post_thread_refer(struct post_threading *threading, struct post_subject *subject,
	struct post_thread_node *node)
{
	struct post_thread_node *own = own_node(threading, subject, node);
	struct post_thread_node *parent = last_reference(threading, subject);
	/* Step 1 B: what others said of a message does not count, if it says anything else
	 * of itself, though that be nothing or make a loop. */
	if (parent && parent == own->parent)
		return;
	post_thread_unlink(own);
	if (parent)
		post_thread_link(parent, own);
}
