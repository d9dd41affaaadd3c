#include "cli/command-line.h"
#include "cli/help.h"
#include "cli/keys.h"
#include "cli/plan.h"
#include "cli/print.h"
#include "cli/serve.h"
#include "cli/setup.h"
#include "cli/talk.h"
#include <locale.h>
#include <signal.h>

enum { EXIT_WORDS = 2 };

/* --- commands that need no server
 * ------------------------------------------------------------- */

/* The configuration is read, and all that it asks of the parent worked out. */
static int
check_config(const struct cli_words *words)
{
	struct base_error error = {0};
	struct base_config *config = NULL;
	struct net_plan plan;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	enum base_failure failure =
		base_config_read(words->config_path, cli_keys, &config, &error);
	if (!failure)
		failure = cli_plan_make(config, arena, &plan, &error);
	base_config_destroy(config);
	if (failure) {
		cli_print_error(error.text);
		return 1;
	}
	printf("%s is fine.\n", words->config_path);
	return 0;
}

static int
serve(const struct cli_words *words)
{
	return cli_serve(words->config_path);
}

static int
help(const struct cli_words *words)
{
	(void)words;
	cli_help_all();
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
	(void)words;
	printf("Troika " TROIKA_VERSION "\n");
	return 0;
}

const struct cli_local_command cli_local_commands[] = {
	{"completion", "print a completion script for bash", completion},
	{"config check", "read the configuration and say what is wrong with it",
		check_config},
	{"help", "show the commands", help},
	{"man", "print the manual page of the commands", man},
	{"man config", "print the manual page of the configuration", man_config},
	{"serve", "be the server, in the foreground", serve},
	{"setup", "make a configuration and the first account, by questions", cli_setup},
	{"version", "print the version", version},
	{NULL, NULL, NULL},
};

static bool
is_local(const struct cli_local_command *command, int count, char **arguments)
{
	const struct admin_operation like = {.name = command->name};
	return cli_words_of_name(&like, count, arguments) == count;
}

static const struct cli_local_command *
local_command(int count, char **arguments)
{
	for (const struct cli_local_command *at = cli_local_commands; at->name; at++)
		if (is_local(at, count, arguments))
			return at;
	return NULL;
}

/* --- the rest
 * ------------------------------------------------------------------------------------ */

static int
wrong(const struct cli_words *words, const struct base_error *error)
{
	SCOPED(buffer_free) struct buffer usage = buffer_with(64 * 1024);
	cli_print_error(error->text);
	if (words->operation) {
		cli_put_usage(&usage, words->operation);
		dprintf(2, "usage: troika %.*s\n", SLICE_ARG(buffer_slice(&usage)));
	}
	return EXIT_WORDS;
}

static bool
wants_help(int count, char **arguments)
{
	for (int i = 0; i < count; i++)
		if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0)
			return true;
	return false;
}

static int
run(int count, char **arguments, struct cli_words *words)
{
	struct base_error error = {0};
	int at = 1;
	if (!cli_words_options(count, arguments, &at, words, &error))
		return wrong(words, &error);
	if (at == count || wants_help(count - at, arguments + at))
		return cli_help_of(count - at, arguments + at);
	const struct cli_local_command *local = local_command(count - at, arguments + at);
	if (local)
		return local->run(words);
	if (!cli_words_read(count, arguments, at, words, &error))
		return wrong(words, &error);
	return cli_talk(words);
}

int
cli_command_line_run(int count, char **arguments)
{
	struct cli_words words = {0};
	setlocale(LC_CTYPE, "");
	/* A reader that went away (head, less) must not look like a crash. */
	signal(SIGPIPE, SIG_IGN);
	int code = run(count, arguments, &words);
	cli_words_free(&words);
	return code;
}
