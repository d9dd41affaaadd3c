#include "post/search-segment.h"

/*
 * The documents of all words that match. Small lists are united as the words are found;
 * the large ones afterwards, the largest first, until reading on is more work than looking
 * at the documents that have none of them.
 */
#define BYTES_PER_LOOK 5000 /* of lists: read and united in the time of looking at one */
#define COUNTED_EACH   8    /* lists: counting documents costs, too */

struct large {
	uint32_t offset, length;
};

struct finding {
	const struct search_segment *segment;
	uint8_t kinds;
	uint64_t *bits;
	uint32_t number; /* of the group; group_count: none yet */
	struct search_group group;
	uint32_t index; /* in it, of the word whose list stands first in small */
	struct slice small;
	struct large *larges;
	size_t large_count, large_room;
};

/* --- a word that matches ---------------------------------------------------------------
 */

static uint32_t
bits_below(uint32_t bits, uint32_t index)
{
	return (uint32_t)__builtin_popcount(bits & (((uint32_t)1 << index) - 1));
}

static bool
unite_single(struct finding *finding, uint32_t index)
{
	struct search_posting posting;
	uint32_t number =
		finding->group.singles + bits_below(finding->group.is_single, index);
	if (!search_segment_single(finding->segment, number, &posting))
		return false;
	if (posting.kinds & finding->kinds)
		finding->bits[posting.document / 64] |= (uint64_t)1
							<< posting.document % 64;
	return true;
}

static bool
keep_large(struct finding *finding, uint32_t index)
{
	uint32_t number =
		finding->group.larges + bits_below(finding->group.is_large, index);
	if (finding->large_count == finding->large_room) {
		finding->large_room = finding->large_room ? finding->large_room * 2 : 64;
		finding->larges = reallocarray(
			finding->larges, finding->large_room, sizeof *finding->larges);
		ASSERT(finding->larges);
	}
	struct large *large = &finding->larges[finding->large_count++];
	return search_segment_large(
		finding->segment, number, &large->offset, &large->length);
}

/* Words are asked for in their order. */
static bool
unite_small(struct finding *finding, uint32_t index)
{
	uint32_t others = finding->group.is_single | finding->group.is_large;
	for (; finding->index < index; finding->index++)
		if (!(others >> finding->index & 1) &&
			!search_list_unite(finding->segment->document_count,
				&finding->small, 0, finding->bits))
			return false;
	finding->index++;
	return search_list_unite(finding->segment->document_count, &finding->small,
		finding->kinds, finding->bits);
}

static bool
unite(struct finding *finding, uint32_t index)
{
	uint32_t bit = (uint32_t)1 << index;
	if (finding->group.is_single & bit)
		return unite_single(finding, index);
	if (finding->group.is_large & bit)
		return keep_large(finding, index);
	return unite_small(finding, index);
}

static bool
enter_group(struct finding *finding, uint32_t number)
{
	const struct search_segment *segment = finding->segment;
	if (finding->number == number)
		return true;
	if (!search_segment_group(segment, number, &finding->group))
		return false;
	finding->number = number;
	finding->index = 0;
	finding->small = slice_from(segment->small_lists, finding->group.small_offset);
	return true;
}

/* --- words -----------------------------------------------------------------------------
 */

static size_t
words_of_group(const struct search_segment *segment, uint32_t number)
{
	uint32_t words = 0;
	struct slice rest =
		slice_from(segment->directory, (size_t)number * SEARCH_GROUP_SIZE);
	if (number >= segment->group_count || !take_be32(&rest, &words))
		return segment->words.length;
	return words;
}

/* The end of the word that begins at or holds that place, without its '\n'. */
static size_t
word_end(const struct search_segment *segment, size_t at)
{
	struct slice rest = slice_from(segment->words, at);
	return at + slice_find_byte(rest, '\n');
}

static bool
find_anywhere(struct finding *finding, struct slice pattern)
{
	const struct search_segment *segment = finding->segment;
	uint32_t group = 0, index = 0;
	size_t counted = words_of_group(segment, 0), until = words_of_group(segment, 1);
	for (size_t at = 1; at < segment->words.length;) {
		size_t place = search_scan(segment->words, pattern, at);
		if (place >= segment->words.length)
			return true;
		for (; until <= place; until = words_of_group(segment, group + 1)) {
			counted = until;
			index = 0;
			group++;
		}
		if (counted > place)
			return false;
		index += search_count_byte(
			slice_part(segment->words, counted, place - counted), '\n');
		counted = place;
		if (index >= SEARCH_GROUP || !enter_group(finding, group) ||
			!unite(finding, index))
			return false;
		at = word_end(segment, place) + 1;
	}
	return true;
}

static struct slice
word_at(const struct search_segment *segment, size_t at)
{
	return slice_part(segment->words, at, word_end(segment, at) - at);
}

/* The last group whose first word is not greater; 0 when all are. */
static uint32_t
group_before(const struct search_segment *segment, struct slice text)
{
	uint32_t low = 0, high = segment->group_count;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		struct slice word = word_at(segment, words_of_group(segment, middle));
		if (slice_compare(word, text) <= 0)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static bool
find_sorted(struct finding *finding, struct slice text, bool whole)
{
	const struct search_segment *segment = finding->segment;
	uint32_t first = group_before(segment, text);
	size_t at = words_of_group(segment, first);
	for (uint32_t index = 0; at < segment->words.length; index++) {
		struct slice word = word_at(segment, at);
		bool matches = whole ? slice_equal(word, text) : slice_starts(word, text);
		if (!matches && slice_compare(word, text) > 0)
			return true;
		if (matches && (!enter_group(finding, first + index / SEARCH_GROUP) ||
				       !unite(finding, index % SEARCH_GROUP)))
			return false;
		at += word.length + 1;
	}
	return true;
}

static bool
find_words(struct finding *finding, const struct search_term *term)
{
	char pattern[SEARCH_WORD_MOST + 1];
	if (term->match == SEARCH_WHOLE || term->match == SEARCH_BEGINS)
		return find_sorted(finding, term->text, term->match == SEARCH_WHOLE);
	if (term->match == SEARCH_PART)
		return find_anywhere(finding, term->text);
	ASSERT(term->text.length < sizeof pattern);
	memcpy(pattern, term->text.data, term->text.length);
	pattern[term->text.length] = '\n';
	return find_anywhere(finding, slice_of(pattern, term->text.length + 1));
}

/* --- large lists -----------------------------------------------------------------------
 */

static int
compare_larges(const void *a, const void *b)
{
	const struct large *left = a, *right = b;
	return (left->offset > right->offset) - (left->offset < right->offset);
}

static uint64_t
count_missing(const struct finding *finding)
{
	uint64_t count = finding->segment->document_count;
	for (size_t i = 0; i < (finding->segment->document_count + 63) / 64; i++)
		count -= (uint64_t)__builtin_popcountll(finding->bits[i]);
	return count;
}

/* By their offsets, which is the largest first. */
static bool
unite_larges(struct finding *finding, const struct search_postings *postings, bool *rest)
{
	uint64_t bytes = 0;
	struct slice list;
	for (size_t i = 0; i < finding->large_count; i++)
		bytes += finding->larges[i].length;
	if (finding->large_count > 1)
		qsort(finding->larges, finding->large_count, sizeof *finding->larges,
			compare_larges);
	for (size_t i = 0; i < finding->large_count; i++) {
		const struct large *large = &finding->larges[i];
		if (i % COUNTED_EACH == COUNTED_EACH - 1) {
			uint64_t missing = count_missing(finding);
			*rest = missing && missing * BYTES_PER_LOOK < bytes;
			if (!missing || *rest)
				return true;
		}
		if (!postings->read(
			    postings->argument, large->offset, large->length, &list) ||
			!search_list_unite(finding->segment->document_count, &list,
				finding->kinds, finding->bits))
			return false;
		bytes -= large->length;
	}
	return true;
}

bool
search_segment_find(const struct search_segment *segment,
	const struct search_postings *postings, const struct search_term *term,
	uint8_t kinds, uint64_t *bits, bool *rest)
{
	struct finding finding = {.segment = segment,
		.kinds = kinds,
		.bits = bits,
		.number = segment->group_count};
	*rest = false;
	if (!segment->word_count)
		return true;
	bool whole = find_words(&finding, term) && unite_larges(&finding, postings, rest);
	free(finding.larges);
	return whole;
}
