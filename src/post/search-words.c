#include "post/search-words.h"

/* --- characters --------------------------------------------------------------------------
 */

static const struct {
	uint32_t first, last;
	enum search_class class;
} ranges[] = {
	/* Ascending; what stands between them are letters. */
	{0x80, 0xa9, SEARCH_MARK}, {0xab, 0xb4, SEARCH_MARK}, {0xb6, 0xb9, SEARCH_MARK},
	{0xbb, 0xbf, SEARCH_MARK}, {0xd7, 0xd7, SEARCH_MARK}, {0xf7, 0xf7, SEARCH_MARK},
	{0xe00, 0xeff, SEARCH_PAIRED},     /* Thai, Lao */
	{0x1000, 0x109f, SEARCH_PAIRED},   /* Myanmar */
	{0x1780, 0x17ff, SEARCH_PAIRED},   /* Khmer */
	{0x2000, 0x206f, SEARCH_MARK},     /* general punctuation */
	{0x20a0, 0x2bff, SEARCH_MARK},     /* currency, arrows, symbols */
	{0x2e00, 0x2e7f, SEARCH_MARK},     /* supplemental punctuation */
	{0x2e80, 0x2fdf, SEARCH_PAIRED},   /* radicals */
	{0x3000, 0x303f, SEARCH_MARK},     /* ideographic punctuation */
	{0x3040, 0x30ff, SEARCH_PAIRED},   /* kana */
	{0x3100, 0x312f, SEARCH_PAIRED},   /* bopomofo */
	{0x31a0, 0x31ff, SEARCH_PAIRED},   /* their extensions */
	{0x3400, 0x9fff, SEARCH_PAIRED},   /* Han */
	{0xf900, 0xfaff, SEARCH_PAIRED},   /* Han, compatibility */
	{0xfe30, 0xfe4f, SEARCH_MARK},     /* vertical forms */
	{0xff00, 0xff0f, SEARCH_MARK},     /* full width */
	{0xff1a, 0xff20, SEARCH_MARK},     /* full width */
	{0xff66, 0xff9f, SEARCH_PAIRED},   /* half width kana */
	{0xfffd, 0xfffd, SEARCH_MARK},     /* what could not be read */
	{0x1f000, 0x1faff, SEARCH_MARK},   /* pictures */
	{0x20000, 0x3ffff, SEARCH_PAIRED}, /* Han, further planes */
};

static enum search_class
class_of_code_point(uint32_t code_point)
{
	size_t low = 0, high = sizeof ranges / sizeof *ranges;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (code_point > ranges[middle].last)
			low = middle + 1;
		else if (code_point < ranges[middle].first)
			high = middle;
		else
			return ranges[middle].class;
	}
	return SEARCH_LETTER;
}

uint32_t
search_code_point(struct slice character)
{
	static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t code_point = (unsigned char)character.data[0] & masks[character.length];
	for (size_t i = 1; i < character.length; i++)
		code_point = code_point << 6 | ((unsigned char)character.data[i] & 0x3f);
	return code_point;
}

/* A byte that belongs to no character is a mark of its own. */
enum search_class
search_class_of(struct slice text, size_t *length)
{
	char c = text.data[0];
	*length = 1;
	if (c == ' ')
		return SEARCH_BLANK;
	if (!((unsigned char)c & 0x80))
		return byte_is_alpha(c) || byte_is_digit(c) ? SEARCH_LETTER : SEARCH_MARK;
	size_t bytes = slice_utf8_first(text);
	if (!bytes)
		return SEARCH_MARK;
	*length = bytes;
	return class_of_code_point(search_code_point(slice_first(text, bytes)));
}

/* --- words of a text ---------------------------------------------------------------------
 */

struct search_words
search_words_begin(search_word_seen *seen, void *argument)
{
	return (struct search_words){
		.seen = seen, .argument = argument, .run_class = SEARCH_BLANK};
}

static void
end_run(struct search_words *words)
{
	bool silent = words->run_class == SEARCH_PAIRED && words->paired;
	if (words->length && !silent)
		words->seen(words->argument, slice_of(words->run, words->length));
	words->length = 0;
	words->paired = false;
	words->run_class = SEARCH_BLANK;
}

static void
put_blank(struct search_words *words)
{
	if (!words->blank_seen)
		words->seen(words->argument, SLICE(" "));
	words->blank_seen = true;
}

static void
put_paired(struct search_words *words, struct slice character)
{
	char pair[8];
	if (words->length) {
		memcpy(pair, words->run, words->length);
		memcpy(pair + words->length, character.data, character.length);
		words->seen(
			words->argument, slice_of(pair, words->length + character.length));
		words->paired = true;
	}
	memcpy(words->run, character.data, character.length);
	words->length = character.length;
}

/* Bytes of letters or marks; a full chunk is given out when more comes. */
static void
put_bytes(struct search_words *words, struct slice bytes)
{
	while (bytes.length) {
		if (words->length == SEARCH_WORD_MOST) {
			words->seen(words->argument, slice_of(words->run, words->length));
			words->length = SEARCH_WORD_MOST - SEARCH_WORD_STRIDE;
			memmove(words->run, words->run + SEARCH_WORD_STRIDE, words->length);
		}
		struct slice part = slice_first(bytes, SEARCH_WORD_MOST - words->length);
		memcpy(words->run + words->length, part.data, part.length);
		words->length += part.length;
		bytes = slice_from(bytes, part.length);
	}
}

static bool
is_ascii_letter(char c)
{
	return (unsigned)(c - 'a') < 26 || (unsigned)(c - '0') < 10 ||
	       (unsigned)(c - 'A') < 26;
}

size_t
search_run_length(struct slice text, enum search_class *class)
{
	size_t length, at;
	*class = search_class_of(text, &length);
	for (at = length; at < text.length; at += length) {
		length = 1;
		if (*class == SEARCH_LETTER && is_ascii_letter(text.data[at]))
			continue;
		if (search_class_of(slice_from(text, at), &length) != *class)
			break;
	}
	return at;
}

static void
put_characters(struct search_words *words, struct slice run)
{
	size_t length;
	for (; run.length; run = slice_from(run, length)) {
		(void)search_class_of(run, &length);
		put_paired(words, slice_first(run, length));
	}
}

void
search_words_put(struct search_words *words, struct slice piece)
{
	enum search_class class;
	while (piece.length) {
		size_t length = search_run_length(piece, &class);
		if (class != words->run_class)
			end_run(words);
		words->run_class = class;
		if (class == SEARCH_BLANK)
			put_blank(words);
		else if (class == SEARCH_PAIRED)
			put_characters(words, slice_first(piece, length));
		else
			put_bytes(words, slice_first(piece, length));
		piece = slice_from(piece, length);
	}
}

void
search_words_end(struct search_words *words)
{
	end_run(words);
	words->blank_seen = false;
}

/* --- terms of a needle -------------------------------------------------------------------
 */

static void
add(struct search_terms *terms, enum search_match match, struct slice text)
{
	if (terms->count == SEARCH_TERMS_MOST)
		terms->exact = false;
	else
		terms->list[terms->count++] = (struct search_term){match, text};
}

/* The whole needle is within one word: any part of it is in some chunk. */
static void
add_inside(struct search_terms *terms, struct slice run)
{
	terms->exact = run.length <= SEARCH_PART_MOST;
	for (; run.length > SEARCH_PART_MOST; run = slice_from(run, SEARCH_PART_MOST))
		add(terms, SEARCH_PART, slice_first(run, SEARCH_PART_MOST));
	add(terms, SEARCH_PART, run);
}

static void
add_run(struct search_terms *terms, struct slice run, bool first, bool last)
{
	if (first && last)
		add_inside(terms, run);
	else if (first && run.length > SEARCH_PART_MOST)
		add(terms, SEARCH_ENDS, slice_from(run, run.length - SEARCH_PART_MOST));
	else if (first)
		add(terms, SEARCH_ENDS, run);
	else if (last)
		add(terms, SEARCH_BEGINS, slice_first(run, SEARCH_PART_MOST));
	else
		add(terms, SEARCH_WHOLE, slice_first(run, SEARCH_WORD_MOST));
}

/* One character may have neighbours outside the needle; pairs inside are whole words. */
static void
add_pairs(struct search_terms *terms, struct slice run, bool first, bool last)
{
	size_t length, next;
	(void)search_class_of(run, &length);
	terms->exact = first && last;
	if (length == run.length) {
		add(terms, first || last ? SEARCH_PART : SEARCH_WHOLE, run);
		return;
	}
	for (; length < run.length; run = slice_from(run, length), length = next) {
		(void)search_class_of(slice_from(run, length), &next);
		terms->exact =
			terms->exact && length + next == run.length && terms->count == 0;
		add(terms, SEARCH_WHOLE, slice_first(run, length + next));
	}
}

void
search_terms_of(struct slice needle, struct search_terms *terms)
{
	enum search_class class;
	*terms = (struct search_terms){0};
	for (bool first = true; needle.length; first = false) {
		size_t length = search_run_length(needle, &class);
		struct slice run = slice_first(needle, length);
		bool last = length == needle.length;
		if (class == SEARCH_PAIRED)
			add_pairs(terms, run, first, last);
		else if (class != SEARCH_BLANK)
			add_run(terms, run, first, last);
		else if (first && last)
			*terms = (struct search_terms){
				{{SEARCH_WHOLE, SLICE(" ")}}, 1, true};
		needle = slice_from(needle, length);
		if (!first || !last)
			terms->exact = false;
	}
}

/* A long word is compared by its start. */
bool
search_terms_alike(struct slice needle, struct search_terms *terms)
{
	enum search_class class;
	*terms = (struct search_terms){.exact = true};
	while (needle.length && terms->count < SEARCH_TERMS_MOST) {
		size_t length = search_run_length(needle, &class);
		struct slice run = slice_first(needle, length);
		if (class == SEARCH_LETTER)
			add(terms, SEARCH_LIKE, slice_first(run, SEARCH_PART_MOST));
		else if (class == SEARCH_PAIRED)
			add_pairs(terms, run, true, true);
		needle = slice_from(needle, length);
	}
	terms->exact = true;
	return terms->count > 0;
}
