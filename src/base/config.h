#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/arena.h"
#include "base/error.h"

/*
 * The configuration file (libconfig's syntax). Every key that may appear is a descriptor;
 * an unknown key, a wrong type or a value out of range is an error that names file, line
 * and key, and the nearest key that exists. Documentation is made from the descriptors.
 *
 * @include is refused: one machine, one file.
 *
 * Keys are dotted paths. A descriptor whose name contains "[]" stands for each element of
 * a list of groups: "listener[].port"; it may hold one "[]".
 */
#define BASE_CONFIG_MOST (1 << 20) /* bytes of a file */

enum base_config_type {
	BASE_CONFIG_TEXT,
	BASE_CONFIG_NUMBER,   /* least..most */
	BASE_CONFIG_SWITCH,   /* true or false */
	BASE_CONFIG_SIZE,     /* "25M", "512K", or a number of bytes */
	BASE_CONFIG_DURATION, /* "100ms", "30s", "5m", "4h", "5d": milliseconds */
	BASE_CONFIG_TEXTS,    /* a list of texts */
	BASE_CONFIG_CHOICE    /* one of choices */
};

struct base_config_key {
	const char *name;
	enum base_config_type type;
	const char *fallback; /* as written, without quotes; TEXTS: "a, b"; NULL: none */
	int64_t least, most;  /* NUMBER, SIZE, DURATION; both 0: no bounds */
	const char *const *choices; /* CHOICE: NULL-terminated */
	const char *help;           /* one sentence */
};

struct base_config;

/* keys: groups of descriptors, each ended by one without a name; NULL-terminated list. */
enum base_failure base_config_read(const char *path,
	const struct base_config_key *const *keys, struct base_config **config,
	struct base_error *error) MUST_CHECK;
enum base_failure base_config_parse(struct slice text, const char *name_for_errors,
	const struct base_config_key *const *keys, struct base_config **config,
	struct base_error *error) MUST_CHECK;
void base_config_destroy(struct base_config *config);

/*
 * Values, or the descriptor's fallback, or else absent, 0, false. Asking for a key that no
 * descriptor names, or for another type than its own, aborts.
 * Texts live as long as the configuration. For "listener[].port" say index; else 0.
 */
bool base_config_has(const struct base_config *config, const char *key, size_t index);
struct slice base_config_text(
	const struct base_config *config, const char *key, size_t index);
int64_t base_config_number(const struct base_config *config, const char *key, size_t index);
bool base_config_switch(const struct base_config *config, const char *key, size_t index);
size_t base_config_count(
	const struct base_config *config, const char *list); /* "listener" */
size_t base_config_texts(const struct base_config *config, const char *key, size_t index,
	struct arena *arena, struct slice **texts);

/* "troika.conf:14: relay.retry: …", for errors found later by whoever uses the value. */
enum base_failure base_config_fail(const struct base_config *config, const char *key,
	size_t index, struct base_error *error, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

#endif
