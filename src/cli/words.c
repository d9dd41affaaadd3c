#include "cli/words.h"
#include "cli/keys.h"

bool
cli_words_options(int count, char **arguments, int *at, struct cli_words *words,
	struct base_error *error)
{
	words->config_path = CLI_CONFIG_DEFAULT;
	for (; *at < count && arguments[*at][0] == '-'; ++*at) {
		const char *word = arguments[*at];
		if (strcmp(word, "-c") == 0 && *at + 1 < count) {
			words->config_path = arguments[++*at];
			words->config_given = true;
		} else if (strcmp(word, "--json") == 0) {
			words->json = true;
		} else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			return true;
		} else {
			base_fail(error, BASE_INVALID,
				"unknown option %s; \"troika help\" shows what there is",
				word);
			return false;
		}
	}
	return true;
}

int
cli_words_of_name(const struct admin_operation *operation, int count, char **arguments)
{
	struct slice rest = slice_of_text(operation->name);
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
		if ((*used = cli_words_of_name(*at, count, arguments)))
			return *at;
	return NULL;
}

/* --- arguments
 * ------------------------------------------------------------------------------ */

static const struct admin_argument *
option_named(const struct admin_operation *operation, const char *name)
{
	for (const struct admin_argument *at = operation->arguments; at->name; at++)
		if ((at->kind == ADMIN_OPTION || at->kind == ADMIN_FLAG) &&
			strcmp(at->name, name) == 0)
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

static void
set_positional(
	struct cli_words *words, const struct admin_argument *argument, const char *value)
{
	if (argument->kind == ADMIN_TEXTS) {
		json_t *list = json_object_get(words->arguments, argument->name);
		if (!list) {
			list = json_array();
			json_object_set_new(words->arguments, argument->name, list);
		}
		json_array_append_new(list, json_string(value));
		return;
	}
	if (argument->kind == ADMIN_PATH_IN)
		words->path_in = value;
	if (argument->kind == ADMIN_PATH_OUT)
		words->path_out = value;
	json_object_set_new(words->arguments, argument->name, json_string(value));
}

static bool
set_option(struct cli_words *words, int count, char **arguments, int *at,
	struct base_error *error)
{
	const char *name = arguments[*at] + 2;
	const struct admin_argument *option = option_named(words->operation, name);
	if (strcmp(name, "json") == 0) {
		words->json = true;
		return true;
	}
	if (!option) {
		base_fail(error, BASE_INVALID, "\"%s\" has no option --%s",
			words->operation->name, name);
		return false;
	}
	if (option->kind == ADMIN_FLAG) {
		json_object_set_new(words->arguments, name, json_true());
		return true;
	}
	if (*at + 1 == count) {
		base_fail(error, BASE_INVALID, "--%s needs a value", name);
		return false;
	}
	json_object_set_new(words->arguments, name, json_string(arguments[++*at]));
	return true;
}

static bool
set_argument(struct cli_words *words, int count, char **arguments, int *at,
	struct base_error *error)
{
	const char *word = arguments[*at];
	if (word[0] == '-' && word[1] == '-' && word[2])
		return set_option(words, count, arguments, at, error);
	const struct admin_argument *positional = next_positional(words);
	if (!positional) {
		base_fail(error, BASE_INVALID, "\"%s\" is one word too many for \"%s\"%s",
			word, words->operation->name,
			strncmp(words->operation->name, "account", 7) == 0
				? "; passwords are never arguments, they are asked for"
				: "");
		return false;
	}
	set_positional(words, positional, word);
	return true;
}

static bool
nothing_is_missing(struct cli_words *words, struct base_error *error)
{
	for (const struct admin_argument *at = words->operation->arguments; at->name;
		at++) {
		bool given = json_object_get(words->arguments, at->name);
		/* A hash makes a password needless. */
		if (at->kind == ADMIN_SECRET &&
			!json_object_get(words->arguments, "hash")) {
			words->secret = at->name;
			words->secret_help = at->help;
		}
		if (given || at->optional || !is_positional(at))
			continue;
		base_fail(error, BASE_INVALID, "\"%s\" needs %s: %s",
			words->operation->name, at->name, at->help);
		return false;
	}
	return true;
}

bool
cli_words_read(int count, char **arguments, int at, struct cli_words *words,
	struct base_error *error)
{
	int used = 0;
	words->operation = operation_of(count - at, arguments + at, &used);
	if (!words->operation) {
		base_fail(error, BASE_INVALID,
			"there is no command \"%s\"; \"troika help\" shows what there is",
			at < count ? arguments[at] : "");
		return false;
	}
	words->arguments = json_object();
	for (at += used; at < count; at++)
		if (!set_argument(words, count, arguments, &at, error))
			return false;
	return nothing_is_missing(words, error);
}

void
cli_words_free(struct cli_words *words)
{
	json_decref(words->arguments);
}

/* --- usage
 * ------------------------------------------------------------------------------------- */

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
	if (argument->kind == ADMIN_OPTION || argument->kind == ADMIN_FLAG)
		buffer_printf(into, "--%s%s", argument->name,
			argument->kind == ADMIN_OPTION ? " " : "");
	if (argument->kind != ADMIN_FLAG)
		put_upper(into, argument->name);
	if (argument->kind == ADMIN_TEXTS)
		buffer_put_text(into, "…");
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
