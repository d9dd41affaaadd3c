/*
 * A text and, behind a line end, a needle. Where the text holds the needle, each term must
 * be met by one of the text's words; where the terms are exact, and met, it must hold it.
 */
#include "post/query-internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct meeting {
	const struct search_terms *terms;
	bool met[SEARCH_TERMS_MOST];
};

static bool
meets(struct slice word, const struct search_term *term)
{
	switch (term->match) {
	case SEARCH_WHOLE:
		return slice_equal(word, term->text);
	case SEARCH_BEGINS:
		return slice_starts(word, term->text);
	case SEARCH_ENDS:
		return slice_ends(word, term->text);
	case SEARCH_PART:
		return post_search_contains(word, term->text);
	case SEARCH_LIKE:
		return search_is_like(word, term->text);
	}
	return false;
}

static void
word_seen(void *argument, struct slice word)
{
	struct meeting *meeting = argument;
	ASSERT(word.length && word.length <= SEARCH_WORD_MOST);
	for (size_t i = 0; i < meeting->terms->count; i++)
		if (meets(word, &meeting->terms->list[i]))
			meeting->met[i] = true;
}

/* In two pieces, as long texts come; the cut is where a character begins. */
static bool
all_met(struct slice text, struct meeting *meeting)
{
	struct search_words words = search_words_begin(word_seen, meeting);
	size_t half = text.length / 2;
	while (half < text.length && ((unsigned char)text.data[half] & 0xc0) == 0x80)
		half++;
	search_words_put(&words, slice_first(text, half));
	search_words_put(&words, slice_from(text, half));
	search_words_end(&words);
	for (size_t i = 0; i < meeting->terms->count; i++)
		if (!meeting->met[i])
			return false;
	return true;
}

/* What holds the needle holds its words. */
static void
look_for_likeness(struct slice text, struct slice needle)
{
	struct search_terms terms;
	struct meeting meeting = {.terms = &terms};
	if (!search_terms_alike(needle, &terms))
		return;
	bool met = all_met(text, &meeting);
	ASSERT(met || !post_search_contains(text, needle));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer needle = buffer_with(SIZE_MAX);
	struct slice rest = slice_of(data, size);
	struct search_terms terms;
	struct meeting meeting = {.terms = &terms};
	post_search_fold(slice_cut(&rest, '\n'), &text);
	post_search_fold(rest, &needle);
	if (!needle.length || !slice_is_utf8(buffer_slice(&needle)) ||
		!slice_is_utf8(buffer_slice(&text)))
		return 0;
	search_terms_of(buffer_slice(&needle), &terms);
	bool holds = post_search_contains(buffer_slice(&text), buffer_slice(&needle));
	bool met = all_met(buffer_slice(&text), &meeting);
	ASSERT(met || !holds);
	ASSERT(!terms.exact || !met || holds);
	look_for_likeness(buffer_slice(&text), buffer_slice(&needle));
	return 0;
}
