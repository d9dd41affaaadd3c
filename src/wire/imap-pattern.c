#include "wire/imap-pattern.h"

#define WORDS (WIRE_IMAP_PATTERN_MOST / 64 + 1)

/*
 * All ways to match are followed at once, 64 places of the pattern at a time: bit i of
 * reached says that what was read of the name so far can be matched by the first i bytes of
 * the pattern. Wildcards in a row are one, so that none stands behind another.
 */
struct match {
	size_t length, words;
	char separator;
	uint64_t reached[WORDS];
	uint64_t stars[WORDS], wild[WORDS]; /* places of "*", and of "%" too */
	uint64_t takes[WORDS][256];         /* places of each other byte */
};

static bool
is_wildcard(char c)
{
	return c == '*' || c == '%';
}

static void
add_byte(struct match *match, char c)
{
	size_t word = match->length / 64;
	uint64_t bit = (uint64_t)1 << match->length % 64;
	if (c == '*')
		match->stars[word] |= bit;
	if (is_wildcard(c))
		match->wild[word] |= bit;
	else
		match->takes[word][(unsigned char)c] |= bit;
	match->length++;
}

/* Only what the pattern needs is made ready: most have a few bytes. */
static void
prepare(struct match *match, struct slice pattern, char separator)
{
	match->length = 0;
	match->words = pattern.length / 64 + 1;
	match->separator = separator;
	size_t size = match->words * sizeof(uint64_t);
	memset(match->reached, 0, size);
	memset(match->stars, 0, size);
	memset(match->wild, 0, size);
	memset(match->takes, 0, match->words * sizeof match->takes[0]);
	for (size_t i = 0; i < pattern.length;) {
		char c = pattern.data[i++];
		for (; is_wildcard(c) && i < pattern.length && is_wildcard(pattern.data[i]);
			i++)
			c = pattern.data[i] == '*' ? '*' : c;
		add_byte(match, c);
	}
	match->words = match->length / 64 + 1;
	/* A wildcard may stand for nothing. */
	match->reached[0] = 1 | (match->wild[0] & 1) << 1;
}

static uint64_t
places_of(const struct match *match, size_t word, char byte, bool any_case)
{
	const uint64_t *takes = match->takes[word];
	if (!any_case)
		return takes[(unsigned char)byte];
	return takes[(unsigned char)byte_lower(byte)] |
	       takes[(unsigned char)byte_upper(byte)];
}

/* Reads one byte of the name; false when nothing can match any more. */
static bool
step(struct match *match, char byte, bool any_case)
{
	uint64_t any = 0, read_before = 0, passed_before = 0;
	for (size_t i = 0; i < match->words; i++) {
		uint64_t now = match->reached[i];
		uint64_t read = now & places_of(match, i, byte, any_case);
		uint64_t stay = byte == match->separator ? match->stars[i] : match->wild[i];
		uint64_t next = (now & stay) | read << 1 | read_before | passed_before;
		uint64_t passed = next & match->wild[i];
		match->reached[i] = next | passed << 1;
		any |= match->reached[i];
		read_before = read >> 63;
		passed_before = passed >> 63;
	}
	return any;
}

static bool
begins_with_inbox(struct slice name, char separator)
{
	return wire_imap_is_inbox(slice_first(name, 5)) &&
	       (name.length == 5 || name.data[5] == separator);
}

/* Reads all of the name; false when nothing can match. */
static bool
run(struct match *match, struct slice pattern, struct slice name, char separator)
{
	if (pattern.length > WIRE_IMAP_PATTERN_MOST)
		return false;
	prepare(match, pattern, separator);
	size_t any_case = begins_with_inbox(name, separator) ? 5 : 0;
	bool live = true;
	for (size_t i = 0; live && i < name.length; i++)
		live = step(match, name.data[i], i < any_case);
	return live;
}

static uint64_t
end_bit(const struct match *match)
{
	return (uint64_t)1 << match->length % 64;
}

bool
wire_imap_pattern_matches(struct slice pattern, struct slice name, char separator)
{
	struct match match;
	return run(&match, pattern, name, separator) &&
	       match.reached[match.length / 64] & end_bit(&match);
}

bool
wire_imap_pattern_matches_below(struct slice pattern, struct slice name, char separator)
{
	struct match match;
	if (!run(&match, pattern, name, separator) || !step(&match, separator, false))
		return false;
	/* Something of the pattern must be left for what stands below. */
	match.reached[match.length / 64] &= ~end_bit(&match);
	uint64_t left = 0;
	for (size_t i = 0; i < match.words; i++)
		left |= match.reached[i];
	return left;
}

bool
wire_imap_is_inbox(struct slice name)
{
	return slice_equal_nocase(name, SLICE("INBOX"));
}
