#include "post/view-internal.h"

/* A mailbox's table of keywords, and flags as numbers. */

static const struct slice system_flags[POST_SYSTEM_FLAGS] = {
	[POST_SEEN] = SLICE_INIT("\\Seen"),
	[POST_ANSWERED] = SLICE_INIT("\\Answered"),
	[POST_FLAGGED] = SLICE_INIT("\\Flagged"),
	[POST_DELETED] = SLICE_INIT("\\Deleted"),
	[POST_DRAFT] = SLICE_INIT("\\Draft"),
};

bool
post_flags_has(const struct post_flags *flags, unsigned number)
{
	return number < POST_FLAG_NUMBERS && flags->words[number / 64] >> number % 64 & 1;
}

void
post_flags_set(struct post_flags *flags, unsigned number)
{
	ASSERT(number < POST_FLAG_NUMBERS);
	flags->words[number / 64] |= (uint64_t)1 << number % 64;
}

struct post_keywords *
post_keywords_create(void)
{
	struct post_keywords *keywords = malloc(sizeof *keywords);
	ASSERT(keywords);
	atomic_init(&keywords->references, 1);
	keywords->count = 0;
	keywords->modseq = 0;
	keywords->list = NULL;
	return keywords;
}

void
post_keywords_drop(struct post_keywords *keywords)
{
	if (!keywords || atomic_fetch_sub_explicit(
				 &keywords->references, 1, memory_order_acq_rel) > 1)
		return;
	for (unsigned i = 0; i < keywords->count; i++)
		free((void *)(uintptr_t)keywords->list[i].name.data);
	free(keywords->list);
	free(keywords);
}

int
post_keywords_find(const struct post_keywords *keywords, struct slice name)
{
	for (unsigned i = 0; i < keywords->count; i++)
		if (slice_equal_nocase(keywords->list[i].name, name))
			return (int)i;
	return -1;
}

static struct post_keyword *
keyword_at(struct post_keywords *keywords, unsigned index)
{
	if (index < keywords->count) {
		free((void *)(uintptr_t)keywords->list[index].name.data);
		return &keywords->list[index];
	}
	size_t more = ++keywords->count;
	keywords->list = reallocarray(keywords->list, more, sizeof *keywords->list);
	ASSERT(keywords->list);
	return &keywords->list[index];
}

bool
post_keywords_put(
	struct post_keywords *keywords, unsigned index, struct slice name, uint64_t since)
{
	if (index > keywords->count || index >= POST_KEYWORDS_MOST)
		return false;
	char *copy = malloc(name.length + 1);
	ASSERT(copy);
	memcpy(copy, name.data, name.length);
	*keyword_at(keywords, index) =
		(struct post_keyword){slice_of(copy, name.length), since};
	if (since > keywords->modseq)
		keywords->modseq = since;
	return true;
}

static int
system_number(struct slice name)
{
	for (int i = 0; i < POST_SYSTEM_FLAGS; i++)
		if (slice_equal_nocase(system_flags[i], name))
			return i;
	return -1;
}

unsigned
post_view_keywords(const struct post_view *view)
{
	return view->keywords->count;
}

struct slice
post_view_keyword(const struct post_view *view, unsigned index)
{
	return index < view->keywords->count ? view->keywords->list[index].name
					     : SLICE_NONE;
}

uint64_t
post_view_keywords_modseq(const struct post_view *view)
{
	return view->keywords->modseq;
}

bool
post_view_takes_keyword(const struct post_view *view)
{
	if (view->keywords->count < POST_KEYWORDS_MOST)
		return true;
	for (unsigned i = POST_KEYWORD_FIRST; i < view->numbers; i++)
		if (!view->flagged[i])
			return true;
	return false;
}

int
post_view_flag_number(const struct post_view *view, struct slice name)
{
	int number = system_number(name);
	if (number >= 0)
		return number;
	int index = post_keywords_find(view->keywords, name);
	return index < 0 ? -1 : POST_KEYWORD_FIRST + index;
}

struct slice
post_flag_name(const struct post_view *view, unsigned number)
{
	if (number < POST_SYSTEM_FLAGS)
		return system_flags[number];
	return number < POST_KEYWORD_FIRST
		       ? SLICE_NONE
		       : post_view_keyword(view, number - POST_KEYWORD_FIRST);
}

/* Most views have the same table, most keywords the same place. */
int
post_flag_number_in(
	const struct post_view *view, unsigned number, const struct post_view *other)
{
	if (number < POST_KEYWORD_FIRST || view->keywords == other->keywords)
		return (int)number;
	struct slice name = post_flag_name(view, number);
	if (slice_equal_nocase(name, post_flag_name(other, number)))
		return (int)number;
	int index = post_keywords_find(other->keywords, name);
	return index < 0 ? -1 : POST_KEYWORD_FIRST + index;
}

static const struct post_uids *
flagged_by(const struct post_view *view, int number)
{
	return number < 0 ? NULL : post_view_flagged(view, (unsigned)number);
}

bool
post_flag_pair_next(const struct post_view *first, const struct post_view *second,
	struct post_flag_pair *pair)
{
	if (pair->at < second->numbers) {
		unsigned number = pair->at++;
		pair->number = (int)number;
		pair->second = second->flagged[number];
		pair->first = flagged_by(first, post_flag_number_in(second, number, first));
		return true;
	}
	pair->number = -1;
	pair->second = NULL;
	while (pair->at < second->numbers + first->numbers) {
		unsigned number = pair->at++ - second->numbers;
		pair->first = first->flagged[number];
		if (pair->first && post_flag_number_in(first, number, second) < 0)
			return true;
	}
	return false;
}
