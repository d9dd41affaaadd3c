#include "cli/help.h"

enum { NAME_WIDTH = 20 };

static void
print_line(const char *name, const char *text)
{
	printf("  %-*s  %s\n", NAME_WIDTH, name, text);
}

void
cli_help_all(void)
{
	printf("usage: troika [-c FILE] [--json] COMMAND …\n\n"
	       "Commands of the server:\n");
	for (const struct admin_operation *const *at = admin_operations; *at; at++)
		print_line((*at)->name, (*at)->help);
	printf("\nOthers:\n");
	for (const struct cli_local_command *at = cli_local_commands; at->name; at++)
		print_line(at->name, at->help);
	printf("\n\"troika COMMAND --help\" says more. The configuration is "
	       "/etc/troika/troika.conf unless -c names another.\n");
}

static void
print_arguments(const struct admin_operation *operation)
{
	for (const struct admin_argument *at = operation->arguments; at->name; at++) {
		bool option = at->kind == ADMIN_OPTION || at->kind == ADMIN_FLAG;
		char name[64];
		snprintf(name, sizeof name, "%s%s", option ? "--" : "", at->name);
		print_line(name, at->help);
	}
}

static void
print_operation(const struct admin_operation *operation)
{
	SCOPED(buffer_free) struct buffer usage = buffer_with(64 * 1024);
	cli_put_usage(&usage, operation);
	printf("usage: troika %.*s\n\n%s\n", SLICE_ARG(buffer_slice(&usage)),
		operation->help);
	if (operation->more)
		printf("%s\n", operation->more);
	printf("\n");
	print_arguments(operation);
}

int
cli_help_of(int count, char **arguments)
{
	for (const struct admin_operation *const *at = admin_operations; *at; at++)
		if (cli_words_of_name(*at, count, arguments)) {
			print_operation(*at);
			return 0;
		}
	cli_help_all();
	return count ? 2 : 0;
}
