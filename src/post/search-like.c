#include "post/search-words.h"

/* Words that differ by little: a letter more, less, other, or two that changed places. */

#define LETTERS_MOST SEARCH_WORD_MOST

struct letters {
	uint32_t list[LETTERS_MOST];
	int count;
	uint32_t some; /* a bit for each that occurs, by its lowest bits */
};

static void
read_letters(struct slice word, struct letters *letters)
{
	letters->count = 0;
	letters->some = 0;
	while (word.length && letters->count < LETTERS_MOST) {
		size_t length = slice_utf8_first(word);
		uint32_t letter = length > 1 ? search_code_point(slice_first(word, length))
					     : (unsigned char)word.data[0];
		word = slice_from(word, length ? length : 1);
		letters->list[letters->count++] = letter;
		letters->some |= (uint32_t)1 << letter % 32;
	}
}

static int
differences_most(int count)
{
	if (count < SEARCH_LIKE_LEAST)
		return 0;
	return count < SEARCH_LIKE_TWO ? 1 : 2;
}

static int
least(int a, int b)
{
	return a < b ? a : b;
}

/* One line of the table of distances, from the two before it. */
static int
next_line(const struct letters *a, const struct letters *b, int at, const int *older,
	const int *old, int *line)
{
	int best = line[0] = at;
	for (int i = 1; i <= b->count; i++) {
		bool same = a->list[at - 1] == b->list[i - 1];
		line[i] = least(old[i - 1] + !same, 1 + least(old[i], line[i - 1]));
		if (at > 1 && i > 1 && a->list[at - 1] == b->list[i - 2] &&
			a->list[at - 2] == b->list[i - 1])
			line[i] = least(line[i], older[i - 2] + 1);
		best = least(best, line[i]);
	}
	return best;
}

static bool
are_near(const struct letters *a, const struct letters *b, int most)
{
	int lines[3][LETTERS_MOST + 1];
	for (int i = 0; i <= b->count; i++)
		lines[0][i] = i;
	for (int at = 1; at <= a->count; at++) {
		int best = next_line(
			a, b, at, lines[(at + 1) % 3], lines[(at + 2) % 3], lines[at % 3]);
		if (best > most)
			return false;
	}
	return lines[a->count % 3][b->count] <= most;
}

/* Each difference brings or takes one letter. */
static bool
may_be_near(const struct letters *a, const struct letters *b, int most)
{
	int longer = a->count - b->count;
	return longer <= most && -longer <= most &&
	       __builtin_popcount(a->some & ~b->some) <= most &&
	       __builtin_popcount(b->some & ~a->some) <= most;
}

bool
search_is_like(struct slice word, struct slice wanted)
{
	struct letters a, b;
	if (word.length >= wanted.length &&
		memmem(word.data, word.length, wanted.data, wanted.length))
		return true;
	if (wanted.length < SEARCH_LIKE_LEAST || word.length > 4 * wanted.length)
		return false;
	read_letters(wanted, &b);
	int most = differences_most(b.count);
	if (!most)
		return false;
	read_letters(word, &a);
	return may_be_near(&a, &b, most) && are_near(&a, &b, most);
}
