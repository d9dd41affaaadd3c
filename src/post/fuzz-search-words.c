/*
 * A text and, behind a line end, a needle. Where the text holds the needle, each term must
 * be met by one of the text's words; where the terms are exact, and met, it must hold it.
 * Likewise all joints of the needle are the text's, and a pair that has it says the truth.
 */
#include "post/query-internal.h"
#include "post/search-segment.h"

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
	case SEARCH_PAIR: /* of no needle */
		break;
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
static size_t
half_of(struct slice text)
{
	size_t half = text.length / 2;
	while (half < text.length && ((unsigned char)text.data[half] & 0xc0) == 0x80)
		half++;
	return half;
}

static bool
all_met(struct slice text, struct meeting *meeting)
{
	struct search_words words = search_words_begin(word_seen, meeting);
	size_t half = half_of(text);
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

struct joining {
	struct search_joint_set set;
	struct slice needle;
	bool pair_met;
};

static void
joint_seen(void *argument, uint32_t joint)
{
	struct joining *joining = argument;
	search_joint_set_add(&joining->set, joint);
}

static void
pair_seen(void *argument, struct slice pair)
{
	struct joining *joining = argument;
	ASSERT(search_is_pair(pair));
	if (post_search_contains(pair, joining->needle))
		joining->pair_met = true;
}

static bool
has_all(const struct joining *joining, const struct search_needle_joints *wanted)
{
	SCOPED(buffer_free) struct buffer signature = buffer_with(SIZE_MAX);
	search_signature_put(&joining->set, &signature);
	for (size_t i = 0; i < wanted->count; i++)
		if (!search_signature_has(buffer_slice(&signature), wanted->list[i]))
			return false;
	return true;
}

static void
look_at_joints(struct slice text, struct slice needle, bool holds)
{
	struct search_needle_joints wanted;
	struct joining joining = {.needle = needle};
	search_joints_walk(text, joint_seen, &joining);
	search_pairs_walk(text, pair_seen, &joining);
	search_joints_of(needle, &wanted);
	ASSERT(!holds || has_all(&joining, &wanted));
	ASSERT(!wanted.is_pair || !joining.pair_met || holds);
	search_joint_set_free(&joining.set);
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
	look_at_joints(buffer_slice(&text), buffer_slice(&needle), holds);
	look_for_likeness(buffer_slice(&text), buffer_slice(&needle));
	return 0;
}
