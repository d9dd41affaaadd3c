#include "post/search-segment.h"

/* --- documents ---------------------------------------------------------------------------
 */

bool
search_segment_documents(
	const struct search_segment *segment, search_document_seen *seen, void *argument)
{
	struct slice rest = segment->documents;
	uint64_t email = 0, step;
	for (uint32_t i = 0; i < segment->document_count; i++) {
		if (!take_varint(&rest, &step) || step < 2 || step / 2 > UINT64_MAX - email)
			return false;
		email += step / 2;
		if (!seen(argument, i, email, step % 2))
			return false;
	}
	return slice_empty(rest);
}

/* --- groups ------------------------------------------------------------------------------
 */

static uint32_t
number_at(const struct search_segment *segment, size_t at)
{
	uint32_t number = 0;
	struct slice rest = slice_from(segment->directory, at);
	(void)!take_be32(&rest, &number);
	return number;
}

static size_t
words_of_group(const struct search_segment *segment, uint32_t group)
{
	return group < segment->group_count ? number_at(segment, (size_t)group * 8)
					    : segment->words.length;
}

static uint32_t
postings_of_group(const struct search_segment *segment, uint32_t group)
{
	return group < segment->group_count ? number_at(segment, (size_t)group * 8 + 4)
					    : segment->postings_length;
}

static bool
read_group(const struct search_segment *segment, const struct search_postings *postings,
	uint32_t group, struct slice *list)
{
	uint32_t from = postings_of_group(segment, group);
	uint32_t until = postings_of_group(segment, group + 1);
	return from <= until && until <= segment->postings_length &&
	       postings->read(postings->argument, from, until - from, list);
}

/* --- postings of a word ------------------------------------------------------------------
 */

static size_t
bitmap_size(const struct search_segment *segment)
{
	return ((size_t)segment->document_count + 7) / 8;
}

static bool
take_distances(const struct search_segment *segment, struct slice list, uint8_t kind,
	search_posting_seen *hit, void *argument)
{
	uint64_t next = 0, distance;
	while (list.length) {
		if (!take_varint(&list, &distance) ||
			distance >= segment->document_count - next)
			return false;
		next += distance;
		hit(argument, (uint32_t)next++, kind);
	}
	return true;
}

static bool
take_list(const struct search_segment *segment, struct slice list, uint8_t kind,
	search_posting_seen *hit, void *argument)
{
	if (list.length < bitmap_size(segment))
		return take_distances(segment, list, kind, hit, argument);
	if (list.length > bitmap_size(segment))
		return false;
	for (uint32_t i = 0; i < segment->document_count; i++)
		if (list.data[i / 8] >> i % 8 & 1)
			hit(argument, i, kind);
	return true;
}

/* Takes one word's postings from the front; hits for those of kinds. */
static bool
take_word(const struct search_segment *segment, struct slice *rest, uint8_t kinds,
	search_posting_seen *hit, void *argument)
{
	uint8_t head;
	uint64_t document;
	struct slice list;
	if (!take_byte(rest, &head))
		return false;
	if (head & SEARCH_SINGLE) {
		if (!take_varint(rest, &document) || document >= segment->document_count)
			return false;
		if (head & kinds)
			hit(argument, (uint32_t)document, head & kinds);
		return true;
	}
	for (uint8_t kind = 1; kind < SEARCH_SINGLE; kind = (uint8_t)(kind << 1)) {
		if (!(head & kind))
			continue;
		if (!take_sized(rest, &list))
			return false;
		if (kinds & kind && !take_list(segment, list, kind, hit, argument))
			return false;
	}
	return true;
}

/* --- finding -----------------------------------------------------------------------------
 */

struct finding {
	const struct search_segment *segment;
	const struct search_postings *postings;
	uint8_t kinds;
	uint64_t *bits;
	uint32_t group; /* whose postings list is; group_count: none yet */
	uint32_t index; /* in the group, of the word whose postings stand first in list */
	struct slice list;
};

static void
set_bit(void *argument, uint32_t document, uint8_t kind)
{
	uint64_t *bits = argument;
	(void)kind;
	bits[document / 64] |= (uint64_t)1 << document % 64;
}

/* Words are asked for in their order. */
static bool
unite(struct finding *finding, uint32_t group, uint32_t index)
{
	if (finding->group != group) {
		finding->group = group;
		finding->index = 0;
		if (!read_group(finding->segment, finding->postings, group, &finding->list))
			return false;
	}
	for (; finding->index < index; finding->index++)
		if (!take_word(finding->segment, &finding->list, 0, set_bit, NULL))
			return false;
	finding->index++;
	return take_word(
		finding->segment, &finding->list, finding->kinds, set_bit, finding->bits);
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
	const char *words = segment->words.data;
	uint32_t group = 0, index = 0;
	size_t at = 1, counted = words_of_group(segment, 0);
	while (at < segment->words.length) {
		const char *hit = memmem(words + at, segment->words.length - at,
			pattern.data, pattern.length);
		if (!hit)
			return true;
		size_t place = (size_t)(hit - words);
		for (; words_of_group(segment, group + 1) <= place; index = 0)
			counted = words_of_group(segment, ++group);
		if (counted > place)
			return false;
		for (size_t end; (end = word_end(segment, counted)) < place; index++)
			counted = end + 1;
		if (index >= SEARCH_GROUP || !unite(finding, group, index))
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
		if (matches &&
			!unite(finding, first + index / SEARCH_GROUP, index % SEARCH_GROUP))
			return false;
		at += word.length + 1;
	}
	return true;
}

bool
search_segment_find(const struct search_segment *segment,
	const struct search_postings *postings, const struct search_term *term,
	uint8_t kinds, uint64_t *bits)
{
	struct finding finding = {.segment = segment,
		.postings = postings,
		.kinds = kinds,
		.bits = bits,
		.group = segment->group_count};
	char pattern[SEARCH_WORD_MOST + 1];
	if (!segment->word_count)
		return true;
	if (term->match == SEARCH_WHOLE || term->match == SEARCH_BEGINS)
		return find_sorted(&finding, term->text, term->match == SEARCH_WHOLE);
	if (term->match == SEARCH_PART)
		return find_anywhere(&finding, term->text);
	ASSERT(term->text.length < sizeof pattern);
	memcpy(pattern, term->text.data, term->text.length);
	pattern[term->text.length] = '\n';
	return find_anywhere(&finding, slice_of(pattern, term->text.length + 1));
}

/* --- walking -----------------------------------------------------------------------------
 */

void
search_walk_begin(struct search_walk *walk, const struct search_segment *segment,
	const struct search_postings *postings)
{
	*walk = (struct search_walk){.segment = segment,
		.postings = postings,
		.words = slice_from(segment->words, 1)};
	walk->word = segment->word_count ? slice_cut(&walk->words, '\n') : SLICE_NONE;
}

bool
search_walk_take(struct search_walk *walk, search_posting_seen *seen, void *argument)
{
	const struct search_segment *segment = walk->segment;
	if (walk->index % SEARCH_GROUP == 0 &&
		!read_group(
			segment, walk->postings, walk->index / SEARCH_GROUP, &walk->list))
		return false;
	if (!take_word(segment, &walk->list, SEARCH_KINDS, seen, argument))
		return false;
	if (++walk->index == segment->word_count) {
		walk->word = SLICE_NONE;
		return slice_empty(walk->words);
	}
	walk->word = slice_cut(&walk->words, '\n');
	return !slice_absent(walk->word) && !slice_empty(walk->word);
}
