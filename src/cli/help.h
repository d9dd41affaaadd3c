#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/words.h"

/* Help, manual pages and completion, all made from the descriptors. */

struct cli_local_command {
	const char *name, *help;
	int (*run)(const struct cli_words *words);
};
/* Those that need no server; ended by one without a name. */
extern const struct cli_local_command cli_local_commands[];

void cli_help_all(const struct base_texts *texts);
/* Of the command that the words name, of a family of commands, or all: an exit code. */
int cli_help_of(const struct base_texts *texts, int count, char **arguments);
/* "account" alone is no command, but a family. */
bool cli_is_family(const char *word);
void cli_help_family(FILE *to, const struct base_texts *texts, const char *word);
void cli_help_man(void);        /* troika(1) */
void cli_help_man_config(void); /* troika.conf(5) */
void cli_help_completion(void); /* bash */

#endif
