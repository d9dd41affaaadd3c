#ifndef CLI_SECRET_H
#define CLI_SECRET_H

#include "cli/words.h"

/*
 * Asks for the secret that the operation needs, and puts it among the arguments: twice and
 * unseen on a terminal, where it has at least CLI_SECRET_LEAST characters; else one line of
 * standard input as it is. A hash is asked for once.
 */
#define CLI_SECRET_LEAST 8
enum base_failure cli_secret_ask(
	const struct cli_words *words, struct base_error *error) MUST_CHECK;

#endif
