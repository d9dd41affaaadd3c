#ifndef CLI_TALK_H
#define CLI_TALK_H

#include "cli/words.h"

/*
 * Carries out an operation: on the running server, through its control socket, or on a
 * server without listeners in this process when none runs. Prints what comes back.
 * Returns the exit code.
 */
int cli_talk(const struct cli_words *words);

#endif
