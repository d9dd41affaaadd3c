#include "base/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* On a syntax error libconfig forgets the text it had begun to read. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

static const char *const COLOURS[] = {"red", "green", NULL};
static const struct base_config_key KEYS[] = {
	{"a", BASE_CONFIG_TEXT, NULL, 0, 0, NULL, ""},
	{"b", BASE_CONFIG_NUMBER, NULL, -5, 500, NULL, ""},
	{"c.d", BASE_CONFIG_SIZE, NULL, 1024, INT64_MAX, NULL, ""},
	{"c.e", BASE_CONFIG_DURATION, NULL, 0, 0, NULL, ""},
	{"f[].g", BASE_CONFIG_TEXTS, NULL, 0, 0, NULL, ""},
	{"f[].h.i", BASE_CONFIG_CHOICE, NULL, 0, 0, COLOURS, ""},
	{"j", BASE_CONFIG_SWITCH, NULL, 0, 0, NULL, ""},
	{.name = NULL},
};
static const struct base_config_key *const GROUPS[] = {KEYS, NULL};

/* What was accepted keeps to its descriptor; what was refused says where. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_config *config;
	struct base_error error = {.text = ""};
	if (base_config_parse(slice_of(data, size), "fuzz", GROUPS, &config, &error)) {
		ASSERT(slice_starts(slice_of_text(error.text), SLICE("fuzz:")));
		return 0;
	}
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	int64_t number = base_config_number(config, "b", 0);
	ASSERT(number >= -5 && number <= 500);
	ASSERT(!base_config_has(config, "c.d", 0) ||
		base_config_number(config, "c.d", 0) >= 1024);
	ASSERT(base_config_number(config, "c.e", 0) >= 0);
	for (size_t i = 0; i < base_config_count(config, "f"); i++) {
		struct slice *texts;
		base_config_texts(config, "f[].g", i, arena, &texts);
		struct slice colour = base_config_text(config, "f[].h.i", i);
		ASSERT(slice_absent(colour) || slice_equal(colour, SLICE("red")) ||
			slice_equal(colour, SLICE("green")));
	}
	base_config_destroy(config);
	return 0;
}
