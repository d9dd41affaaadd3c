#include "post/uids-internal.h"
#include "post/view-internal.h"

/* From one generation to the next. */
struct post_view_builder {
	struct post_view *view;
	const struct post_view *from;
	bool own_uids, own_keywords, shrunk;
	bool own_flag[POST_FLAG_NUMBERS];
	struct post_modseqs_editor modseqs;
};

static struct post_view *
view_create(void)
{
	size_t size =
		sizeof(struct post_view) + POST_FLAG_NUMBERS * sizeof(struct post_uids *);
	struct post_view *view = calloc(1, size);
	ASSERT(view);
	atomic_init(&view->references, 1);
	atomic_init(&view->pins, 0);
	return view;
}

struct post_view *
post_view_blank(void)
{
	struct post_view *view = view_create();
	view->modseq = 1;
	view->uid_next = 1;
	view->numbers = POST_KEYWORD_FIRST;
	view->keywords = post_keywords_create();
	view->uids = post_uids_create();
	return view;
}

struct post_view_builder *
post_view_build(const struct post_view *from)
{
	struct post_view_builder *builder = calloc(1, sizeof *builder);
	ASSERT(builder);
	struct post_view *view = view_create();
	view->modseq = from->modseq;
	view->uid_next = from->uid_next;
	view->numbers = from->numbers;
	view->mailbox = from->mailbox;
	view->keywords = from->keywords;
	atomic_fetch_add_explicit(&view->keywords->references, 1, memory_order_relaxed);
	view->uids = post_uids_share(from->uids);
	for (unsigned i = 0; i < from->numbers; i++)
		if (from->flagged[i])
			view->flagged[i] = post_uids_share(from->flagged[i]);
	post_modseqs_edit(&builder->modseqs, post_modseqs_share(&from->modseqs));
	builder->view = view;
	builder->from = from;
	return builder;
}

/* The bitmap to change: copied the first time. */
static struct post_uids *
own(struct post_uids **uids, bool *owned)
{
	if (!*owned) {
		struct post_uids *copy = *uids ? post_uids_copy(*uids) : post_uids_create();
		post_uids_destroy(*uids);
		*uids = copy;
		*owned = true;
	}
	return *uids;
}

static struct post_uids *
own_flag(struct post_view_builder *builder, unsigned number)
{
	return own(&builder->view->flagged[number], &builder->own_flag[number]);
}

static struct post_keywords *
keywords_copy(struct post_keywords *keywords)
{
	struct post_keywords *copy = post_keywords_create();
	for (unsigned i = 0; i < keywords->count; i++)
		post_keywords_put(copy, i, keywords->list[i].name, keywords->list[i].since);
	post_keywords_drop(keywords);
	return copy;
}

/* Its number gets another meaning; no message has the flag, if all is as it should be. */
static void
forget_flag(struct post_view_builder *builder, unsigned number)
{
	post_uids_release(&builder->view->flagged[number]);
	builder->own_flag[number] = false;
}

static void
apply_keyword(struct post_view_builder *builder, const struct post_new_keyword *keyword,
	uint64_t modseq)
{
	struct post_view *view = builder->view;
	unsigned index = keyword->index == POST_KEYWORD_NEXT ? view->keywords->count
							     : keyword->index;
	if (index < view->keywords->count)
		forget_flag(builder, POST_KEYWORD_FIRST + index);
	post_keywords_put(view->keywords, index, keyword->name, modseq);
}

static void
apply_keywords(struct post_view_builder *builder, const struct post_change *change)
{
	struct post_view *view = builder->view;
	if (!change->keyword_count)
		return;
	if (!builder->own_keywords)
		view->keywords = keywords_copy(view->keywords);
	builder->own_keywords = true;
	for (size_t i = 0; i < change->keyword_count; i++)
		apply_keyword(builder, &change->keywords[i], change->modseq);
	view->numbers = POST_KEYWORD_FIRST + view->keywords->count;
}

static void
apply_arrived(struct post_view_builder *builder, const struct post_change *change)
{
	if (!change->arrived_first)
		return;
	post_uids_add_range(own(&builder->view->uids, &builder->own_uids),
		change->arrived_first, change->arrived_last);
	for (uint32_t uid = change->arrived_first; uid <= change->arrived_last; uid++)
		post_modseqs_set(&builder->modseqs, uid, change->modseq);
	builder->view->uid_next = change->arrived_last + 1;
}

static void
apply_group(struct post_view_builder *builder, const struct post_flag_group *group)
{
	struct post_view *view = builder->view;
	for (unsigned i = 0; i < view->numbers; i++) {
		if (post_flags_has(&group->set, i))
			post_uids_or(own_flag(builder, i), group->uids);
		else if (post_flags_has(&group->clear, i) && view->flagged[i])
			post_uids_minus(own_flag(builder, i), group->uids);
	}
}

static void
apply_expunged(struct post_view_builder *builder, const struct post_uids *expunged)
{
	struct post_view *view = builder->view;
	post_uids_minus(own(&view->uids, &builder->own_uids), expunged);
	for (unsigned i = 0; i < view->numbers; i++)
		if (view->flagged[i])
			post_uids_minus(own_flag(builder, i), expunged);
	builder->shrunk = true;
}

void
post_view_apply(struct post_view_builder *builder, const struct post_change *change)
{
	builder->view->modseq = change->modseq;
	apply_keywords(builder, change);
	apply_arrived(builder, change);
	for (size_t i = 0; i < change->group_count; i++) {
		apply_group(builder, &change->groups[i]);
		post_modseqs_set_all(
			&builder->modseqs, change->groups[i].uids, change->modseq);
	}
	if (change->expunged)
		apply_expunged(builder, change->expunged);
}

/*
 * Shows these messages too, as another generation of the mailbox shows them; but for
 * keywords whose number is another's by now: FLAGS doesn't name them any more either.
 */
static void
add_gone(struct post_view_builder *builder, const struct post_view *known,
	const struct post_uids *gone)
{
	post_uids_or(own(&builder->view->uids, &builder->own_uids), gone);
	for (unsigned i = 0; i < known->numbers; i++) {
		int number = post_flag_number_in(known, i, builder->view);
		if (!known->flagged[i] || number < 0)
			continue;
		SCOPED(post_uids_release)
		struct post_uids *flagged = post_uids_copy(known->flagged[i]);
		post_uids_and(flagged, gone);
		if (!post_uids_empty(flagged))
			post_uids_or(own_flag(builder, (unsigned)number), flagged);
	}
	SCOPED(post_uids_cursor_release)
	struct post_uids_cursor *walk = post_uids_walk(gone);
	for (uint32_t uid; (uid = post_uids_cursor_next(walk));)
		post_modseqs_set(
			&builder->modseqs, uid, post_modseqs_of(&known->modseqs, uid));
}

struct post_view *
post_view_join(const struct post_view *known, const struct post_view *newest)
{
	SCOPED(post_uids_release) struct post_uids *gone = post_uids_copy(known->uids);
	post_uids_minus(gone, newest->uids);
	struct post_view_builder *builder = post_view_build(newest);
	add_gone(builder, known, gone);
	SCOPED(post_view_let_scoped) struct post_view *joined = post_view_built(builder);
	/* The purge leaves what it may see: by the pin, and by its modseq. */
	joined->modseq = known->modseq;
	post_view_enlist(joined);
	return post_view_hold(joined);
}

struct post_view *
post_view_built(struct post_view_builder *builder)
{
	struct post_view *view = builder->view;
	if (builder->own_uids)
		post_uids_settle(view->uids);
	for (unsigned i = 0; i < view->numbers; i++) {
		if (!builder->own_flag[i])
			continue;
		if (post_uids_empty(view->flagged[i]))
			post_uids_release(&view->flagged[i]);
		else
			post_uids_settle(view->flagged[i]);
	}
	view->modseqs =
		post_modseqs_edited(&builder->modseqs, builder->shrunk ? view->uids : NULL);
	free(builder);
	/* Most mailboxes have few keywords; the room for all was for building. */
	size_t size = sizeof *view + view->numbers * sizeof(struct post_uids *);
	struct post_view *fitting = realloc(view, size);
	return fitting ? fitting : view;
}
