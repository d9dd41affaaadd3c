#include "base/config-internal.h"
#include "base/texts.h"
#include <libconfig.h>

/* Where a setting stands: as the descriptors name it, and as it is written. */
struct place {
	struct base_config *config;
	const config_setting_t *setting;
	struct slice pattern;
	struct slice path;
	struct base_error *error;
};

static unsigned
line_of(const struct place *place)
{
	return config_setting_source_line(place->setting);
}

static enum base_failure
complain(const struct place *place, struct slice complaint)
{
	return base_fail(place->error, BASE_INVALID, "%.*s:%u: %.*s: %.*s",
		SLICE_ARG(place->config->name), line_of(place), SLICE_ARG(place->path),
		SLICE_ARG(complaint));
}

static struct config_value *
add_value(const struct place *place)
{
	struct config_value *value = ARENA_NEW(place->config->arena, struct config_value);
	value->line = line_of(place);
	/* libconfig refuses a name that stands twice in a group. */
	ASSERT(!map_put(place->config->values, place->path, value));
	return value;
}

static const char *
expectation(enum base_config_type type)
{
	switch (type) {
	case BASE_CONFIG_TEXT:
	case BASE_CONFIG_CHOICE:
		return BASE_TEXT("expects a text in quotes");
	case BASE_CONFIG_NUMBER:
		return BASE_TEXT("expects a whole number");
	case BASE_CONFIG_SWITCH:
		return BASE_TEXT("expects true or false");
	case BASE_CONFIG_SIZE:
		return BASE_TEXT("expects a size: \"25M\", \"512K\" or a number of bytes");
	case BASE_CONFIG_DURATION:
		return BASE_TEXT("expects a duration: \"30s\", \"5m\", \"4h\" or \"5d\"");
	case BASE_CONFIG_TEXTS:
		return BASE_TEXT("expects a list of texts: [\"a\", \"b\"]");
	}
	return "";
}

static enum base_failure
fill_texts(const struct place *place, struct config_value *value)
{
	struct arena *arena = place->config->arena;
	value->count = (size_t)config_setting_length(place->setting);
	value->texts = ARENA_MANY(arena, struct slice, value->count);
	for (unsigned i = 0; i < value->count; i++) {
		const config_setting_t *element =
			config_setting_get_elem(place->setting, i);
		const char *text = config_setting_get_string(element);
		if (!text)
			return complain(
				place, slice_of_text(expectation(BASE_CONFIG_TEXTS)));
		value->texts[i] = arena_copy(arena, slice_of_text(text));
	}
	return BASE_OK;
}

static bool
takes_number(enum base_config_type type)
{
	return type == BASE_CONFIG_NUMBER || type == BASE_CONFIG_SIZE;
}

static bool
takes_text(enum base_config_type type)
{
	return type == BASE_CONFIG_TEXT || type == BASE_CONFIG_CHOICE ||
	       type == BASE_CONFIG_SIZE || type == BASE_CONFIG_DURATION;
}

static enum base_failure
fill_value(const struct place *place, const struct base_config_key *key)
{
	struct arena *arena = place->config->arena;
	struct config_value *value = add_value(place);
	struct slice complaint = slice_of_text(expectation(key->type));
	int type = config_setting_type(place->setting);
	bool good = false;
	if (key->type == BASE_CONFIG_TEXTS &&
		(type == CONFIG_TYPE_ARRAY || type == CONFIG_TYPE_LIST))
		return fill_texts(place, value);
	if (key->type == BASE_CONFIG_SWITCH && type == CONFIG_TYPE_BOOL) {
		value->number = config_setting_get_bool(place->setting) ? 1 : 0;
		good = true;
	} else if (takes_number(key->type) &&
		   (type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64)) {
		value->number = config_setting_get_int64(place->setting);
		good = config_value_in_range(key, value->number, arena, &complaint);
	} else if (takes_text(key->type) && type == CONFIG_TYPE_STRING) {
		struct slice text =
			slice_of_text(config_setting_get_string(place->setting));
		good = config_value_of_text(key, text, arena, value, &complaint);
	}
	return good ? BASE_OK : complain(place, complaint);
}

static enum base_failure fill_group(const struct place *group);

static enum base_failure
fill_list(const struct place *list)
{
	struct arena *arena = list->config->arena;
	unsigned count = (unsigned)config_setting_length(list->setting);
	add_value(list)->count = count;
	for (unsigned i = 0; i < count; i++) {
		struct place element = *list;
		element.setting = config_setting_get_elem(list->setting, i);
		element.pattern = arena_printf(arena, "%.*s[]", SLICE_ARG(list->pattern));
		element.path = arena_printf(arena, "%.*s[%u]", SLICE_ARG(list->path), i);
		if (!config_setting_is_group(element.setting))
			return complain(
				&element, SLICE(BASE_TEXT("expects a group: { ... }")));
		add_value(&element);
		enum base_failure failure = fill_group(&element);
		if (failure)
			return failure;
	}
	return BASE_OK;
}

static enum base_failure
refuse_unknown(const struct place *place)
{
	const struct base_config *config = place->config;
	struct slice nearest = config_nearest(config->keys, place->pattern);
	return complain(
		place, slice_absent(nearest)
			       ? SLICE(BASE_TEXT("no such key"))
			       : arena_printf(config->arena,
					 BASE_TEXT("no such key; the nearest is %.*s"),
					 SLICE_ARG(nearest)));
}

static enum base_failure
fill_one(const struct place *place)
{
	const struct base_config *config = place->config;
	const struct config_known *known = map_get(config->known, place->pattern);
	if (known)
		return fill_value(place, known->key);
	if (config_is_above(config->keys, place->pattern, "[].")) {
		if (!config_setting_is_list(place->setting))
			return complain(place,
				SLICE(BASE_TEXT(
					"expects a list of groups: ( { ... }, { ... } )")));
		return fill_list(place);
	}
	if (!config_is_above(config->keys, place->pattern, "."))
		return refuse_unknown(place);
	if (!config_setting_is_group(place->setting))
		return complain(place, SLICE(BASE_TEXT("expects a group: { ... }")));
	add_value(place);
	return fill_group(place);
}

static enum base_failure
fill_group(const struct place *group)
{
	struct arena *arena = group->config->arena;
	unsigned count = (unsigned)config_setting_length(group->setting);
	for (unsigned i = 0; i < count; i++) {
		struct place child = *group;
		child.setting = config_setting_get_elem(group->setting, i);
		const char *name = config_setting_name(child.setting);
		const char *dot = group->path.length ? "." : "";
		child.pattern = arena_printf(
			arena, "%.*s%s%s", SLICE_ARG(group->pattern), dot, name);
		child.path =
			arena_printf(arena, "%.*s%s%s", SLICE_ARG(group->path), dot, name);
		enum base_failure failure = fill_one(&child);
		if (failure)
			return failure;
	}
	return BASE_OK;
}

enum base_failure
config_fill(struct base_config *config, struct slice text, struct base_error *error)
{
	SCOPED(config_destroy) config_t parsed;
	SCOPED(buffer_free) struct buffer prepared = buffer_with(2 * text.length + 2);
	config_init(&parsed);
	enum base_failure failure = config_prepare(config, text, &prepared, error);
	if (failure)
		return failure;
	if (!config_read_string(&parsed, prepared.data))
		return base_fail(error, BASE_INVALID, "%.*s:%d: %s",
			SLICE_ARG(config->name), config_error_line(&parsed),
			config_error_text(&parsed));
	struct place root = {
		.config = config, .setting = config_root_setting(&parsed), .error = error};
	return fill_group(&root);
}
