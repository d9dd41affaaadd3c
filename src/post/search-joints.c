#include "post/search-joints.h"

/* --- a run ------------------------------------------------------------------------------
 */

static void
grow_run(struct search_run *run, struct slice bytes)
{
	size_t room = run->length < sizeof run->start ? sizeof run->start - run->length : 0;
	struct slice start = slice_first(bytes, room);
	memcpy(run->start + (run->length < sizeof run->start ? run->length : 0), start.data,
		start.length);
	run->length += bytes.length;
	if (bytes.length >= sizeof run->end) {
		memcpy(run->end, bytes.data + bytes.length - sizeof run->end,
			sizeof run->end);
		return;
	}
	memmove(run->end, run->end + bytes.length, sizeof run->end - bytes.length);
	memcpy(run->end + sizeof run->end - bytes.length, bytes.data, bytes.length);
}

static bool
begins_character(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

/* Its last characters; absent: they are not known, or no characters. */
static struct slice
last_of(const struct search_run *run, unsigned characters)
{
	size_t most = run->length < sizeof run->end ? run->length : sizeof run->end;
	for (size_t n = 1; n <= most; n++)
		if (begins_character(run->end[sizeof run->end - n]) && !--characters)
			return slice_of(run->end + sizeof run->end - n, n);
	return SLICE_NONE;
}

static struct slice
first_of(const struct search_run *run, unsigned characters)
{
	struct slice bytes = slice_of(run->start,
		run->length < sizeof run->start ? run->length : sizeof run->start);
	size_t at = 0;
	for (; characters && at < bytes.length; characters--)
		for (at++; at < bytes.length && !begins_character(bytes.data[at]);)
			at++;
	return characters ? SLICE_NONE : slice_first(bytes, at);
}

/* --- where two meet ---------------------------------------------------------------------
 */

static uint32_t
hash_bytes(uint32_t hash, struct slice bytes)
{
	for (size_t i = 0; i < bytes.length; i++)
		hash = (hash ^ (unsigned char)bytes.data[i]) * 0x01000193u;
	return hash;
}

/* Never 0. Kept in segments: another hash is another version of the words. */
static uint32_t
joint_of(struct slice end, bool blank, struct slice start)
{
	uint32_t hash = hash_bytes(0x811c9dc5u, end);
	hash = hash_bytes(hash, blank ? SLICE("  ") : SLICE(" "));
	hash = hash_bytes(hash, start);
	hash = (hash ^ hash >> 16) * 0x7feb352du;
	hash = (hash ^ hash >> 15) * 0x846ca68bu;
	hash ^= hash >> 16;
	return hash ? hash : 1;
}

/* A run of one character has no second one: of it there are fewer joints. */
static void
say_joints(struct search_joints *joints)
{
	for (unsigned left = 1; left <= 2; left++) {
		struct slice end = last_of(&joints->before, left);
		for (unsigned right = 1; right <= 2 && !slice_absent(end); right++) {
			struct slice start = first_of(&joints->run, right);
			if (!slice_absent(start))
				joints->seen(joints->argument,
					joint_of(end, joints->blank, start));
		}
	}
}

static bool
is_short_word(const struct search_run *run)
{
	return run->class == SEARCH_LETTER && run->length <= sizeof run->start;
}

static void
say_pair(struct search_joints *joints)
{
	const struct search_run *left = &joints->before, *right = &joints->run;
	char text[2 * SEARCH_PAIRED_MOST + 2] = " ";
	if (!joints->pair || !joints->blank || !is_short_word(left) ||
		!is_short_word(right))
		return;
	memcpy(text + 1, left->start, left->length);
	text[1 + left->length] = ' ';
	memcpy(text + 2 + left->length, right->start, right->length);
	joints->pair(joints->argument, slice_of(text, 2 + left->length + right->length));
}

static void
end_run(struct search_joints *joints)
{
	if (!joints->run.length)
		return;
	if (joints->before.length) {
		say_joints(joints);
		say_pair(joints);
	}
	joints->before = joints->run;
	joints->run.length = 0;
	joints->blank = false;
}

struct search_joints
search_joints_begin(search_joint_seen *seen, search_pair_seen *pair, void *argument)
{
	return (struct search_joints){.seen = seen, .pair = pair, .argument = argument};
}

void
search_joints_put(struct search_joints *joints, struct slice piece)
{
	enum search_class class;
	while (piece.length) {
		size_t length = search_run_length(piece, &class);
		if (class != joints->run.class)
			end_run(joints);
		if (class == SEARCH_BLANK) {
			end_run(joints);
			joints->blank = true;
		} else {
			joints->run.class = class;
			grow_run(&joints->run, slice_first(piece, length));
		}
		piece = slice_from(piece, length);
	}
}

void
search_joints_end(struct search_joints *joints)
{
	end_run(joints);
	joints->before.length = 0;
	joints->blank = false;
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
	struct search_joints all = search_joints_begin(keep_joint, NULL, joints);
	search_joints_put(&all, needle);
	search_joints_end(&all);
}

/* --- sets -------------------------------------------------------------------------------
 */

static void
put_in_table(struct search_joint_set *set, uint32_t joint)
{
	size_t at = joint & (set->size - 1);
	while (set->table[at] && set->table[at] != joint)
		at = (at + 1) & (set->size - 1);
	set->count += !set->table[at];
	set->table[at] = joint;
}

static void
grow_table(struct search_joint_set *set)
{
	struct search_joint_set old = *set;
	set->size = old.size ? old.size * 2 : 1024;
	set->count = 0;
	set->table = calloc(set->size, sizeof *set->table);
	ASSERT(set->table);
	for (size_t i = 0; i < old.size; i++)
		if (old.table[i])
			put_in_table(set, old.table[i]);
	free(old.table);
}

void
search_joint_set_add(struct search_joint_set *set, uint32_t joint)
{
	if (set->count * 2 >= set->size)
		grow_table(set);
	put_in_table(set, joint);
}

/* One that a long message made large is no burden for the next ones. */
void
search_joint_set_clear(struct search_joint_set *set)
{
	if (set->size > 1024 && set->count * 8 < set->size)
		search_joint_set_free(set);
	else if (set->count)
		memset(set->table, 0, set->size * sizeof *set->table);
	set->count = 0;
}

void
search_joint_set_free(struct search_joint_set *set)
{
	free(set->table);
	*set = (struct search_joint_set){0};
}

/* --- signatures -------------------------------------------------------------------------
 */

static size_t
place_of(uint32_t joint, size_t bits)
{
	return (size_t)((uint64_t)joint * bits >> 32);
}

void
search_signature_put(const struct search_joint_set *set, struct buffer *into)
{
	size_t length = (set->count * SEARCH_JOINT_EIGHTHS + 63) / 64;
	char *bytes = buffer_reserve(into, length);
	if (!bytes || !length)
		return;
	memset(bytes, 0, length);
	for (size_t i = 0; i < set->size; i++) {
		size_t place = set->table[i] ? place_of(set->table[i], length * 8) : 0;
		if (set->table[i])
			bytes[place / 8] |= (char)(1 << place % 8);
	}
	buffer_commit(into, length);
}

bool
search_signature_has(struct slice signature, uint32_t joint)
{
	if (!signature.length)
		return false;
	size_t place = place_of(joint, signature.length * 8);
	return (unsigned char)signature.data[place / 8] >> place % 8 & 1;
}
