#include "cli/keys.h"

static bool
differ_in_texts(const struct base_config *a, const struct base_config *b, const char *name)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice *of_a, *of_b;
	size_t count = base_config_texts(a, name, 0, arena, &of_a);
	bool differ = base_config_texts(b, name, 0, arena, &of_b) != count;
	for (size_t i = 0; i < count && !differ; i++)
		differ = !slice_equal(of_a[i], of_b[i]);
	return differ;
}

static bool
differ_in(const struct base_config *a, const struct base_config *b,
	const struct base_config_key *key)
{
	const char *name = key->name;
	switch (key->type) {
	case BASE_CONFIG_TEXT:
	case BASE_CONFIG_CHOICE:
		return !slice_equal(
			base_config_text(a, name, 0), base_config_text(b, name, 0));
	case BASE_CONFIG_SWITCH:
		return base_config_switch(a, name, 0) != base_config_switch(b, name, 0);
	case BASE_CONFIG_TEXTS:
		return differ_in_texts(a, b, name);
	default:
		return base_config_number(a, name, 0) != base_config_number(b, name, 0);
	}
}

void
cli_keys_changed(
	const struct base_config *a, const struct base_config *b, struct buffer *names)
{
	for (size_t group = 0; cli_keys[group]; group++)
		for (const struct base_config_key *at = cli_keys[group]; at->name; at++)
			if (!strchr(at->name, '[') && differ_in(a, b, at))
				buffer_printf(
					names, "%s%s", names->length ? ", " : "", at->name);
}
