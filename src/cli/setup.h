#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include "cli/words.h"

/*
 * troika setup: asks for the domain, the host's name and the first account, writes the
 * configuration, makes the user, the domain and the account, and says what is left to do.
 * Leaves a configuration that is there alone; writes nothing before all is answered.
 *
 * On a pipe the answers come as lines: domain, host ("" for what is proposed), account,
 * password. As a plain user everything lies in the home folder, on ports above 1023.
 */
int cli_setup(const struct cli_words *words);

/* --- its parts ------------------------------------------------------------------------ */

#define CLI_ANSWER_MOST 256
struct cli_answers {
	char host[CLI_ANSWER_MOST], domain[CLI_ANSWER_MOST], account[CLI_ANSWER_MOST];
};

/* False: the answers ended too early, which is said. */
bool cli_setup_ask(const struct base_texts *texts, struct cli_answers *answers);

/* Records for the DNS with this machine's public addresses, how to start, mail programs. */
void cli_setup_say_next(const struct base_texts *texts, const struct cli_answers *answers,
	const char *config_path, bool as_root);

#endif
