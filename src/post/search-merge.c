#include "post/search-segment.h"

/* Several segments to one. */

#define GONE UINT32_MAX

struct merging {
	const struct search_input *inputs;
	size_t count;
	struct search_walk *walks;
	uint32_t **numbers; /* by input: a document's new number, or GONE */
	search_keep *keep;
	void *argument;
	struct search_writer *writer;
	uint32_t document_count;
	uint64_t last; /* email id that was numbered */
	/* Of the word under way. */
	const uint32_t *renumbered;
	uint8_t *kinds; /* by new number */
	struct search_posting *touched;
	size_t touched_count;
	/* The input whose documents are numbered. */
	uint32_t *filling;
	struct slice signatures;
};

static bool
number_document(void *argument, uint32_t number, const struct search_document *document)
{
	struct merging *merging = argument;
	if (document->email <= merging->last)
		return false;
	merging->last = document->email;
	bool kept = merging->keep(merging->argument, document->email);
	merging->filling[number] = kept ? merging->document_count++ : GONE;
	if (kept)
		search_writer_document(merging->writer, document->email, document->unsure,
			slice_part(merging->signatures, document->signature_at,
				document->signature_length));
	return true;
}

static bool
number_documents(struct merging *merging)
{
	for (size_t i = 0; i < merging->count; i++) {
		const struct search_segment *segment = merging->inputs[i].segment;
		merging->numbers[i] =
			calloc((size_t)segment->document_count + 1, sizeof(uint32_t));
		ASSERT(merging->numbers[i]);
		merging->filling = merging->numbers[i];
		merging->signatures = segment->signatures;
		if (slice_absent(segment->signatures) ||
			!search_segment_documents(segment, number_document, merging))
			return false;
	}
	return true;
}

static void
touch(void *argument, uint32_t document, uint8_t kinds)
{
	struct merging *merging = argument;
	uint32_t number = merging->renumbered[document];
	if (number == GONE)
		return;
	if (!merging->kinds[number])
		merging->touched[merging->touched_count++].document = number;
	merging->kinds[number] |= kinds;
}

static int
compare_postings(const void *a, const void *b)
{
	const struct search_posting *left = a, *right = b;
	return (left->document > right->document) - (left->document < right->document);
}

static bool
is_rare_pair(const struct merging *merging, struct slice word, size_t count)
{
	return search_is_pair(word) && count < merging->document_count / SEARCH_PAIR_MERGED;
}

/* What was touched, in order; of many documents it is quicker to look at all. */
static void
put_word(struct merging *merging, struct slice word)
{
	struct search_posting *touched = merging->touched;
	size_t count = merging->touched_count, filled = 0;
	if (count > merging->document_count / 16) {
		for (uint32_t i = 0; i < merging->document_count; i++)
			if (merging->kinds[i])
				touched[filled++].document = i;
	} else if (count > 1) {
		qsort(touched, count, sizeof *touched, compare_postings);
	}
	for (size_t i = 0; i < count; i++) {
		touched[i].kinds = merging->kinds[touched[i].document];
		merging->kinds[touched[i].document] = 0;
	}
	if (count && !is_rare_pair(merging, word, count))
		search_writer_word(merging->writer, word, touched, count);
	merging->touched_count = 0;
}

static struct slice
least_word(const struct merging *merging)
{
	struct slice least = SLICE_NONE;
	for (size_t i = 0; i < merging->count; i++) {
		struct slice word = merging->walks[i].word;
		if (!slice_absent(word) &&
			(slice_absent(least) || slice_compare(word, least) < 0))
			least = word;
	}
	return least;
}

static bool
merge_words(struct merging *merging)
{
	for (size_t i = 0; i < merging->count; i++)
		search_walk_begin(&merging->walks[i], merging->inputs[i].segment,
			merging->inputs[i].postings);
	struct slice word;
	while (!slice_absent(word = least_word(merging))) {
		for (size_t i = 0; i < merging->count; i++) {
			struct search_walk *walk = &merging->walks[i];
			if (slice_absent(walk->word) || !slice_equal(walk->word, word))
				continue;
			merging->renumbered = merging->numbers[i];
			if (!search_walk_take(walk, touch, merging) ||
				(!slice_absent(walk->word) &&
					slice_compare(walk->word, word) <= 0))
				return false;
		}
		put_word(merging, word);
	}
	return true;
}

static bool
merge(struct merging *merging)
{
	if (!number_documents(merging))
		return false;
	merging->kinds = calloc((size_t)merging->document_count + 1, 1);
	merging->touched =
		calloc((size_t)merging->document_count + 1, sizeof *merging->touched);
	ASSERT(merging->kinds && merging->touched);
	return merge_words(merging);
}

bool
search_merge(const struct search_input *inputs, size_t count, search_keep *keep,
	void *argument, struct buffer *into)
{
	struct merging merging = {
		.inputs = inputs, .count = count, .keep = keep, .argument = argument};
	merging.walks = calloc(count, sizeof *merging.walks);
	merging.numbers = calloc(count, sizeof *merging.numbers);
	ASSERT(merging.walks && merging.numbers);
	merging.writer = search_writer_begin();
	bool whole = merge(&merging);
	for (size_t i = 0; i < count; i++)
		free(merging.numbers[i]);
	free(merging.numbers);
	free(merging.walks);
	free(merging.kinds);
	free(merging.touched);
	return search_writer_end(merging.writer, into) && whole;
}
