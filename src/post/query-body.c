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
	struct alike *alikes; /* by plan; those that ask for words alike */
};

struct alike {
	struct search_alike so_far;
	struct search_words words;
};

static bool
is_alike(const struct post_plan *plan)
{
	return plan->leaf && plan->leaf->alike;
}

/* Words are as the index sees them: a header's name is a text of its own. */
static void
compare_words(struct post_body_search *search, const struct post_text_piece *piece)
{
	for (size_t i = 0; i < search->count; i++) {
		const struct post_plan *plan = search->plans[i];
		struct alike *alike = &search->alikes[i];
		if (!is_alike(plan) || (piece->kind != POST_TEXT_BODY &&
					       plan->query->kind != POST_QUERY_TEXT))
			continue;
		if (piece->first)
			search_words_end(&alike->words);
		search_words_put(
			&alike->words, slice_first(piece->folded, piece->name_length));
		if (piece->name_length)
			search_words_end(&alike->words);
		search_words_put(
			&alike->words, slice_from(piece->folded, piece->name_length));
		if (search_alike_all(&alike->so_far))
			search->found[plan->body_index] = true;
	}
}

/* The last word of all is whole now. */
static void
end_words(struct post_body_search *search)
{
	for (size_t i = 0; i < search->count; i++) {
		if (!is_alike(search->plans[i]))
			continue;
		search_words_end(&search->alikes[i].words);
		if (search_alike_all(&search->alikes[i].so_far))
			search->found[search->plans[i]->body_index] = true;
	}
}

/* TEXT looks at headers too, BODY does not. */
static void
look(struct post_body_search *search, struct slice folded, bool header)
{
	for (size_t i = 0; i < search->count; i++) {
		const struct post_plan *plan = search->plans[i];
		if (header && plan->query->kind != POST_QUERY_TEXT)
			continue;
		if (is_alike(plan))
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
	compare_words(search, piece);
}

static void
begin_words(struct alike *alike, const struct post_plan *plan)
{
	alike->so_far.terms = &plan->leaf->terms;
	alike->words = search_words_begin(search_alike_word, &alike->so_far);
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
	search->alikes = calloc(count + 1, sizeof *search->alikes);
	ASSERT(search->alikes);
	for (size_t i = 0; i < count; i++)
		if (is_alike(plans[i]))
			begin_words(&search->alikes[i], plans[i]);
	struct post_text_origin origin = {
		.store = subject->view->mailbox->account->post->store,
		.space = subject->view->mailbox->account->space,
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
	if (!more && !*failure)
		end_words(search);
	return more && !all_found(search);
}

void
post_body_search_end(struct post_body_search *search)
{
	if (!search)
		return;
	post_text_walk_end(search->walk);
	buffer_free(&search->window);
	free(search->alikes);
	free(search);
}
