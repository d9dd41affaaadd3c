#include "post/query-internal.h"

static enum post_cost
own_cost(enum post_query_kind kind)
{
	switch (kind) {
	case POST_QUERY_LARGER:
	case POST_QUERY_SMALLER:
	case POST_QUERY_BEFORE:
	case POST_QUERY_ON:
	case POST_QUERY_SINCE:
	case POST_QUERY_ARRIVED_SINCE:
	case POST_QUERY_ARRIVED_UNTIL:
	case POST_QUERY_SAVED_BEFORE:
	case POST_QUERY_SAVED_ON:
	case POST_QUERY_SAVED_SINCE:
	case POST_QUERY_EMAIL:
		return POST_COST_ENTRY;
	case POST_QUERY_SENT_BEFORE:
	case POST_QUERY_SENT_ON:
	case POST_QUERY_SENT_SINCE:
	case POST_QUERY_HEADER:
	case POST_QUERY_THREAD:
		return POST_COST_CONTENT;
	case POST_QUERY_BODY:
	case POST_QUERY_TEXT:
		return POST_COST_BODY;
	default:
		return POST_COST_BITMAP;
	}
}

static void
fold_needle(struct arena *arena, struct post_plan *plan)
{
	SCOPED(buffer_free) struct buffer folded = buffer_with(POST_SEARCH_NEEDLE_MOST);
	post_search_fold(plan->query->text, &folded);
	plan->hopeless = buffer_failed(&folded);
	plan->needle = arena_copy(arena, buffer_slice(&folded));
}

/* A field name that is compared as it stands with what folding left of a line. */
static bool
is_plain_name(struct slice name)
{
	return slice_is_ascii(name) && slice_find_byte(name, ' ') == name.length &&
	       slice_find_byte(name, '\t') == name.length &&
	       slice_find_byte(name, '\r') == name.length &&
	       slice_find_byte(name, '\n') == name.length;
}

static uint8_t
kinds_of(const struct post_query *query)
{
	switch (query->kind) {
	case POST_QUERY_BODY:
		return POST_TEXT_BODY;
	case POST_QUERY_TEXT:
		return POST_TEXT_ANY;
	case POST_QUERY_HEADER:
		return is_plain_name(query->name) ? (uint8_t)post_text_kind_of(query->name)
						  : 0;
	default:
		return 0;
	}
}

static void
make_leaf(struct arena *arena, struct post_plan *plan)
{
	uint8_t kinds = kinds_of(plan->query);
	if (!kinds || plan->hopeless || slice_empty(plan->needle))
		return;
	plan->leaf = ARENA_NEW(arena, struct search_leaf);
	plan->leaf->needle = plan->needle;
	plan->leaf->kinds = kinds;
	if (plan->query->kind == POST_QUERY_HEADER)
		plan->leaf->field = plan->query->name;
	/* Which of the other fields a word stands in is not known. */
	plan->leaf->alike = plan->query->alike && kinds != POST_TEXT_OTHER &&
			    search_terms_alike(plan->needle, &plan->leaf->terms);
}

static int
compare_costs(const void *a, const void *b)
{
	const struct post_plan *left = a, *right = b;
	return (int)left->cost - (int)right->cost;
}

static void
fill(struct arena *arena, const struct post_query *query, struct post_plan *plan,
	size_t *bodies)
{
	*plan = (struct post_plan){.query = query, .cost = own_cost(query->kind)};
	if (plan->cost >= POST_COST_CONTENT)
		fold_needle(arena, plan);
	make_leaf(arena, plan);
	if (plan->cost == POST_COST_BODY)
		plan->body_index = (*bodies)++;
	plan->count = query->count;
	plan->children = ARENA_MANY(arena, struct post_plan, query->count);
	for (size_t i = 0; i < query->count; i++) {
		fill(arena, &query->children[i], &plan->children[i], bodies);
		if (plan->children[i].cost > plan->cost)
			plan->cost = plan->children[i].cost;
	}
	if (plan->count > 1)
		qsort(plan->children, plan->count, sizeof *plan->children, compare_costs);
}

struct post_plan *
post_plan_make(struct arena *arena, const struct post_query *query, size_t *bodies)
{
	struct post_plan *plan = ARENA_NEW(arena, struct post_plan);
	*bodies = 0;
	fill(arena, query, plan, bodies);
	return plan;
}

bool
post_plan_needs_entries(const struct post_plan *plan)
{
	bool needed = own_cost(plan->query->kind) == POST_COST_ENTRY;
	for (size_t i = 0; i < plan->count && !needed; i++)
		needed = post_plan_needs_entries(&plan->children[i]);
	return needed;
}

size_t
post_plan_leaves(const struct post_plan *plan, struct search_leaf **leaves)
{
	size_t count = 0;
	if (plan->leaf) {
		if (leaves)
			leaves[0] = plan->leaf;
		count = 1;
	}
	for (size_t i = 0; i < plan->count; i++)
		count += post_plan_leaves(
			&plan->children[i], leaves ? leaves + count : NULL);
	return count;
}

/* --- bounds ------------------------------------------------------------------------------
 */

static struct post_bounds
exactly(struct post_uids *uids)
{
	return (struct post_bounds){.surely = uids, .possible = post_uids_copy(uids)};
}

static struct post_uids *
flagged(const struct post_view *view, struct slice name)
{
	int number = post_view_flag_number(view, name);
	const struct post_uids *uids =
		number < 0 ? NULL : post_view_flagged(view, (unsigned)number);
	return uids ? post_uids_copy(uids) : post_uids_create();
}

static struct post_uids *
limited(struct post_uids *uids, const struct post_view *view)
{
	post_uids_and(uids, view->uids);
	return uids;
}

static void
bounds_free(struct post_bounds *bounds)
{
	post_uids_destroy(bounds->surely);
	post_uids_destroy(bounds->possible);
}

static struct post_bounds
bounds_of_all(const struct post_plan *plan, const struct post_view *view,
	const struct search_index *index)
{
	struct post_bounds bounds = exactly(post_uids_copy(view->uids));
	for (size_t i = 0; i < plan->count; i++) {
		struct post_bounds child =
			post_plan_bounds(&plan->children[i], view, index);
		post_uids_and(bounds.surely, child.surely);
		post_uids_and(bounds.possible, child.possible);
		bounds_free(&child);
	}
	return bounds;
}

static struct post_bounds
bounds_of_any(const struct post_plan *plan, const struct post_view *view,
	const struct search_index *index)
{
	struct post_bounds bounds = exactly(post_uids_create());
	for (size_t i = 0; i < plan->count; i++) {
		struct post_bounds child =
			post_plan_bounds(&plan->children[i], view, index);
		post_uids_or(bounds.surely, child.surely);
		post_uids_or(bounds.possible, child.possible);
		bounds_free(&child);
	}
	return bounds;
}

static struct post_bounds
bounds_of_not(const struct post_plan *plan, const struct post_view *view,
	const struct search_index *index)
{
	struct post_bounds inner = bounds_of_all(plan, view, index);
	struct post_bounds bounds = {.surely = post_uids_copy(view->uids),
		.possible = post_uids_copy(view->uids)};
	post_uids_minus(bounds.surely, inner.possible);
	post_uids_minus(bounds.possible, inner.surely);
	bounds_free(&inner);
	return bounds;
}

static struct post_bounds
bounds_of_leaf(const struct post_plan *plan, const struct post_view *view,
	const struct search_index *index)
{
	struct post_bounds bounds;
	if (plan->hopeless)
		return exactly(post_uids_create());
	if (plan->leaf && index) {
		search_index_uids(index, plan->leaf, &bounds.surely, &bounds.possible);
		return bounds;
	}
	return (struct post_bounds){
		.surely = post_uids_create(), .possible = post_uids_copy(view->uids)};
}

struct post_bounds
post_plan_bounds(const struct post_plan *plan, const struct post_view *view,
	const struct search_index *index)
{
	switch (plan->query->kind) {
	case POST_QUERY_ALL:
		return exactly(post_uids_copy(view->uids));
	case POST_QUERY_NOT:
		return bounds_of_not(plan, view, index);
	case POST_QUERY_AND:
		return bounds_of_all(plan, view, index);
	case POST_QUERY_OR:
		return bounds_of_any(plan, view, index);
	case POST_QUERY_UIDS:
		return exactly(limited(post_uids_copy(plan->query->uids), view));
	case POST_QUERY_FLAG:
		return exactly(limited(flagged(view, plan->query->text), view));
	default:
		return bounds_of_leaf(plan, view, index);
	}
}
