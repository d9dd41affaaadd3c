#include "post/search-segment.h"

/*
 * The documents of all words that match. Small lists are united as the words are found;
 * the large ones afterwards, the largest first, until reading on is more work than looking
 * at the documents that have none of them.
 */
#define BYTES_PER_LOOK 5000 /* of lists: read and united in the time of looking at one */
#define COUNTED_EACH   8    /* lists: counting documents costs, too */

/* Of a step. */
#define STEP_BYTES ((size_t)2 << 20) /* of words */
#define STEP_HITS  4096
#define STEP_LIKE  10000 /* words that are compared */
#define STEP_LISTS 16

/* --- a word that matches ---------------------------------------------------------------
 */

static uint32_t
bits_below(uint32_t bits, uint32_t index)
{
	return (uint32_t)__builtin_popcount(bits & (((uint32_t)1 << index) - 1));
}

static bool
unite_single(struct search_finding *finding, uint32_t index)
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
keep_large(struct search_finding *finding, uint32_t index)
{
	uint32_t number =
		finding->group.larges + bits_below(finding->group.is_large, index);
	if (finding->large_count == finding->large_room) {
		finding->large_room = finding->large_room ? finding->large_room * 2 : 64;
		finding->larges = reallocarray(
			finding->larges, finding->large_room, sizeof *finding->larges);
		ASSERT(finding->larges);
	}
	struct search_large *large = &finding->larges[finding->large_count++];
	if (!search_segment_large(finding->segment, number, &large->offset, &large->length))
		return false;
	finding->large_bytes += large->length;
	return true;
}

/* Words are asked for in their order. */
static bool
unite_small(struct search_finding *finding, uint32_t index)
{
	uint32_t others = finding->group.is_single | finding->group.is_large;
	for (; finding->small_index < index; finding->small_index++)
		if (!(others >> finding->small_index & 1) &&
			!search_list_unite(finding->segment->document_count,
				&finding->small, 0, finding->bits))
			return false;
	finding->small_index++;
	return search_list_unite(finding->segment->document_count, &finding->small,
		finding->kinds, finding->bits);
}

static bool
unite(struct search_finding *finding, uint32_t index)
{
	uint32_t bit = (uint32_t)1 << index;
	if (finding->group.is_single & bit)
		return unite_single(finding, index);
	if (finding->group.is_large & bit)
		return keep_large(finding, index);
	return unite_small(finding, index);
}

static bool
enter_group(struct search_finding *finding, uint32_t number)
{
	const struct search_segment *segment = finding->segment;
	if (finding->entered == number)
		return true;
	if (!search_segment_group(segment, number, &finding->group))
		return false;
	finding->entered = number;
	finding->small_index = 0;
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

static void
enter_words(struct search_finding *finding, uint32_t number)
{
	finding->group_number = number;
	finding->counted = words_of_group(finding->segment, number);
	finding->until = words_of_group(finding->segment, number + 1);
	finding->index = 0;
}

/* A word that holds that place. */
static bool
hit(struct search_finding *finding, size_t place)
{
	const struct search_segment *segment = finding->segment;
	while (finding->until <= place)
		enter_words(finding, finding->group_number + 1);
	if (finding->counted > place)
		return false;
	finding->index += search_count_byte(
		slice_part(segment->words, finding->counted, place - finding->counted),
		'\n');
	finding->counted = place;
	return finding->index < SEARCH_GROUP &&
	       enter_group(finding, finding->group_number) &&
	       unite(finding, finding->index);
}

/* Words in which the pattern is, through some megabytes of them. */
static bool
scan_words(struct search_finding *finding, struct slice pattern)
{
	const struct search_segment *segment = finding->segment;
	struct slice words =
		slice_first(segment->words, finding->at + STEP_BYTES + pattern.length - 1);
	for (unsigned hits = 0; hits < STEP_HITS; hits++) {
		size_t place = search_scan(words, pattern, finding->at);
		if (place >= words.length) {
			finding->words_done = words.length == segment->words.length;
			finding->at = words.length - (pattern.length - 1);
			return true;
		}
		if (!hit(finding, place))
			return false;
		finding->at = word_end(segment, place) + 1;
		if (finding->at + pattern.length > words.length)
			break;
	}
	finding->words_done = finding->at >= segment->words.length;
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

/* Pairs stand together, behind their blanks. */
static struct slice
start_of(const struct search_term *term)
{
	return term->match == SEARCH_PAIR ? SLICE(" ") : term->text;
}

static bool
matches_sorted(struct slice word, const struct search_term *term)
{
	if (term->match == SEARCH_PAIR)
		return search_is_pair(word) && slice_find(word, term->text) < word.length;
	return term->match == SEARCH_WHOLE ? slice_equal(word, term->text)
					   : slice_starts(word, term->text);
}

/* Behind all that match. */
static bool
is_behind(struct slice word, const struct search_term *term)
{
	struct slice start = start_of(term);
	return slice_compare(word, start) > 0 &&
	       (term->match == SEARCH_WHOLE || !slice_starts(word, start));
}

/* The words from a place on, as long as some match. */
static bool
walk_words(struct search_finding *finding, const struct search_term *term)
{
	const struct search_segment *segment = finding->segment;
	for (unsigned hits = 0; hits < STEP_HITS; finding->index++) {
		finding->words_done = finding->at >= segment->words.length;
		if (finding->words_done)
			return true;
		struct slice word = word_at(segment, finding->at);
		bool matches = matches_sorted(word, term);
		finding->words_done = !matches && is_behind(word, term);
		if (finding->words_done)
			return true;
		if (matches &&
			(!enter_group(finding,
				 finding->group_number + finding->index / SEARCH_GROUP) ||
				!unite(finding, finding->index % SEARCH_GROUP)))
			return false;
		hits += matches;
		finding->at += word.length + 1;
	}
	return true;
}

/* All words, some at a step. */
static bool
compare_words(struct search_finding *finding, struct slice wanted)
{
	const struct search_segment *segment = finding->segment;
	for (unsigned i = 0; i < STEP_LIKE; i++, finding->index++) {
		finding->words_done = finding->at >= segment->words.length;
		if (finding->words_done)
			return true;
		struct slice word = word_at(segment, finding->at);
		if (!search_is_pair(word) && search_is_like(word, wanted) &&
			(!enter_group(finding, finding->index / SEARCH_GROUP) ||
				!unite(finding, finding->index % SEARCH_GROUP)))
			return false;
		finding->at += word.length + 1;
	}
	return true;
}

static bool
find_words(struct search_finding *finding)
{
	struct slice text = finding->term.text;
	switch (finding->term.match) {
	case SEARCH_WHOLE:
	case SEARCH_BEGINS:
	case SEARCH_PAIR:
		return walk_words(finding, &finding->term);
	case SEARCH_ENDS:
		return scan_words(finding, slice_of(finding->pattern, text.length + 1));
	case SEARCH_LIKE:
		return compare_words(finding, text);
	case SEARCH_PART:
		break;
	}
	return scan_words(finding, text);
}

/* --- large lists -----------------------------------------------------------------------
 */

static int
compare_larges(const void *a, const void *b)
{
	const struct search_large *left = a, *right = b;
	return (left->offset > right->offset) - (left->offset < right->offset);
}

static uint64_t
count_missing(const struct search_finding *finding)
{
	uint64_t count = finding->segment->document_count;
	for (size_t i = 0; i < (finding->segment->document_count + 63) / 64; i++)
		count -= (uint64_t)__builtin_popcountll(finding->bits[i]);
	return count;
}

/* Reading on finds nothing more, or too little for its costs. */
static bool
enough(struct search_finding *finding)
{
	if (finding->large_at % COUNTED_EACH != COUNTED_EACH - 1)
		return false;
	uint64_t missing = count_missing(finding);
	finding->rest = missing && !finding->whole &&
			missing * BYTES_PER_LOOK < finding->large_bytes;
	return !missing || finding->rest;
}

/* By their offsets, which is the largest first. */
static void
sort_larges(struct search_finding *finding)
{
	if (!finding->larges_sorted && finding->large_count > 1)
		qsort(finding->larges, finding->large_count, sizeof *finding->larges,
			compare_larges);
	finding->larges_sorted = true;
}

static bool
unite_large(struct search_finding *finding)
{
	const struct search_postings *postings = finding->postings;
	const struct search_large *large = &finding->larges[finding->large_at++];
	struct slice list;
	finding->large_bytes -= large->length;
	return postings->read(postings->argument, large->offset, large->length, &list) &&
	       search_list_unite(finding->segment->document_count, &list, finding->kinds,
		       finding->bits);
}

static bool
unite_larges(struct search_finding *finding)
{
	sort_larges(finding);
	for (int i = 0; i < STEP_LISTS && finding->large_at < finding->large_count; i++) {
		if (enough(finding)) {
			finding->large_at = finding->large_count;
			return true;
		}
		if (!unite_large(finding))
			return false;
	}
	return true;
}

/* --- steps -----------------------------------------------------------------------------
 */

void
search_finding_begin(struct search_finding *finding, const struct search_segment *segment,
	const struct search_postings *postings, const struct search_term *term,
	uint8_t kinds, uint64_t *bits)
{
	*finding = (struct search_finding){.segment = segment,
		.postings = postings,
		.term = *term,
		.kinds = kinds,
		.bits = bits,
		.entered = segment->group_count,
		.at = 1};
	finding->words_done = !segment->word_count;
	if (finding->words_done)
		return;
	if (term->match == SEARCH_ENDS) {
		ASSERT(term->text.length < sizeof finding->pattern);
		memcpy(finding->pattern, term->text.data, term->text.length);
		finding->pattern[term->text.length] = '\n';
	}
	bool sorted = term->match == SEARCH_WHOLE || term->match == SEARCH_BEGINS ||
		      term->match == SEARCH_PAIR;
	enter_words(finding, sorted ? group_before(segment, start_of(term)) : 0);
	if (sorted)
		finding->at = finding->counted;
}

bool
search_finding_step(struct search_finding *finding)
{
	finding->damaged =
		finding->words_done ? !unite_larges(finding) : !find_words(finding);
	return !finding->damaged &&
	       (!finding->words_done || finding->large_at < finding->large_count);
}

void
search_finding_end(struct search_finding *finding)
{
	free(finding->larges);
	finding->larges = NULL;
}
