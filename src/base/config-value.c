#include "base/config-internal.h"
#include "base/texts.h"

struct unit {
	struct slice name;
	int64_t times;
};

/* The greatest first, so that bounds are shown in the unit they were written in. */
static const struct unit SIZES[] = {
	{SLICE_INIT("T"), (int64_t)1 << 40},
	{SLICE_INIT("G"), (int64_t)1 << 30},
	{SLICE_INIT("M"), (int64_t)1 << 20},
	{SLICE_INIT("K"), (int64_t)1 << 10},
	{SLICE_INIT(""), 1},
	{SLICE_INIT(""), 0},
};
static const struct unit DURATIONS[] = {
	{SLICE_INIT("d"), 86400000},
	{SLICE_INIT("h"), 3600000},
	{SLICE_INIT("m"), 60000},
	{SLICE_INIT("s"), 1000},
	{SLICE_INIT("ms"), 1},
	{SLICE_INIT(""), 0},
};
static const struct unit ONES[] = {
	{SLICE_INIT(""), 1},
	{SLICE_INIT(""), 0},
};

static const struct unit *
units_of(enum base_config_type type)
{
	return type == BASE_CONFIG_SIZE       ? SIZES
	       : type == BASE_CONFIG_DURATION ? DURATIONS
					      : ONES;
}

static bool
parse_with_unit(struct slice text, const struct unit *units, int64_t *number)
{
	size_t digits = 0;
	uint64_t count;
	while (digits < text.length && byte_is_digit(text.data[digits]))
		digits++;
	if (!slice_to_u64(slice_first(text, digits), &count) || count > INT64_MAX)
		return false;
	struct slice name = slice_from(text, digits);
	for (const struct unit *unit = units; unit->times; unit++)
		if (slice_equal(unit->name, name))
			return !__builtin_mul_overflow((int64_t)count, unit->times, number);
	return false;
}

static bool
parse_number(struct slice text, const struct unit *units, int64_t *number)
{
	if (!slice_starts(text, SLICE("-")))
		return parse_with_unit(text, units, number);
	if (units != ONES || !parse_with_unit(slice_from(text, 1), units, number))
		return false;
	*number = -*number;
	return true;
}

static struct slice
shown(struct arena *arena, const struct unit *units, int64_t number)
{
	const struct unit *unit = units;
	while (unit[1].times && (number < unit->times || number % unit->times))
		unit++;
	return arena_printf(arena, "%lld%.*s", (long long)(number / unit->times),
		SLICE_ARG(unit->name));
}

bool
config_value_in_range(const struct base_config_key *key, int64_t number,
	struct arena *arena, struct slice *complaint)
{
	if ((!key->least && !key->most) || (number >= key->least && number <= key->most))
		return true;
	const struct unit *units = units_of(key->type);
	*complaint = arena_printf(arena, BASE_TEXT("%.*s is not between %.*s and %.*s"),
		SLICE_ARG(shown(arena, units, number)),
		SLICE_ARG(shown(arena, units, key->least)),
		SLICE_ARG(shown(arena, units, key->most)));
	return false;
}

static bool
number_of_text(const struct base_config_key *key, struct slice text, struct arena *arena,
	struct config_value *value, struct slice *complaint)
{
	if (parse_number(text, units_of(key->type), &value->number))
		return config_value_in_range(key, value->number, arena, complaint);
	*complaint = arena_printf(arena, BASE_TEXT("\"%.*s\" is not %s"),
		SLICE_ARG(slice_first(text, 60)),
		key->type == BASE_CONFIG_SIZE
			? BASE_TEXT("a size: say \"25M\", \"512K\" or a number")
		: key->type == BASE_CONFIG_DURATION
			? BASE_TEXT("a duration: say \"30s\", \"5m\", \"4h\" or \"5d\"")
			: BASE_TEXT("a number"));
	return false;
}

static bool
choice_of_text(const struct base_config_key *key, struct slice text, struct arena *arena,
	struct config_value *value, struct slice *complaint)
{
	SCOPED(buffer_free) struct buffer names = buffer_with(1024);
	for (size_t i = 0; key->choices[i]; i++) {
		if (slice_equal(text, slice_of_text(key->choices[i]))) {
			value->text = slice_of_text(key->choices[i]);
			return true;
		}
		buffer_printf(&names, "%s\"%s\"", i ? ", " : "", key->choices[i]);
	}
	*complaint = arena_printf(arena, BASE_TEXT("\"%.*s\" is none of %.*s"),
		SLICE_ARG(slice_first(text, 60)), SLICE_ARG(buffer_slice(&names)));
	return false;
}

static bool
switch_of_text(struct slice text, struct arena *arena, struct config_value *value,
	struct slice *complaint)
{
	value->number = slice_equal(text, SLICE("true"));
	if (value->number || slice_equal(text, SLICE("false")))
		return true;
	*complaint = arena_printf(arena, BASE_TEXT("\"%.*s\" is neither true nor false"),
		SLICE_ARG(slice_first(text, 60)));
	return false;
}

/* A fallback lists its texts with commas between them. */
static void
texts_of_text(struct slice text, struct arena *arena, struct config_value *value)
{
	struct slice rest = text;
	while (!slice_absent(rest)) {
		slice_cut(&rest, ',');
		value->count++;
	}
	value->texts = ARENA_MANY(arena, struct slice, value->count);
	for (size_t i = 0; i < value->count; i++)
		value->texts[i] = arena_copy(arena, slice_trim(slice_cut(&text, ',')));
}

bool
config_value_of_text(const struct base_config_key *key, struct slice text,
	struct arena *arena, struct config_value *value, struct slice *complaint)
{
	switch (key->type) {
	case BASE_CONFIG_TEXT:
		value->text = arena_copy(arena, text);
		return true;
	case BASE_CONFIG_CHOICE:
		return choice_of_text(key, text, arena, value, complaint);
	case BASE_CONFIG_SWITCH:
		return switch_of_text(text, arena, value, complaint);
	case BASE_CONFIG_TEXTS:
		texts_of_text(text, arena, value);
		return true;
	case BASE_CONFIG_NUMBER:
	case BASE_CONFIG_SIZE:
	case BASE_CONFIG_DURATION:
		return number_of_text(key, text, arena, value, complaint);
	}
	return false;
}
