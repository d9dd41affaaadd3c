/* Roots, subjects, order: RFC 5256 3, ORDEREDSUBJECT, and REFERENCES from step 3 on. */
#include "post/thread-internal.h"

struct list {
	struct post_thread_node **nodes;
	size_t count;
};

/* Every node that hangs at one of the roots, parents before children. */
static struct list
walk(struct post_threading *threading, const struct list *roots)
{
	struct list all = {
		ARENA_MANY(threading->arena, struct post_thread_node *, threading->count),
		0};
	for (size_t i = 0; i < roots->count; i++)
		all.nodes[all.count++] = roots->nodes[i];
	for (size_t i = 0; i < all.count; i++)
		for (struct post_thread_node *child = post_thread_child(all.nodes[i]);
			child; child = post_thread_next(child))
			all.nodes[all.count++] = child;
	return all;
}

static struct list
roots_of(struct post_threading *threading)
{
	struct list roots = {
		ARENA_MANY(threading->arena, struct post_thread_node *, threading->count),
		0};
	for (size_t i = 0; i < threading->count; i++) {
		struct post_thread_node *node = threading->nodes[i];
		if (!node->parent && (node->thread.uid || node->thread.child))
			roots.nodes[roots.count++] = node;
	}
	return roots;
}

/* --- step 3: who is not here -------------------------------------------------------------
 */

static void
move_children(struct post_thread_node *from, struct post_thread_node *to)
{
	for (struct post_thread_node *child; (child = post_thread_child(from));) {
		from->thread.child = child->thread.next;
		child->parent = to;
		child->thread.next = to ? to->thread.child : NULL;
		if (to)
			to->thread.child = &child->thread;
	}
}

/* One that is not here gives way to its children; at the top only to a single one. */
static void
prune(struct post_threading *threading)
{
	struct list roots = roots_of(threading);
	struct list all = walk(threading, &roots);
	for (size_t i = all.count; i-- > 0;) {
		struct post_thread_node *node = all.nodes[i], *parent = node->parent;
		if (node->thread.uid)
			continue;
		bool single = !node->thread.child || !node->thread.child->next;
		if (!parent && !single)
			continue;
		if (parent)
			post_thread_unlink(node);
		move_children(node, parent);
	}
}

/* --- order -------------------------------------------------------------------------------
 */

static int
compare_dates(const void *left, const void *right)
{
	const struct post_thread_node *a = *(struct post_thread_node *const *)left;
	const struct post_thread_node *b = *(struct post_thread_node *const *)right;
	if (a->date != b->date)
		return a->date < b->date ? -1 : 1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

static int
compare_newest(const void *left, const void *right)
{
	const struct post_thread_node *a = *(struct post_thread_node *const *)left;
	const struct post_thread_node *b = *(struct post_thread_node *const *)right;
	if (a->newest != b->newest)
		return a->newest < b->newest ? -1 : 1;
	return compare_dates(left, right);
}

static struct post_thread_node *
chain(struct list list, int (*compare)(const void *, const void *))
{
	if (list.count > 1)
		qsort(list.nodes, list.count, sizeof *list.nodes, compare);
	for (size_t i = 0; i < list.count; i++)
		list.nodes[i]->thread.next =
			i + 1 < list.count ? &list.nodes[i + 1]->thread : NULL;
	return list.count ? list.nodes[0] : NULL;
}

/* Children before parents, so that one that is not here has its first child's place. */
static void
sort_children(struct post_threading *threading, struct post_thread_node *node)
{
	size_t count = 0;
	for (struct post_thread_node *at = post_thread_child(node); at;
		at = post_thread_next(at))
		count++;
	struct list list = {
		ARENA_MANY(threading->arena, struct post_thread_node *, count), 0};
	for (struct post_thread_node *at = post_thread_child(node); at;
		at = post_thread_next(at))
		list.nodes[list.count++] = at;
	struct post_thread_node *first = chain(list, compare_dates);
	node->thread.child = first ? &first->thread : NULL;
	if (!node->thread.uid && first) {
		node->date = first->date;
		node->rank = first->rank;
	}
	node->newest = node->date;
	for (size_t i = 0; i < list.count; i++)
		if (list.nodes[i]->newest > node->newest)
			node->newest = list.nodes[i]->newest;
}

static void
sort_all(struct post_threading *threading)
{
	struct list roots = roots_of(threading);
	struct list all = walk(threading, &roots);
	for (size_t i = all.count; i-- > 0;)
		sort_children(threading, all.nodes[i]);
	threading->first = chain(roots,
		threading->how == POST_THREADS_REFS ? compare_newest : compare_dates);
}

/* --- step 5: the same subject ------------------------------------------------------------
 */

/* Of a thread whose first message is not here: its first child's. */
static const struct post_thread_node *
speaker(const struct post_thread_node *root)
{
	return root->thread.uid ? root : post_thread_child(root);
}

static bool
is_better(const struct post_thread_node *node, const struct post_thread_node *than)
{
	if (!node->thread.uid || !than->thread.uid)
		return !node->thread.uid && than->thread.uid;
	return than->is_reply && !node->is_reply;
}

static void
gather_subject(struct map *subjects, struct post_thread_node *root)
{
	struct slice subject = speaker(root)->subject;
	if (slice_empty(subject))
		return;
	struct post_thread_node *known = map_get(subjects, subject);
	if (!known || is_better(root, known))
		map_put(subjects, subject, root);
}

/* Neither answers the other: both go below a new one that is not here. */
static void
pair(struct post_threading *threading, struct map *subjects, struct slice subject,
	struct post_thread_node *root, struct post_thread_node *known)
{
	struct post_thread_node *both = post_thread_node_new(threading);
	both->subject = subject;
	post_thread_link(both, known);
	post_thread_link(both, root);
	map_put(subjects, subject, both);
}

static void
join(struct post_threading *threading, struct map *subjects, struct post_thread_node *root)
{
	struct slice subject = speaker(root)->subject;
	struct post_thread_node *known =
		slice_empty(subject) ? NULL : map_get(subjects, subject);
	if (!known || known == root || root->parent)
		return;
	if (!known->thread.uid && !root->thread.uid)
		move_children(root, known);
	else if (!known->thread.uid || (root->is_reply && !known->is_reply))
		post_thread_link(known, root);
	else
		pair(threading, subjects, subject, root, known);
}

/* As step 4 has put them: which thread meets which depends on it. */
static struct list
sorted_roots(struct post_threading *threading)
{
	struct list roots = {
		ARENA_MANY(threading->arena, struct post_thread_node *, threading->count),
		0};
	for (struct post_thread_node *at = threading->first; at; at = post_thread_next(at))
		roots.nodes[roots.count++] = at;
	return roots;
}

static void
join_subjects(struct post_threading *threading)
{
	struct map *subjects = map_create();
	struct list roots = sorted_roots(threading);
	for (size_t i = 0; i < roots.count; i++)
		gather_subject(subjects, roots.nodes[i]);
	for (size_t i = 0; i < roots.count; i++)
		join(threading, subjects, roots.nodes[i]);
	map_destroy(subjects);
}

/* --- ORDEREDSUBJECT ----------------------------------------------------------------------
 */

/* The first of a subject is the parent of all others, which have no children. */
static void
join_ordered(struct post_threading *threading)
{
	struct map *subjects = map_create();
	struct list roots = roots_of(threading);
	if (roots.count > 1)
		qsort(roots.nodes, roots.count, sizeof *roots.nodes, compare_dates);
	for (size_t i = 0; i < roots.count; i++) {
		struct post_thread_node *node = roots.nodes[i];
		struct post_thread_node *known = map_get(subjects, node->subject);
		if (known)
			post_thread_link(known, node);
		else
			map_put(subjects, node->subject, node);
	}
	map_destroy(subjects);
}

void
post_thread_finish(struct post_threading *threading)
{
	if (threading->how == POST_THREADS_ORDERED_SUBJECT) {
		join_ordered(threading);
	} else {
		prune(threading);
		sort_all(threading);
	}
	if (threading->how == POST_THREADS_REFERENCES)
		join_subjects(threading);
	sort_all(threading);
}
