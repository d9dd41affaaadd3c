#include "cli/command-line.h"
#include "cli/help.h"
#include "cli/keys.h"
#include "cli/print.h"
#include "cli/serve.h"
#include "cli/setup.h"
#include "cli/talk.h"
#include "cli/values.h"
#include <locale.h>
#include <signal.h>

enum { EXIT_WORDS = 2 };

/* --- commands that need no server ----------------------------------------------------- */

static void
print_one(const struct cli_words *words, const char *key, const char *value,
	const char *sentence)
{
	struct cli_printer printer = cli_printer_of(words->voice);
	if (words->voice.json) {
		json_t *row = json_pack("{ss}", key, value);
		cli_print_row(&printer, row);
		json_decref(row);
	} else {
		printf("%s\n", sentence);
	}
	cli_printer_end(&printer);
}

/* The configuration is read, and all that it asks of the parent worked out. */
static int
check_config(const struct cli_words *words)
{
	struct base_error error = {0};
	struct base_config *config = NULL;
	char sentence[1024];
	enum base_failure failure =
		base_config_read(words->config_path, cli_keys, &config, &error);
	if (!failure)
		failure = cli_config_check(config, &error);
	base_config_destroy(config);
	if (failure) {
		cli_print_error(words->voice, failure, error.text);
		return 1;
	}
	snprintf(sentence, sizeof sentence, base_text(words->voice.texts, "%s is fine."),
		words->config_path);
	print_one(words, "fine", words->config_path, sentence);
	return 0;
}

static int
serve(const struct cli_words *words)
{
	return cli_serve(words);
}

static int
help(const struct cli_words *words)
{
	cli_help_all(words->voice.texts);
	return 0;
}

static int
completion(const struct cli_words *words)
{
	(void)words;
	cli_help_completion();
	return 0;
}

static int
man(const struct cli_words *words)
{
	(void)words;
	cli_help_man();
	return 0;
}

static int
man_config(const struct cli_words *words)
{
	(void)words;
	cli_help_man_config();
	return 0;
}

static int
version(const struct cli_words *words)
{
	print_one(words, "version", TROIKA_VERSION, "Troika " TROIKA_VERSION);
	return 0;
}

const struct cli_local_command cli_local_commands[] = {
	{"completion", BASE_TEXT("print a completion script for bash"), completion},
	{"config check", BASE_TEXT("read the configuration and say what is wrong with it"),
		check_config},
	{"help", BASE_TEXT("show the commands, or what one of them does"), help},
	{"man", BASE_TEXT("print the manual page of the commands"), man},
	{"man config", BASE_TEXT("print the manual page of the configuration"), man_config},
	{"serve", BASE_TEXT("be the server, in the foreground"), serve},
	{"setup", BASE_TEXT("make a configuration and the first account, by questions"),
		cli_setup},
	{"version", BASE_TEXT("print the version"), version},
	{NULL, NULL, NULL},
};

/* With nothing behind it but --json. */
static const struct cli_local_command *
local_command(int count, char **arguments, struct cli_words *words)
{
	if (count > 1 && strcmp(arguments[count - 1], "--json") == 0) {
		words->voice.json = true;
		count--;
	}
	for (const struct cli_local_command *at = cli_local_commands; at->name; at++)
		if (cli_words_of_name(at->name, count, arguments) == count)
			return at;
	return NULL;
}

/* --- the rest ------------------------------------------------------------------------- */

static int
wrong(const struct cli_words *words, const struct base_error *error)
{
	SCOPED(buffer_free) struct buffer usage = buffer_with(64 * 1024);
	cli_print_error(words->voice, error->failure, error->text);
	if (words->operation && !words->voice.json) {
		cli_put_usage(&usage, words->operation);
		fprintf(stderr, "%s troika %.*s\n", base_text(words->voice.texts, "usage:"),
			SLICE_ARG(buffer_slice(&usage)));
	}
	return EXIT_WORDS;
}

static bool
wants_help(int count, char **arguments)
{
	for (int i = 0; i < count && strcmp(arguments[i], "--") != 0; i++)
		if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0)
			return true;
	return false;
}

static int
run_words(int count, char **arguments, struct cli_words *words)
{
	struct base_error error = {0};
	if (count == 0 || wants_help(count, arguments))
		return cli_help_of(words->voice.texts, count, arguments);
	const struct cli_local_command *local = local_command(count, arguments, words);
	if (local)
		return local->run(words);
	if (strcmp(arguments[0], "help") == 0)
		return cli_help_of(words->voice.texts, count - 1, arguments + 1);
	if (count == 1 && cli_is_family(arguments[0])) {
		cli_help_family(stderr, words->voice.texts, arguments[0]);
		return EXIT_WORDS;
	}
	if (!cli_words_read(count, arguments, 0, words, &error))
		return wrong(words, &error);
	return cli_talk(words);
}

static int
run(int count, char **arguments, struct cli_words *words)
{
	struct base_error error = {0};
	int at = 1;
	if (!cli_words_options(count, arguments, &at, words, &error))
		return wrong(words, &error);
	return run_words(count - at, arguments + at, words);
}

int
cli_command_line_run(int count, char **arguments)
{
	struct cli_texts texts;
	setlocale(LC_CTYPE, "");
	/* A reader that went away (head, less) must not look like a crash. */
	signal(SIGPIPE, SIG_IGN);
	cli_texts_load(&texts);
	struct cli_words words = {.voice = {.texts = cli_texts_in(&texts, cli_language())}};
	int code = run(count, arguments, &words);
	cli_words_free(&words);
	cli_texts_free(&texts);
	return code;
}
