#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "admin/admin.h"
#include "cli/texts.h"
#include <jansson.h>

/*
 * The words of a command line, by the descriptors: which operation, and its arguments as
 * the control protocol wants them. Options may stand anywhere behind the command, as
 * "--name VALUE" or "--name=VALUE"; behind "--" everything is an argument.
 */
struct cli_words {
	const char *config_path;
	char config_at_home[4096]; /* where config_path may point to */
	bool config_given;         /* by -c */
	struct cli_voice voice;
	const struct admin_operation *operation;
	json_t *arguments;    /* an object, owned */
	const char *path_in;  /* ADMIN_PATH_IN's value */
	const char *path_out; /* ADMIN_PATH_OUT's */
	const char *secret; /* the name of the ADMIN_SECRET that is still to be asked for */
	const char *secret_help;
};

/* The options before the command: advances *at; false with *error for an unknown one. */
MUST_CHECK bool cli_words_options(int count, char **arguments, int *at,
	struct cli_words *words, struct base_error *error);
/* The operation and what follows it. */
MUST_CHECK bool cli_words_read(int count, char **arguments, int at, struct cli_words *words,
	struct base_error *error);
void cli_words_free(struct cli_words *words);

/* How many words of the command line the operation's name takes; 0: it is another. */
int cli_words_of_name(const char *name, int count, char **arguments);
/* "account add ADDRESS [--hash HASH]", in a buffer. */
void cli_put_usage(struct buffer *into, const struct admin_operation *operation);

#endif
