#include "wire/imap-pattern.h"

/*
 * All ways to match are followed at once: reached[i] says that what was read of the name so
 * far can be matched by the first i bytes of the pattern.
 */
struct match {
	struct slice pattern;
	char separator;
	bool reached[WIRE_IMAP_PATTERN_MOST + 1];
};

static bool
is_wildcard(char c)
{
	return c == '*' || c == '%';
}

/* A wildcard may stand for nothing. */
static bool
pass_wildcards(struct match *match)
{
	bool any = false;
	for (size_t i = 0; i < match->pattern.length; i++) {
		any |= match->reached[i];
		if (match->reached[i] && is_wildcard(match->pattern.data[i]))
			match->reached[i + 1] = true;
	}
	return any || match->reached[match->pattern.length];
}

static bool
wildcard_takes(const struct match *match, char wildcard, char byte)
{
	return wildcard == '*' || (wildcard == '%' && byte != match->separator);
}

/* Reads one byte of the name; false when nothing can match any more. */
static bool
step(struct match *match, char byte, bool any_case)
{
	for (size_t i = match->pattern.length + 1; i-- > 0;) {
		bool stays = i < match->pattern.length &&
			     wildcard_takes(match, match->pattern.data[i], byte);
		bool comes = false;
		if (i > 0 && match->reached[i - 1] &&
			!is_wildcard(match->pattern.data[i - 1])) {
			char wanted = match->pattern.data[i - 1];
			comes = wanted == byte ||
				(any_case && byte_lower(wanted) == byte_lower(byte));
		}
		match->reached[i] = (match->reached[i] && stays) || comes;
	}
	return pass_wildcards(match);
}

static bool
begins_with_inbox(struct slice name, char separator)
{
	return wire_imap_is_inbox(slice_first(name, 5)) &&
	       (name.length == 5 || name.data[5] == separator);
}

/* Reads all of the name; false when nothing can match. */
static bool
run(struct match *match, struct slice name)
{
	if (match->pattern.length > WIRE_IMAP_PATTERN_MOST)
		return false;
	size_t any_case = begins_with_inbox(name, match->separator) ? 5 : 0;
	match->reached[0] = true;
	bool live = pass_wildcards(match);
	for (size_t i = 0; live && i < name.length; i++)
		live = step(match, name.data[i], i < any_case);
	return live;
}

bool
wire_imap_pattern_matches(struct slice pattern, struct slice name, char separator)
{
	struct match match = {.pattern = pattern, .separator = separator};
	return run(&match, name) && match.reached[pattern.length];
}

bool
wire_imap_pattern_matches_below(struct slice pattern, struct slice name, char separator)
{
	struct match match = {.pattern = pattern, .separator = separator};
	if (!run(&match, name) || !step(&match, separator, false))
		return false;
	for (size_t i = 0; i < pattern.length; i++)
		if (match.reached[i])
			return true;
	return false;
}

bool
wire_imap_is_inbox(struct slice name)
{
	return slice_equal_nocase(name, SLICE("INBOX"));
}
