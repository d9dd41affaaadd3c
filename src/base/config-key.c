#include "base/config-internal.h"

const struct base_config_key *
config_next_key(const struct base_config_key *const *keys, size_t *group, size_t *at)
{
	while (keys[*group]) {
		const struct base_config_key *key = &keys[*group][*at];
		if (key->name) {
			(*at)++;
			return key;
		}
		(*group)++;
		*at = 0;
	}
	return NULL;
}

bool
config_is_above(
	const struct base_config_key *const *keys, struct slice pattern, const char *joint)
{
	const struct base_config_key *key;
	for (size_t group = 0, at = 0; (key = config_next_key(keys, &group, &at));) {
		struct slice name = slice_of_text(key->name);
		if (slice_starts(name, pattern) &&
			slice_starts(
				slice_from(name, pattern.length), slice_of_text(joint)))
			return true;
	}
	return false;
}

static struct slice
last_part(struct slice name)
{
	size_t dot = slice_find_last_byte(name, '.');
	return dot < name.length ? slice_from(name, dot + 1) : name;
}

/* A key in the wrong group is nearer than another word in the right one. */
static size_t
unlikeness(struct slice wrong, struct slice name)
{
	size_t whole = slice_distance(wrong, name);
	size_t last = slice_distance(last_part(wrong), last_part(name)) + 1;
	return whole < last ? whole : last;
}

/* Compares with name and the groups that it stands in. */
static void
keep_nearest(struct slice wrong, struct slice name, struct slice *nearest, size_t *least)
{
	while (name.length) {
		size_t distance = unlikeness(wrong, name);
		if (distance < *least) {
			*least = distance;
			*nearest = name;
		}
		size_t dot = slice_find_last_byte(name, '.');
		name = slice_first(name, dot < name.length ? dot : 0);
		if (slice_ends(name, SLICE("[]")))
			name = slice_first(name, name.length - 2);
	}
}

struct slice
config_nearest(const struct base_config_key *const *keys, struct slice pattern)
{
	struct slice nearest = SLICE_NONE;
	size_t least = SIZE_MAX;
	const struct base_config_key *key;
	for (size_t group = 0, at = 0; (key = config_next_key(keys, &group, &at));)
		keep_nearest(pattern, slice_of_text(key->name), &nearest, &least);
	return nearest;
}
