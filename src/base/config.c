#include "base/config.h"
#include "base/config-internal.h"
#include "base/file.h"

static void
map_release(void *map)
{
	map_destroy(map);
}

static void
learn_key(struct base_config *config, const struct base_config_key *key)
{
	struct config_known *known = ARENA_NEW(config->arena, struct config_known);
	known->key = key;
	if (key->fallback) {
		struct slice complaint;
		known->fallback = ARENA_NEW(config->arena, struct config_value);
		ASSERT(config_value_of_text(key, slice_of_text(key->fallback),
			config->arena, known->fallback, &complaint));
	}
	ASSERT(!map_put(config->known, slice_of_text(key->name), known));
}

static struct base_config *
config_create(const char *name, const struct base_config_key *const *keys)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct base_config *config = ARENA_NEW(arena, struct base_config);
	config->arena = arena;
	config->name = arena_copy(arena, slice_of_text(name));
	config->keys = keys;
	config->known = map_create();
	config->values = map_create();
	arena_on_release(arena, map_release, config->known);
	arena_on_release(arena, map_release, config->values);
	const struct base_config_key *key;
	for (size_t group = 0, at = 0; (key = config_next_key(keys, &group, &at));)
		learn_key(config, key);
	return config;
}

void
base_config_destroy(struct base_config *config)
{
	if (config)
		arena_destroy(config->arena);
}

enum base_failure
base_config_parse(struct slice text, const char *name_for_errors,
	const struct base_config_key *const *keys, struct base_config **config,
	struct base_error *error)
{
	*config = NULL;
	if (text.length > BASE_CONFIG_MOST)
		return base_fail(error, BASE_TOO_LARGE, "%s: larger than %d bytes",
			name_for_errors, BASE_CONFIG_MOST);
	if (slice_find_byte(text, 0) < text.length)
		return base_fail(
			error, BASE_INVALID, "%s: holds a NUL byte", name_for_errors);
	struct base_config *made = config_create(name_for_errors, keys);
	enum base_failure failure = config_fill(made, text, error);
	if (failure)
		base_config_destroy(made);
	else
		*config = made;
	return failure;
}

enum base_failure
base_config_read(const char *path, const struct base_config_key *const *keys,
	struct base_config **config, struct base_error *error)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(BASE_CONFIG_MOST);
	*config = NULL;
	enum base_failure failure = base_file_read(path, &text, error);
	return failure ? failure
		       : base_config_parse(buffer_slice(&text), path, keys, config, error);
}

static const struct config_known *
known_key(const struct base_config *config, const char *key)
{
	const struct config_known *known = map_get(config->known, slice_of_text(key));
	ASSERT(known);
	return known;
}

/* "listener[].port" and 3 to "listener[3].port". */
static void
put_path(struct buffer *path, const char *key, size_t index)
{
	struct slice name = slice_of_text(key);
	size_t brackets = slice_find(name, SLICE("[]"));
	buffer_put(path, slice_first(name, brackets));
	if (brackets < name.length)
		buffer_printf(path, "[%zu]", index);
	buffer_put(path, slice_from(name, brackets + 2));
}

static const struct config_value *
written(const struct base_config *config, const char *key, size_t index)
{
	SCOPED(buffer_free) struct buffer path = buffer_with(512);
	put_path(&path, key, index);
	return map_get(config->values, buffer_slice(&path));
}

/* NULL: neither written nor with a fallback. */
static const struct config_value *
value_of(const struct base_config *config, const char *key, size_t index, unsigned types)
{
	const struct config_known *known = known_key(config, key);
	ASSERT(types & 1U << known->key->type);
	const struct config_value *value = written(config, key, index);
	return value ? value : known->fallback;
}

bool
base_config_has(const struct base_config *config, const char *key, size_t index)
{
	known_key(config, key);
	return written(config, key, index);
}

struct slice
base_config_text(const struct base_config *config, const char *key, size_t index)
{
	const struct config_value *value = value_of(
		config, key, index, 1U << BASE_CONFIG_TEXT | 1U << BASE_CONFIG_CHOICE);
	return value ? value->text : SLICE_NONE;
}

int64_t
base_config_number(const struct base_config *config, const char *key, size_t index)
{
	const struct config_value *value = value_of(config, key, index,
		1U << BASE_CONFIG_NUMBER | 1U << BASE_CONFIG_SIZE |
			1U << BASE_CONFIG_DURATION);
	return value ? value->number : 0;
}

bool
base_config_switch(const struct base_config *config, const char *key, size_t index)
{
	const struct config_value *value =
		value_of(config, key, index, 1U << BASE_CONFIG_SWITCH);
	return value && value->number;
}

size_t
base_config_count(const struct base_config *config, const char *list)
{
	ASSERT(config_is_above(config->keys, slice_of_text(list), "[]."));
	const struct config_value *value = map_get(config->values, slice_of_text(list));
	return value ? value->count : 0;
}

size_t
base_config_texts(const struct base_config *config, const char *key, size_t index,
	struct arena *arena, struct slice **texts)
{
	const struct config_value *value =
		value_of(config, key, index, 1U << BASE_CONFIG_TEXTS);
	size_t count = value ? value->count : 0;
	*texts = ARENA_MANY(arena, struct slice, count);
	if (count)
		memcpy(*texts, value->texts, count * sizeof **texts);
	return count;
}

/* The line of the key, or of the innermost group around it that is written; 0: none. */
static unsigned
line_at_or_above(const struct base_config *config, struct slice path)
{
	while (path.length) {
		const struct config_value *value = map_get(config->values, path);
		if (value)
			return value->line;
		size_t dot = slice_find_last_byte(path, '.');
		path = slice_first(path, dot < path.length ? dot : 0);
	}
	return 0;
}

enum base_failure
base_config_fail(const struct base_config *config, const char *key, size_t index,
	struct base_error *error, const char *format, ...)
{
	SCOPED(buffer_free) struct buffer path = buffer_with(512);
	SCOPED(buffer_free) struct buffer text = buffer_with(4096);
	known_key(config, key);
	put_path(&path, key, index);
	unsigned line = line_at_or_above(config, buffer_slice(&path));
	buffer_put(&text, config->name);
	if (line)
		buffer_printf(&text, ":%u", line);
	buffer_printf(&text, ": %.*s: ", SLICE_ARG(buffer_slice(&path)));
	va_list arguments;
	va_start(arguments, format);
	buffer_vprintf(&text, format, arguments);
	va_end(arguments);
	return base_fail(error, BASE_INVALID, "%.*s", SLICE_ARG(buffer_slice(&text)));
}
