#ifndef POST_SEARCH_WORDS_H
#define POST_SEARCH_WORDS_H

#include "base/base.h"

/*
 * Folded text as words, and what a needle says of the words around it. Pure.
 *
 * Each character belongs to one of four classes whatever stands beside it: blanks; letters
 * and digits; punctuation; and characters of scripts without blanks between words (Han,
 * kana, Thai …). A word is the longest run of one class. So where a needle lies in a text,
 * its inner runs are whole words there, its first run ends a word and its last begins one.
 *
 * What is indexed of a text:
 *	a run of letters, or of punctuation	itself, up to SEARCH_WORD_MOST bytes; a
 *longer one as chunks of so many, each begun SEARCH_WORD_STRIDE after the one before a run
 *without blanks			each two neighbours; a single one as it is blanks
 *one word " ", once in each text
 *
 * So any part of a word up to SEARCH_PART_MOST bytes is a part of an indexed one.
 */
#define SEARCH_WORD_MOST   64
#define SEARCH_WORD_STRIDE 32
#define SEARCH_PART_MOST   (SEARCH_WORD_MOST - SEARCH_WORD_STRIDE + 1)
/* Raised when the same text would give other words, or texts are kept in another way: then
 * the index is made anew. */
#define SEARCH_WORDS_VERSION 7

enum search_class { SEARCH_BLANK, SEARCH_LETTER, SEARCH_MARK, SEARCH_PAIRED };

/* The class of the first character of text (not empty) and its length in bytes. */
enum search_class search_class_of(struct slice text, size_t *length);

/* How far the class of the first character goes on. */
size_t search_run_length(struct slice text, enum search_class *class);

typedef void search_word_seen(void *argument, struct slice word);

/* Texts in pieces that cut no character; end after each text. */
struct search_words {
	search_word_seen *seen;
	void *argument;
	enum search_class run_class;
	bool blank_seen, chunked, paired;
	size_t length;
	char run[SEARCH_WORD_MOST]; /* not given out yet; of paired ones the last */
};
struct search_words search_words_begin(search_word_seen *seen, void *argument);
void search_words_put(struct search_words *words, struct slice piece);
void search_words_end(struct search_words *words);

/*
 * What must be true of the words of a text that contains the needle: all terms, each by
 * one word at least. exact: the converse holds too, so that the text needs no look.
 */
enum search_match {
	SEARCH_WHOLE,
	SEARCH_BEGINS,
	SEARCH_ENDS,
	SEARCH_PART,
	SEARCH_LIKE,
	SEARCH_PAIR /* a part of a pair; see search-segment.h */
};
struct search_term {
	enum search_match match;
	struct slice text; /* points into the needle */
};
#define SEARCH_TERMS_MOST 24 /* of a longer needle the first count */

struct search_terms {
	struct search_term list[SEARCH_TERMS_MOST];
	size_t count;
	bool exact;
};
/* needle is folded, not empty. No terms: it says nothing. */
void search_terms_of(struct slice needle, struct search_terms *terms);

/*
 * For a fuzzy search (RFC 6203 3): the words of the needle, in any order, each a part of
 * one of the text's or one that differs by little: by one letter from SEARCH_LIKE_LEAST
 * letters on, by two from SEARCH_LIKE_TWO; neighbours that changed places count as one.
 * Punctuation does not matter, scripts without blanks are compared by pairs. Exact in the
 * above sense. False: there are no words in it.
 */
#define SEARCH_LIKE_LEAST 4
#define SEARCH_LIKE_TWO   8
MUST_CHECK bool search_terms_alike(struct slice needle, struct search_terms *terms);
bool search_is_like(struct slice word, struct slice wanted);

/* Of a whole character of UTF-8. */
uint32_t search_code_point(struct slice character);

#endif
