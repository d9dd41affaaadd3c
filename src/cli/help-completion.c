#include "cli/help.h"

/* First words, second words of each, options, and what the server itself can list. */

static bool
is_first_of_its_word(const struct admin_operation *const *at, struct slice word)
{
	if (at == admin_operations)
		return true;
	struct slice before = slice_of_text((*(at - 1))->name);
	return !slice_equal(slice_cut(&before, ' '), word);
}

static void
print_first_words(void)
{
	for (const struct admin_operation *const *at = admin_operations; *at; at++) {
		struct slice rest = slice_of_text((*at)->name);
		struct slice word = slice_cut(&rest, ' ');
		if (is_first_of_its_word(at, word))
			printf("%.*s ", SLICE_ARG(word));
	}
	for (const struct cli_local_command *at = cli_local_commands; at->name; at++)
		if (!strchr(at->name, ' '))
			printf("%s ", at->name);
}

static void
print_second_words(struct slice first)
{
	for (const struct admin_operation *const *at = admin_operations; *at; at++) {
		struct slice rest = slice_of_text((*at)->name);
		if (slice_equal(slice_cut(&rest, ' '), first) && !slice_absent(rest))
			printf("%.*s ", SLICE_ARG(rest));
	}
}

static void
print_second_cases(void)
{
	for (const struct admin_operation *const *at = admin_operations; *at; at++) {
		struct slice rest = slice_of_text((*at)->name);
		struct slice word = slice_cut(&rest, ' ');
		if (slice_absent(rest) || !is_first_of_its_word(at, word))
			continue;
		printf("\t%.*s) words=\"", SLICE_ARG(word));
		print_second_words(word);
		printf("\" ;;\n");
	}
}

static void
print_argument_words(const struct admin_operation *operation)
{
	const char *completes = NULL;
	printf("\t\"%s\") words=\"", operation->name);
	for (const struct admin_argument *at = operation->arguments; at->name; at++) {
		if (at->kind == ADMIN_OPTION || at->kind == ADMIN_FLAG)
			printf("--%s ", at->name);
		if (at->completes && !completes)
			completes = at->completes;
	}
	printf("--json\"");
	if (completes)
		printf("; what=%s", completes);
	printf(" ;;\n");
}

void
cli_help_completion(void)
{
	printf("# Completion of troika for bash: troika completion > "
	       "/etc/bash_completion.d/troika\n"
	       "_troika_list() {\n"
	       "\ttroika $config --json \"$1\" list 2>/dev/null |\n"
	       "\t\tsed -n 's/^ *\"\\(address\\|domain\\|id\\)\": "
	       "\"\\(.*\\)\",\\{0,1\\}$/\\2/p' | "
	       "sort -u\n"
	       "}\n"
	       "_troika() {\n"
	       "\tlocal current=${COMP_WORDS[COMP_CWORD]} at=1 config= words= what=\n"
	       "\tif [ \"${COMP_WORDS[1]}\" = -c ]; then config=\"-c ${COMP_WORDS[2]}\"; "
	       "at=3; fi\n"
	       "\tif [ $COMP_CWORD -eq $at ]; then\n\t\twords=\"");
	print_first_words();
	printf("\"\n\telif [ $COMP_CWORD -eq $((at + 1)) ]; then\n"
	       "\tcase ${COMP_WORDS[at]} in\n");
	print_second_cases();
	printf("\tesac\n\tfi\n"
	       "\tif [ -z \"$words\" ]; then\n"
	       "\tcase \"${COMP_WORDS[at]} ${COMP_WORDS[at + 1]}\" in\n");
	for (const struct admin_operation *const *at = admin_operations; *at; at++)
		print_argument_words(*at);
	printf("\tesac\n"
	       "\t[ -n \"$what\" ] && words=\"$words $(_troika_list $what)\"\n"
	       "\tfi\n"
	       "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
	       "\t[ ${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- \"$current\"))\n"
	       "}\n"
	       "complete -F _troika troika\n");
}
