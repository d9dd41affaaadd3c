#include "post/query.h"
#include "post/mailbox-internal.h"
#include "post/query-internal.h"

/* Costs of a step, in units that are some microseconds each. */
#define STEP_UNITS   1000
#define UNIT_ENTRY   1
#define UNIT_CONTENT 5
#define UNIT_PIECE   500

/* Messages of which is known whether they match, before it is asked if they are enough. */
#define SPAN_FIRST 64
#define SPAN_MOST  1024

struct post_search {
	const struct post_view *view;
	struct arena *arena; /* the plan */
	struct post_plan *plan;
	const struct post_plan **bodies;
	size_t body_count;
	bool *found_in_body;
	struct search_index *index; /* NULL: none */
	bool asking;                /* the index is still asked */
	struct post_uids *found;    /* NULL: not known yet which are to be looked at */
	struct post_uids *open;     /* may match, too */
	struct post_uids *span;     /* of these, what is looked at one by one now */
	uint32_t next;              /* the next of the span; 0: done */
	bool limited;               /* only so many are wanted from either end: */
	uint32_t least_wanted, greatest_wanted, span_most;
	struct post_kept_entries batch;
	size_t batch_at;
	bool needs_entries;
	struct post_entry_record by_index; /* of which only the email id is known */
	struct post_subject subject;
	struct post_body_search *body; /* of the subject, when it is being read */
	enum base_failure failure;
};

static void
gather_bodies(struct post_search *search, const struct post_plan *plan)
{
	if (plan->query->kind == POST_QUERY_BODY || plan->query->kind == POST_QUERY_TEXT)
		search->bodies[plan->body_index] = plan;
	for (size_t i = 0; i < plan->count; i++)
		gather_bodies(search, &plan->children[i]);
}

static void
ask_index(struct post_search *search)
{
	size_t count = post_plan_leaves(search->plan, NULL);
	if (!count || search->failure)
		return;
	search->index = search_index_open(search->view);
	if (!search->index)
		return;
	struct search_leaf **leaves =
		ARENA_MANY(search->arena, struct search_leaf *, count);
	(void)post_plan_leaves(search->plan, leaves);
	search_index_ask(search->index, leaves, count);
	search->asking = true;
}

/* --- what is looked at -------------------------------------------------------------------
 */

/* Nothing that is open comes before the wanted ones of that end. */
static bool
has_least(const struct post_search *search)
{
	uint32_t wanted = search->least_wanted;
	return !wanted ||
	       (post_uids_count(search->found) >= wanted &&
		       post_uids_at(search->found, wanted) < post_uids_least(search->open));
}

static bool
has_greatest(const struct post_search *search)
{
	uint32_t wanted = search->greatest_wanted, count = post_uids_count(search->found);
	return !wanted ||
	       (count >= wanted && post_uids_at(search->found, count + 1 - wanted) >
					   post_uids_most(search->open));
}

/* Those of open at that end; more at each time, so that the first come soon. */
static struct post_uids *
take_span(struct post_search *search, bool from_start)
{
	struct post_uids *span = post_uids_create();
	uint32_t count = post_uids_count(search->open);
	uint32_t size = count < search->span_most ? count : search->span_most;
	uint32_t first = from_start ? 1 : count + 1 - size;
	post_uids_add_range(span, post_uids_at(search->open, first),
		post_uids_at(search->open, first + size - 1));
	post_uids_and(span, search->open);
	search->span_most =
		search->span_most < SPAN_MOST ? search->span_most * 2 : SPAN_MOST;
	return span;
}

/* Sets next; 0: no more has to be looked at. */
static void
next_span(struct post_search *search)
{
	post_uids_destroy(search->span);
	search->span = NULL;
	search->next = 0;
	if (post_uids_empty(search->open))
		return;
	bool least = has_least(search);
	if (search->limited && least && has_greatest(search))
		return;
	search->span =
		search->limited ? take_span(search, !least) : post_uids_copy(search->open);
	post_uids_minus(search->open, search->span);
	search->next = post_uids_next(search->span, 0);
}

static void
begin_looking(struct post_search *search)
{
	struct post_bounds bounds =
		post_plan_bounds(search->plan, search->view, search->index);
	search->found = bounds.surely;
	search->open = bounds.possible;
	post_uids_minus(search->open, search->found);
	next_span(search);
}

void
post_search_want(struct post_search *search, uint32_t least, uint32_t greatest)
{
	search->limited = true;
	search->least_wanted = least;
	search->greatest_wanted = greatest;
	search->span_most = SPAN_FIRST;
}

struct post_search *
post_search_begin(const struct post_view *view, const struct post_query *query)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_search *search = ARENA_NEW(arena, struct post_search);
	search->view = view;
	search->arena = arena;
	search->plan = post_plan_make(arena, query, &search->body_count);
	search->bodies = ARENA_MANY(arena, const struct post_plan *, search->body_count);
	search->found_in_body = ARENA_MANY(arena, bool, search->body_count);
	search->needs_entries = post_plan_needs_entries(search->plan);
	gather_bodies(search, search->plan);
	if (search->body_count > POST_QUERY_BODIES_MOST)
		search->failure = BASE_TOO_LARGE;
	ask_index(search);
	search->subject.arena = arena_create(ARENA_NO_CEILING);
	return search;
}

/* --- one message after the other ---------------------------------------------------------
 */

static void
read_some(struct post_search *search, int most)
{
	struct post_mailbox *mailbox = search->view->mailbox;
	SCOPED(post_uids_release) struct post_uids *uids = post_uids_create();
	uint32_t uid = search->next;
	for (int i = 0; i < most && uid; i++) {
		post_uids_add(uids, uid);
		uid = post_uids_next(search->span, uid);
	}
	post_entries_free(&search->batch);
	search->batch_at = 0;
	search->failure = post_entries_load(
		mailbox->account, mailbox->id, uids, NULL, &search->batch);
}

/* One entry that can't be read does not take the others of its batch along. */
static void
read_batch(struct post_search *search)
{
	read_some(search, POST_SEARCH_BATCH);
	if (search->failure == BASE_DAMAGED)
		read_some(search, 1);
}

/* The entry of the next message; NULL with failure set when it has none. */
static const struct post_entry_record *
next_entry(struct post_search *search)
{
	if (search->batch_at == search->batch.count ||
		search->batch.list[search->batch_at].uid != search->next)
		read_batch(search);
	if (search->failure)
		return NULL;
	if (search->batch_at == search->batch.count ||
		search->batch.list[search->batch_at].uid != search->next) {
		search->failure = BASE_DAMAGED;
		return NULL;
	}
	return &search->batch.list[search->batch_at++].record;
}

/* The index knows the email ids of most: reading entries takes as long as looking. */
static const struct post_entry_record *
entry_of(struct post_search *search)
{
	if (search->needs_entries || !search->index ||
		!search_index_email(search->index, search->next, &search->by_index.email))
		return next_entry(search);
	return &search->by_index;
}

static void
end_subject(struct post_search *search, enum post_answer answer)
{
	if (answer == POST_YES)
		post_uids_add(search->found, search->subject.uid);
	post_body_search_end(search->body);
	search->body = NULL;
	search->next = post_uids_next(search->span, search->subject.uid);
	if (!search->next)
		next_span(search);
}

static void
begin_subject(struct post_search *search)
{
	struct arena *arena = search->subject.arena;
	arena_reset(arena);
	if (search->body_count)
		memset(search->found_in_body, 0, search->body_count * sizeof(bool));
	search->subject = (struct post_subject){
		.view = search->view,
		.uid = search->next,
		.arena = arena,
		.index = search->index,
		.found = search->found_in_body,
		.entry = entry_of(search),
	};
}

/*
 * One message that can't be read is no reason to keep the others back: it is not found,
 * whatever is asked, and the log says so.
 */
static void
leave_out_damaged(struct post_search *search)
{
	const struct post_mailbox *mailbox = search->view->mailbox;
	if (search->failure != BASE_DAMAGED)
		return;
	LOG(mailbox->account->post->log, BASE_LOG_WARN, "post.search.left-out",
		LOG_NUMBER("account", mailbox->account->id),
		LOG_NUMBER("mailbox", mailbox->id), LOG_NUMBER("uid", search->subject.uid),
		LOG_FAILURE(search->failure));
	search->failure = BASE_OK;
	end_subject(search, POST_NO);
}

static unsigned
look_at_records(struct post_search *search)
{
	begin_subject(search);
	if (search->failure) {
		leave_out_damaged(search);
		return UNIT_CONTENT;
	}
	enum post_answer answer = post_plan_answer(search->plan, &search->subject);
	search->failure = search->subject.failure;
	if (search->failure) {
		leave_out_damaged(search);
		return UNIT_CONTENT;
	}
	if (answer != POST_UNKNOWN) {
		end_subject(search, answer);
		return search->subject.with_message || search->subject.texts_asked
			       ? UNIT_CONTENT
			       : UNIT_ENTRY;
	}
	if (post_subject_read(&search->subject))
		search->body = post_body_search_begin(search->bodies, search->body_count,
			&search->subject, search->found_in_body);
	search->failure = search->subject.failure;
	leave_out_damaged(search);
	return UNIT_CONTENT;
}

static unsigned
look_at_body(struct post_search *search)
{
	bool more = post_body_search_step(search->body, &search->failure);
	if (search->failure) {
		leave_out_damaged(search);
		return UNIT_PIECE;
	}
	search->subject.body_read = !more;
	enum post_answer answer = post_plan_answer(search->plan, &search->subject);
	if (answer != POST_UNKNOWN)
		end_subject(search, answer);
	return UNIT_PIECE;
}

bool
post_search_step(struct post_search *search)
{
	unsigned units = 0;
	if (search->asking) {
		search->asking = search_index_step(search->index);
		return true;
	}
	if (!search->found && !search->failure)
		begin_looking(search);
	while (!search->failure && search->next && units < STEP_UNITS)
		units += search->body ? look_at_body(search) : look_at_records(search);
	return !search->failure && search->next;
}

enum base_failure
post_search_end(struct post_search *search, struct post_uids **found)
{
	enum base_failure failure = search->failure;
	ASSERT(failure || !search->next);
	*found = failure ? NULL : search->found;
	if (!failure)
		search->found = NULL;
	post_search_destroy(search);
	return failure;
}

void
post_search_destroy(struct post_search *search)
{
	if (!search)
		return;
	post_body_search_end(search->body);
	post_entries_free(&search->batch);
	search_index_close(search->index);
	post_uids_destroy(search->found);
	post_uids_destroy(search->open);
	post_uids_destroy(search->span);
	arena_destroy(search->subject.arena);
	arena_destroy(search->arena);
}
