#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include "cli/words.h"

/*
 * troika setup: asks for the host's name, the domain and the first account, writes the
 * configuration, makes the user and the account, and says which DNS records are needed.
 * Leaves a configuration that is there alone.
 */
int cli_setup(const struct cli_words *words);

#endif
