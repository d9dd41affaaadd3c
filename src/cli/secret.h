#ifndef CLI_SECRET_H
#define CLI_SECRET_H

#include "base/base.h"
#include <jansson.h>

/*
 * Asks for a password, twice and unseen on a terminal, else reads one line of standard
 * input, and puts it among the arguments.
 */
enum base_failure cli_secret_ask(const char *name, const char *help, json_t *arguments,
	struct base_error *error) MUST_CHECK;

#endif
