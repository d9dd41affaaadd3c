#ifndef BASE_CONFIG_INTERNAL_H
#define BASE_CONFIG_INTERNAL_H

#include "base/buffer.h"
#include "base/config.h"
#include "base/map.h"

/*
 * A configuration in memory. Values are found by their path as written,
 * "listener[3].port"; descriptors by their pattern, "listener[].port".
 * Groups and elements of lists have an entry too, for their line.
 */
struct config_value {
	int64_t number; /* NUMBER, SIZE, DURATION; SWITCH: 0 or 1 */
	struct slice text;
	struct slice *texts;
	size_t count; /* of texts; of a list's elements */
	unsigned line;
};

struct config_known {
	const struct base_config_key *key;
	struct config_value *fallback; /* NULL: none */
};

struct base_config {
	struct arena *arena;
	struct slice name; /* of the file, for errors */
	const struct base_config_key *const *keys;
	struct map *known;  /* pattern to struct config_known */
	struct map *values; /* path to struct config_value */
};

/* Walks over all descriptors: start with *group = *at = 0. */
const struct base_config_key *config_next_key(
	const struct base_config_key *const *keys, size_t *group, size_t *at);

/* Is there a descriptor below pattern? With "[]." as joint below a list's elements. */
bool config_is_above(
	const struct base_config_key *const *keys, struct slice pattern, const char *joint);

/* The descriptor, or group of descriptors, whose name is most like pattern. */
struct slice config_nearest(
	const struct base_config_key *const *keys, struct slice pattern);

/* Reads a value as it is written; what is false explains itself in the error. */
MUST_CHECK bool config_value_of_text(const struct base_config_key *key, struct slice text,
	struct arena *arena, struct config_value *value, struct slice *complaint);
MUST_CHECK bool config_value_in_range(const struct base_config_key *key, int64_t number,
	struct arena *arena, struct slice *complaint);

/* Makes of the text what libconfig may be given: ends in a NUL that is counted. */
enum base_failure config_prepare(const struct base_config *config, struct slice text,
	struct buffer *into, struct base_error *error) MUST_CHECK;

/* Parses the text with libconfig and fills config->values. */
enum base_failure config_fill(
	struct base_config *config, struct slice text, struct base_error *error) MUST_CHECK;

#endif
