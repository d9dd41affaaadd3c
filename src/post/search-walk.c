#include "post/search-segment.h"

/* All words of a segment with their documents, one after the other. */

void
search_walk_begin(struct search_walk *walk, const struct search_segment *segment,
	const struct search_postings *postings)
{
	*walk = (struct search_walk){.segment = segment,
		.postings = postings,
		.words = slice_from(segment->words, 1)};
	walk->word = segment->word_count ? slice_cut(&walk->words, '\n') : SLICE_NONE;
}

static bool
begin_group(struct search_walk *walk)
{
	if (walk->index % SEARCH_GROUP)
		return true;
	if (!search_segment_group(walk->segment, walk->index / SEARCH_GROUP, &walk->group))
		return false;
	walk->list = slice_from(walk->segment->small_lists, walk->group.small_offset);
	return walk->group.singles == walk->singles && walk->group.larges == walk->larges;
}

static bool
take_single(struct search_walk *walk, search_posting_seen *seen, void *argument)
{
	struct search_posting posting;
	if (!search_segment_single(walk->segment, walk->singles++, &posting))
		return false;
	seen(argument, posting.document, posting.kinds);
	return true;
}

static bool
take_large(struct search_walk *walk, search_posting_seen *seen, void *argument)
{
	uint32_t offset, length;
	struct slice list;
	return search_segment_large(walk->segment, walk->larges++, &offset, &length) &&
	       walk->postings->read(walk->postings->argument, offset, length, &list) &&
	       search_list_walk(walk->segment->document_count, &list, seen, argument) &&
	       slice_empty(list);
}

static bool
take_postings(struct search_walk *walk, search_posting_seen *seen, void *argument)
{
	uint32_t bit = (uint32_t)1 << walk->index % SEARCH_GROUP;
	if (!begin_group(walk))
		return false;
	if (walk->group.is_single & bit)
		return take_single(walk, seen, argument);
	if (walk->group.is_large & bit)
		return take_large(walk, seen, argument);
	return search_list_walk(walk->segment->document_count, &walk->list, seen, argument);
}

bool
search_walk_take(struct search_walk *walk, search_posting_seen *seen, void *argument)
{
	if (!take_postings(walk, seen, argument))
		return false;
	if (++walk->index == walk->segment->word_count) {
		walk->word = SLICE_NONE;
		return slice_empty(walk->words);
	}
	walk->word = slice_cut(&walk->words, '\n');
	return !slice_absent(walk->word) && !slice_empty(walk->word);
}
