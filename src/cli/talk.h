#ifndef CLI_TALK_H
#define CLI_TALK_H

#include "cli/words.h"

/*
 * Carries out an operation: on the running server, through its control socket, or, when
 * none runs, on the store directly (cli/own.h). Prints what comes back. Returns the exit
 * code: 0 done, 1 it failed, 3 neither server nor store could be reached, 130 interrupted.
 */
int cli_talk(const struct cli_words *words);

#endif
