#include "post/search-index.h"

/* Whether folded texts have what is sought. */

/* The text around a place, its kind first. Damaged texts may lack the first line end. */
static struct slice
text_around(struct slice texts, size_t place)
{
	struct slice before = slice_first(texts, place);
	size_t end = slice_find_last_byte(before, '\n');
	struct slice rest = slice_from(texts, end < place ? end + 1 : 0);
	return slice_first(rest, slice_find_byte(rest, '\n'));
}

/* In a field's value, behind "name: ". */
static bool
fits_field(struct slice text, const struct search_leaf *leaf, size_t place)
{
	size_t name = leaf->field.length;
	return place >= name + 2 && slice_starts_nocase(text, leaf->field) &&
	       slice_starts(slice_from(text, name), SLICE(": "));
}

/* --- words alike ------------------------------------------------------------------------
 */

void
search_alike_word(void *argument, struct slice word)
{
	struct search_alike *alike = argument;
	for (size_t i = 0; i < alike->terms->count; i++) {
		const struct search_term *term = &alike->terms->list[i];
		if (alike->seen >> i & 1)
			continue;
		bool like = term->match == SEARCH_LIKE ? search_is_like(word, term->text)
			    : term->match == SEARCH_WHOLE
				    ? slice_equal(word, term->text)
				    : slice_find(word, term->text) < word.length;
		if (like)
			alike->seen |= (uint32_t)1 << i;
	}
}

bool
search_alike_all(const struct search_alike *alike)
{
	return alike->seen == ((uint32_t)1 << alike->terms->count) - 1;
}

/* A header field's name is no part of its value; see piece_seen of search-message.c. */
static struct slice
searched_part(struct slice text, const struct search_leaf *leaf)
{
	if (text.data[0] == POST_TEXT_BODY || leaf->kinds & POST_TEXT_OTHER)
		return slice_from(text, 1);
	size_t name = slice_find(text, SLICE(": "));
	return slice_from(text, name + 2);
}

static bool
texts_are_like(struct slice texts, const struct search_leaf *leaf)
{
	struct search_alike alike = {.terms = &leaf->terms};
	struct search_words words = search_words_begin(search_alike_word, &alike);
	while (texts.length && !search_alike_all(&alike)) {
		struct slice text = slice_cut(&texts, '\n');
		if (slice_empty(text) || !((uint8_t)text.data[0] & leaf->kinds))
			continue;
		search_words_put(&words, searched_part(text, leaf));
		search_words_end(&words);
	}
	return search_alike_all(&alike);
}

bool
search_texts_contain(struct slice texts, const struct search_leaf *leaf)
{
	if (leaf->alike)
		return texts_are_like(texts, leaf);
	for (size_t at = 0; at < texts.length;) {
		size_t place = search_scan(texts, leaf->needle, at);
		if (place >= texts.length)
			return false;
		const char *hit = texts.data + place;
		struct slice text = text_around(texts, place);
		size_t inside = (size_t)(hit - text.data);
		at = place + 1;
		if (!inside || !((uint8_t)text.data[0] & leaf->kinds))
			continue;
		if (slice_absent(leaf->field) ||
			fits_field(slice_from(text, 1), leaf, inside - 1))
			return true;
	}
	return false;
}
