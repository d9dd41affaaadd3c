#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include "cli/words.h"

/*
 * troika serve: the parent with its child, in the foreground, until it is told to stop.
 * Says "ready" on standard output once all listens. Returns the exit code.
 */
int cli_serve(const struct cli_words *words);

#endif
