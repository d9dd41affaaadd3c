#include "post/search-joints.h"

/* --- where two runs meet ----------------------------------------------------------------
 */

struct run {
	enum search_class class;
	struct slice text;
};

/* Two runs that follow each other, a blank between them or not; and what was before. */
struct meeting {
	struct run first, left, right;
	bool first_blank, blank; /* behind first, and behind left */
};

/* Goes on to the next one; false: there is none. */
static bool
next_meeting(struct slice *rest, struct meeting *meeting)
{
	meeting->first = meeting->left;
	meeting->first_blank = meeting->blank;
	meeting->left = meeting->right;
	meeting->blank = false;
	while (rest->length) {
		enum search_class class;
		size_t length = search_run_length(*rest, &class);
		struct slice text = slice_first(*rest, length);
		*rest = slice_from(*rest, length);
		meeting->blank = meeting->blank || class == SEARCH_BLANK;
		if (class == SEARCH_BLANK)
			continue;
		meeting->right = (struct run){class, text};
		if (meeting->left.text.length)
			return true;
		meeting->left = meeting->right;
		meeting->blank = false;
	}
	return false;
}

/* --- joints -----------------------------------------------------------------------------
 */

/*
 * How many characters of either side: few, so that short needles have joints, and many, as
 * the few are in most messages. Which ones, and which not, is what was tried most
 * (docs/decisions/006-search.md).
 */
#define SIDE_MOST 3

enum window_where {
	WINDOW_ANYWHERE,
	WINDOW_INSIDE, /* of the two runs */
	WINDOW_WORDS   /* letters on both sides of a blank */
};

static const struct window {
	unsigned before, behind;
	enum window_where where;
} windows[] = {{1, 1, WINDOW_ANYWHERE}, {1, 2, WINDOW_INSIDE}, {2, 1, WINDOW_ANYWHERE},
	{2, 2, WINDOW_INSIDE}, {1, 3, WINDOW_WORDS}, {3, 1, WINDOW_WORDS},
	{2, 3, WINDOW_WORDS}, {3, 2, WINDOW_WORDS}};

static bool
begins_character(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

/* Where the last characters before an offset begin, by their number; how many there are. */
static unsigned
steps_back(struct slice text, size_t at, size_t places[SIDE_MOST + 1])
{
	unsigned count = 0;
	places[0] = at;
	while (at-- > 0 && count < SIDE_MOST)
		if (begins_character(text.data[at]))
			places[++count] = at;
	return count;
}

/* Where the first ones from an offset on end. */
static unsigned
steps_on(struct slice text, size_t at, size_t places[SIDE_MOST + 1])
{
	unsigned count = 0;
	places[0] = at;
	while (at < text.length && count < SIDE_MOST) {
		do
			at++;
		while (at < text.length && !begins_character(text.data[at]));
		places[++count] = at;
	}
	return count;
}

/* Kept in segments: another hash is another version of the words. */
static uint32_t
joint_of(struct slice piece)
{
	uint32_t hash = 0x811c9dc5u;
	for (size_t i = 0; i < piece.length; i++)
		hash = (hash ^ (unsigned char)piece.data[i]) * 0x01000193u;
	hash = (hash ^ hash >> 16) * 0x7feb352du;
	hash = (hash ^ hash >> 15) * 0x846ca68bu;
	hash ^= hash >> 16;
	return hash ? hash : 1;
}

static bool
is_wanted(enum window_where where, struct slice piece, const struct meeting *meeting)
{
	const struct run *left = &meeting->left, *right = &meeting->right;
	switch (where) {
	case WINDOW_INSIDE:
		return piece.data >= left->text.data &&
		       piece.data + piece.length <= right->text.data + right->text.length;
	case WINDOW_WORDS:
		return meeting->blank && left->class == SEARCH_LETTER &&
		       right->class == SEARCH_LETTER;
	case WINDOW_ANYWHERE:
		break;
	}
	return true;
}

/*
 * Around a short word between two others: phrases of common words are slow because their
 * messages have all pairs of these, but apart.
 */
#define AROUND_MOST   4 /* characters of it */
#define AROUND_BEFORE 2
#define AROUND_BEHIND 1

static bool
is_letters(const struct run *run)
{
	return run->class == SEARCH_LETTER && run->text.length;
}

static bool
is_short(struct slice text)
{
	size_t count = 0;
	if (text.length > AROUND_MOST * 4) /* bytes of a character */
		return false;
	for (size_t i = 0; i < text.length; i++)
		count += begins_character(text.data[i]);
	return count <= AROUND_MOST;
}

static void
say_around(struct slice text, const struct meeting *meeting, search_joint_seen *seen,
	void *argument)
{
	struct slice first = meeting->first.text, right = meeting->right.text;
	size_t before[SIDE_MOST + 1], behind[SIDE_MOST + 1];
	if (!meeting->first_blank || !meeting->blank || !is_letters(&meeting->first) ||
		!is_letters(&meeting->left) || !is_letters(&meeting->right) ||
		!is_short(meeting->left.text) ||
		steps_back(first, first.length, before) < AROUND_BEFORE ||
		steps_on(right, 0, behind) < AROUND_BEHIND)
		return;
	size_t from = (size_t)(first.data - text.data) + before[AROUND_BEFORE];
	size_t until = (size_t)(right.data - text.data) + behind[AROUND_BEHIND];
	seen(argument, joint_of(slice_part(text, from, until - from)));
}

static void
say_joints(struct slice text, const struct meeting *meeting, search_joint_seen *seen,
	void *argument)
{
	struct slice left = meeting->left.text;
	size_t end = (size_t)(left.data - text.data) + left.length;
	size_t start = (size_t)(meeting->right.text.data - text.data);
	size_t before[SIDE_MOST + 1], behind[SIDE_MOST + 1];
	unsigned back = steps_back(text, end, before), on = steps_on(text, start, behind);
	for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
		const struct window *window = &windows[i];
		if (window->before > back || window->behind > on)
			continue;
		size_t from = before[window->before];
		struct slice piece = slice_part(text, from, behind[window->behind] - from);
		if (is_wanted(window->where, piece, meeting))
			seen(argument, joint_of(piece));
	}
}

void
search_joints_walk(struct slice text, search_joint_seen *seen, void *argument)
{
	struct meeting meeting = {0};
	struct slice rest = text;
	while (next_meeting(&rest, &meeting)) {
		say_joints(text, &meeting, seen, argument);
		say_around(text, &meeting, seen, argument);
	}
}

/* --- pairs ------------------------------------------------------------------------------
 */

static bool
is_short_word(const struct run *run)
{
	return run->class == SEARCH_LETTER && run->text.length <= SEARCH_PAIRED_MOST;
}

void
search_pairs_walk(struct slice text, search_pair_seen *seen, void *argument)
{
	struct meeting meeting = {0};
	while (next_meeting(&text, &meeting)) {
		struct slice left = meeting.left.text, right = meeting.right.text;
		char pair[2 * SEARCH_PAIRED_MOST + 2] = " ";
		if (!meeting.blank || !is_short_word(&meeting.left) ||
			!is_short_word(&meeting.right))
			continue;
		memcpy(pair + 1, left.data, left.length);
		pair[1 + left.length] = ' ';
		memcpy(pair + 2 + left.length, right.data, right.length);
		seen(argument, slice_of(pair, 2 + left.length + right.length));
	}
}

/* --- needles ----------------------------------------------------------------------------
 */

static void
keep_joint(void *argument, uint32_t joint)
{
	struct search_needle_joints *joints = argument;
	if (joints->count < SEARCH_JOINTS_MOST)
		joints->list[joints->count++] = joint;
}

/* Two parts of words and a blank, nothing more. */
static bool
is_pair(struct slice needle)
{
	enum search_class left, blank, right;
	size_t first = search_run_length(needle, &left);
	struct slice rest = slice_from(needle, first);
	if (left != SEARCH_LETTER || !rest.length)
		return false;
	rest = slice_from(rest, search_run_length(rest, &blank));
	return blank == SEARCH_BLANK && rest.length &&
	       search_run_length(rest, &right) == rest.length && right == SEARCH_LETTER;
}

void
search_joints_of(struct slice needle, struct search_needle_joints *joints)
{
	*joints = (struct search_needle_joints){.is_pair = is_pair(needle)};
	search_joints_walk(needle, keep_joint, joints);
}
