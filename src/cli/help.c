#include "cli/help.h"
#include "cli/print.h"

enum { NAME_WIDTH = 20, LINE_WIDTH = 78 };

/* --- lines ---------------------------------------------------------------------------- */

static void
put_wrapped(FILE *to, const char *text, int indent)
{
	struct slice rest = slice_of_text(text);
	int column = indent;
	while (!slice_absent(rest)) {
		struct slice word = slice_cut(&rest, ' ');
		int width = (int)cli_width_of(word);
		if (column > indent && column + 1 + width > LINE_WIDTH) {
			fprintf(to, "\n%*s", indent, "");
			column = indent;
		}
		column += fprintf(to, "%s", column > indent ? " " : "");
		fprintf(to, "%.*s", SLICE_ARG(word));
		column += width;
	}
	fputc('\n', to);
}

static void
put_line(FILE *to, const char *name, const char *text)
{
	fprintf(to, "  %-*s  ", NAME_WIDTH, name);
	put_wrapped(to, text, NAME_WIDTH + 4);
}

/* --- all, or a family ----------------------------------------------------------------- */

void
cli_help_all(const struct base_texts *texts)
{
	printf("%s troika [-c FILE] [--json] COMMAND ...\n\n%s\n",
		base_text(texts, "usage:"),
		base_text(texts, "Commands of the server, running or stopped:"));
	for (const struct admin_operation *const *at = admin_operations; *at; at++)
		put_line(stdout, (*at)->name, base_text(texts, (*at)->help));
	printf("\n%s\n", base_text(texts, "Others:"));
	for (const struct cli_local_command *at = cli_local_commands; at->name; at++)
		put_line(stdout, at->name, base_text(texts, at->help));
	printf("\n");
	put_wrapped(stdout,
		base_text(texts,
			"\"troika COMMAND --help\" says more. The configuration is "
			"/etc/troika/troika.conf unless -c names another."),
		0);
}

static bool
is_of_family(const char *name, const char *word)
{
	size_t length = strlen(word);
	return strncmp(name, word, length) == 0 && name[length] == ' ';
}

bool
cli_is_family(const char *word)
{
	for (const struct admin_operation *const *at = admin_operations; *at; at++)
		if (is_of_family((*at)->name, word))
			return true;
	return false;
}

void
cli_help_family(FILE *to, const struct base_texts *texts, const char *word)
{
	for (const struct admin_operation *const *at = admin_operations; *at; at++)
		if (is_of_family((*at)->name, word))
			put_line(to, (*at)->name, base_text(texts, (*at)->help));
}

/* --- one command ---------------------------------------------------------------------- */

static void
put_arguments(const struct admin_operation *operation, const struct base_texts *texts)
{
	for (const struct admin_argument *at = operation->arguments; at->name; at++) {
		bool option = at->kind == ADMIN_OPTION || at->kind == ADMIN_FLAG;
		char name[64];
		snprintf(name, sizeof name, "%s%s", option ? "--" : "", at->name);
		put_line(stdout, name, base_text(texts, at->help));
	}
}

static void
put_operation(const struct admin_operation *operation, const struct base_texts *texts)
{
	SCOPED(buffer_free) struct buffer usage = buffer_with(64 * 1024);
	cli_put_usage(&usage, operation);
	printf("%s troika %.*s\n\n", base_text(texts, "usage:"),
		SLICE_ARG(buffer_slice(&usage)));
	put_wrapped(stdout, base_text(texts, operation->help), 0);
	if (operation->more)
		put_wrapped(stdout, base_text(texts, operation->more), 0);
	printf("\n");
	put_arguments(operation, texts);
}

int
cli_help_of(const struct base_texts *texts, int count, char **arguments)
{
	for (const struct admin_operation *const *at = admin_operations; *at; at++)
		if (cli_words_of_name((*at)->name, count, arguments)) {
			put_operation(*at, texts);
			return 0;
		}
	for (const struct cli_local_command *at = cli_local_commands; at->name; at++)
		if (cli_words_of_name(at->name, count, arguments)) {
			printf("%s troika %s\n\n", base_text(texts, "usage:"), at->name);
			put_wrapped(stdout, base_text(texts, at->help), 0);
			return 0;
		}
	if (count && cli_is_family(arguments[0])) {
		cli_help_family(stdout, texts, arguments[0]);
		return 0;
	}
	cli_help_all(texts);
	return count ? 2 : 0;
}
