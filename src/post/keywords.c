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
	keywords->names = NULL;
	return keywords;
}

void
post_keywords_drop(struct post_keywords *keywords)
{
	if (!keywords || atomic_fetch_sub_explicit(
				 &keywords->references, 1, memory_order_acq_rel) > 1)
		return;
	for (unsigned i = 0; i < keywords->count; i++)
		free((void *)(uintptr_t)keywords->names[i].data);
	free(keywords->names);
	free(keywords);
}

int
post_keywords_find(const struct post_keywords *keywords, struct slice name)
{
	for (unsigned i = 0; i < keywords->count; i++)
		if (slice_equal_nocase(keywords->names[i], name))
			return (int)i;
	return -1;
}

bool
post_keywords_add(struct post_keywords *keywords, struct slice name)
{
	if (keywords->count == POST_KEYWORDS_MOST)
		return false;
	size_t more = keywords->count + 1;
	keywords->names = reallocarray(keywords->names, more, sizeof *keywords->names);
	char *copy = malloc(name.length + 1);
	ASSERT(keywords->names && copy);
	memcpy(copy, name.data, name.length);
	keywords->names[keywords->count++] = slice_of(copy, name.length);
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
	return index < view->keywords->count ? view->keywords->names[index] : SLICE_NONE;
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
