#include "cli/words.h"
#include "cli/help.h"
#include "cli/keys.h"
#include <unistd.h>

/* The person's words may be no UTF-8, and must not move the terminal's cursor. */
static bool complain(struct base_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool
complain(struct base_error *error, const char *format, ...)
{
	va_list arguments;
	error->failure = BASE_INVALID;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	return false;
}

static const char *
default_config(struct cli_words *words)
{
	const char *home = getenv("HOME");
	if (geteuid() == 0 || !home)
		return CLI_CONFIG_DEFAULT;
	snprintf(words->config_at_home, sizeof words->config_at_home,
		"%s" CLI_CONFIG_AT_HOME, home);
	return access(words->config_at_home, F_OK) == 0 ? words->config_at_home
							: CLI_CONFIG_DEFAULT;
}

bool
cli_words_options(int count, char **arguments, int *at, struct cli_words *words,
	struct base_error *error)
{
	words->config_path = default_config(words);
	for (; *at < count && arguments[*at][0] == '-'; ++*at) {
		const char *word = arguments[*at];
		if (strcmp(word, "-c") == 0 && *at + 1 < count) {
			words->config_path = arguments[++*at];
			words->config_given = true;
		} else if (strcmp(word, "--json") == 0) {
			words->voice.json = true;
		} else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			return true;
		} else if (strcmp(word, "-c") == 0) {
			return complain(error, "-c needs the path of a configuration");
		} else {
			return complain(error,
				"unknown option %s; \"troika help\" shows what there is",
				word);
		}
	}
	return true;
}

int
cli_words_of_name(const char *name, int count, char **arguments)
{
	struct slice rest = slice_of_text(name);
	int used = 0;
	while (!slice_absent(rest)) {
		struct slice word = slice_cut(&rest, ' ');
		if (used == count || !slice_equal(word, slice_of_text(arguments[used])))
			return 0;
		used++;
	}
	return used;
}

static const struct admin_operation *
operation_of(int count, char **arguments, int *used)
{
	for (const struct admin_operation *const *at = admin_operations; *at; at++)
		if ((*used = cli_words_of_name((*at)->name, count, arguments)))
			return *at;
	return NULL;
}

/* --- "did you mean" ------------------------------------------------------------------- */

enum { TYPED_MOST = 80, UNLIKE_MOST = 3 };

/* "acc list" is short for "account list". */
static bool
begins_alike(struct slice typed, struct slice name)
{
	while (!slice_absent(typed)) {
		struct slice part = slice_cut(&typed, ' ');
		if (slice_absent(name) || part.length < 2 ||
			!slice_starts(slice_cut(&name, ' '), part))
			return false;
	}
	return slice_absent(name);
}

static void
keep_nearer(const char *name, struct slice typed, const char **nearest, size_t *least)
{
	size_t distance = begins_alike(typed, slice_of_text(name))
				  ? 0
				  : slice_distance(typed, slice_of_text(name));
	if (distance > typed.length / 2)
		return;
	if (distance >= *least)
		return;
	*least = distance;
	*nearest = name;
}

/* Of all commands, NULL when none is near. Two words are looked at, as most have two. */
static const char *
nearest_command(int count, char **arguments)
{
	char typed[TYPED_MOST];
	const char *nearest = NULL;
	size_t least = UNLIKE_MOST + 1;
	for (int words = 1; words <= 2 && words <= count; words++) {
		snprintf(typed, sizeof typed, words == 1 ? "%s" : "%s %s", arguments[0],
			words == 1 ? "" : arguments[1]);
		struct slice text = slice_of_text(typed);
		for (const struct admin_operation *const *at = admin_operations; *at; at++)
			keep_nearer((*at)->name, text, &nearest, &least);
		for (const struct cli_local_command *at = cli_local_commands; at->name;
			at++)
			keep_nearer(at->name, text, &nearest, &least);
	}
	return nearest;
}

static bool
no_command(int count, char **arguments, struct base_error *error)
{
	const char *first = count ? arguments[0] : "";
	const char *second = count > 1 ? arguments[1] : "";
	int used;
	const char *nearest = count ? nearest_command(count, arguments) : NULL;
	for (const struct cli_local_command *at = cli_local_commands; at->name; at++)
		if ((used = cli_words_of_name(at->name, count, arguments)))
			return complain(error, "\"%s\" is one word too many for \"%s\"",
				arguments[used], at->name);
	if (nearest)
		return complain(error,
			"there is no command \"%s%s%s\"; did you mean \"troika %s\"?",
			first, *second ? " " : "", second, nearest);
	return complain(error,
		"there is no command \"%s%s%s\"; \"troika help\" shows what there is",
		first, *second ? " " : "", second);
}

/* --- arguments ------------------------------------------------------------------------ */

static bool
is_option(const struct admin_argument *argument)
{
	return argument->kind == ADMIN_OPTION || argument->kind == ADMIN_FLAG;
}

static const struct admin_argument *
option_named(const struct admin_operation *operation, struct slice name)
{
	for (const struct admin_argument *at = operation->arguments; at->name; at++)
		if (is_option(at) && slice_equal(slice_of_text(at->name), name))
			return at;
	return NULL;
}

static bool
is_positional(const struct admin_argument *argument)
{
	return argument->kind == ADMIN_TEXT || argument->kind == ADMIN_TEXTS ||
	       argument->kind == ADMIN_PATH_IN || argument->kind == ADMIN_PATH_OUT;
}

/* The first positional that has no value yet; a list takes all that are left. */
static const struct admin_argument *
next_positional(const struct cli_words *words)
{
	for (const struct admin_argument *at = words->operation->arguments; at->name; at++)
		if (is_positional(at) &&
			(at->kind == ADMIN_TEXTS ||
				!json_object_get(words->arguments, at->name)))
			return at;
	return NULL;
}

/* Of a path the server needs to know only that there is one. */
static json_t *
json_of(const struct admin_argument *argument, const char *value)
{
	bool path = argument->kind == ADMIN_PATH_IN || argument->kind == ADMIN_PATH_OUT;
	json_t *text = json_string(value);
	return text || !path ? text : json_string("?");
}

static bool
set_value(struct cli_words *words, const struct admin_argument *argument, const char *value,
	struct base_error *error)
{
	json_t *text = json_of(argument, value);
	if (!text)
		return complain(error, "%s: that is no valid UTF-8", argument->name);
	if (argument->kind == ADMIN_PATH_IN)
		words->path_in = value;
	if (argument->kind == ADMIN_PATH_OUT)
		words->path_out = value;
	if (argument->kind != ADMIN_TEXTS)
		return json_object_set_new(words->arguments, argument->name, text) == 0;
	json_t *list = json_object_get(words->arguments, argument->name);
	if (!list) {
		list = json_array();
		json_object_set_new(words->arguments, argument->name, list);
	}
	return json_array_append_new(list, text) == 0;
}

static bool
no_option(const struct cli_words *words, struct slice name, struct base_error *error)
{
	const char *nearest = NULL;
	size_t least = UNLIKE_MOST + 1;
	for (const struct admin_argument *at = words->operation->arguments; at->name; at++)
		if (is_option(at))
			keep_nearer(at->name, name, &nearest, &least);
	if (nearest)
		return complain(error, "\"%s\" has no option --%.*s; did you mean --%s?",
			words->operation->name, SLICE_ARG(name), nearest);
	return complain(error, "\"%s\" has no option --%.*s", words->operation->name,
		SLICE_ARG(name));
}

static bool
set_option(struct cli_words *words, int count, char **arguments, int *at,
	struct base_error *error)
{
	struct slice value = slice_of_text(arguments[*at] + 2);
	struct slice name = slice_cut(&value, '=');
	const struct admin_argument *option = option_named(words->operation, name);
	bool given = !slice_absent(value);
	if (slice_equal(name, SLICE("json")) && !given) {
		words->voice.json = true;
		return true;
	}
	if (!option)
		return no_option(words, name, error);
	if (option->kind == ADMIN_FLAG && given)
		return complain(error, "--%s takes no value", option->name);
	if (option->kind == ADMIN_FLAG)
		return json_object_set_new(words->arguments, option->name, json_true()) ==
		       0;
	if (!given && *at + 1 == count)
		return complain(
			error, "--%s needs a value: %s", option->name, option->help);
	return set_value(words, option, given ? value.data : arguments[++*at], error);
}

static bool
set_positional(struct cli_words *words, const char *word, struct base_error *error)
{
	const struct admin_argument *positional = next_positional(words);
	if (positional)
		return set_value(words, positional, word, error);
	if (slice_starts(slice_of_text(words->operation->name), SLICE("account ")))
		return complain(error,
			"\"%s\" is one word too many for \"%s\"; passwords are never "
			"arguments, they are asked for",
			word, words->operation->name);
	return complain(error, "\"%s\" is one word too many for \"%s\"", word,
		words->operation->name);
}

static bool
set_arguments(struct cli_words *words, int count, char **arguments, int at,
	struct base_error *error)
{
	bool options = true;
	for (; at < count; at++) {
		const char *word = arguments[at];
		bool option = options && word[0] == '-' && word[1] == '-';
		if (option && !word[2])
			options = false;
		else if (!(option ? set_option(words, count, arguments, &at, error)
				  : set_positional(words, word, error)))
			return false;
	}
	return true;
}

static bool
nothing_is_missing(struct cli_words *words, struct base_error *error)
{
	for (const struct admin_argument *at = words->operation->arguments; at->name;
		at++) {
		if (at->kind == ADMIN_SECRET) {
			words->secret = at->name;
			words->secret_help = at->help;
		}
		if (at->optional || !is_positional(at) ||
			json_object_get(words->arguments, at->name))
			continue;
		return complain(error, "\"%s\" needs %s: %s", words->operation->name,
			at->name, at->help);
	}
	return true;
}

bool
cli_words_read(int count, char **arguments, int at, struct cli_words *words,
	struct base_error *error)
{
	int used = 0;
	words->operation = operation_of(count - at, arguments + at, &used);
	if (!words->operation)
		return no_command(count - at, arguments + at, error);
	words->arguments = json_object();
	return set_arguments(words, count, arguments, at + used, error) &&
	       nothing_is_missing(words, error);
}

void
cli_words_free(struct cli_words *words)
{
	json_decref(words->arguments);
}

/* --- usage ---------------------------------------------------------------------------- */

static void
put_upper(struct buffer *into, const char *name)
{
	for (; *name; name++)
		buffer_put_byte(into, *name == '-' ? '_' : byte_upper(*name));
}

static void
put_argument(struct buffer *into, const struct admin_argument *argument)
{
	buffer_put_text(into, argument->optional ? " [" : " ");
	if (is_option(argument))
		buffer_printf(into, "--%s%s", argument->name,
			argument->kind == ADMIN_OPTION ? " " : "");
	if (argument->kind != ADMIN_FLAG)
		put_upper(into, argument->name);
	if (argument->kind == ADMIN_TEXTS)
		buffer_put_text(into, "...");
	buffer_put_text(into, argument->optional ? "]" : "");
}

void
cli_put_usage(struct buffer *into, const struct admin_operation *operation)
{
	buffer_put_text(into, operation->name);
	for (const struct admin_argument *at = operation->arguments; at->name; at++)
		if (at->kind != ADMIN_SECRET)
			put_argument(into, at);
}
