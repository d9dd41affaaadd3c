#include "post/mailbox-internal.h"
#include "post/query-internal.h"

/*
 * BODY and TEXT without an index: the texts of a message, looked at as they come. A needle
 * may lie across two pieces of a text, so the end of one is kept for the next.
 */
struct post_body_search {
	const struct post_plan *const *plans;
	size_t count;
	bool *found;
	struct post_text_walk *walk;
	struct buffer window;
};

/* TEXT looks at headers too, BODY does not. */
static void
look(struct post_body_search *search, struct slice folded, bool header)
{
	for (size_t i = 0; i < search->count; i++) {
		const struct post_plan *plan = search->plans[i];
		if (header && plan->query->kind != POST_QUERY_TEXT)
			continue;
		if (post_search_contains(folded, plan->needle))
			search->found[plan->body_index] = true;
	}
}

static bool
all_found(const struct post_body_search *search)
{
	for (size_t i = 0; i < search->count; i++)
		if (!search->found[search->plans[i]->body_index])
			return false;
	return true;
}

static void
piece_seen(void *argument, const struct post_text_piece *piece)
{
	struct post_body_search *search = argument;
	struct buffer *window = &search->window;
	if (piece->first)
		buffer_clear(window);
	else if (window->length > POST_SEARCH_NEEDLE_MOST)
		buffer_drop_first(window, window->length - POST_SEARCH_NEEDLE_MOST);
	buffer_put(window, piece->folded);
	look(search, buffer_slice(window), piece->kind != POST_TEXT_BODY);
}

struct post_body_search *
post_body_search_begin(const struct post_plan *const *plans, size_t count,
	struct post_subject *subject, bool *found)
{
	struct post_body_search *search = calloc(1, sizeof *search);
	ASSERT(search);
	*search = (struct post_body_search){.plans = plans,
		.count = count,
		.found = found,
		.window = buffer_with(ARENA_NO_CEILING)};
	struct post_text_origin origin = {
		.store = subject->view->mailbox->account->post->store,
		.view = (struct post_view *)(uintptr_t)subject->view,
		.message = &subject->message,
		.fields = subject->fields,
	};
	search->walk = post_text_walk_begin(&origin, piece_seen, search);
	return search;
}

bool
post_body_search_step(struct post_body_search *search, enum base_failure *failure)
{
	bool more = false;
	*failure = BASE_OK;
	if (!all_found(search))
		more = post_text_walk_step(search->walk, failure);
	return more && !all_found(search);
}

void
post_body_search_end(struct post_body_search *search)
{
	if (!search)
		return;
	post_text_walk_end(search->walk);
	buffer_free(&search->window);
	free(search);
}
