#ifndef CLI_COMMAND_LINE_H
#define CLI_COMMAND_LINE_H

/*
 * troika [-c FILE] [--json] COMMAND …: runs an operation on the running server, through
 * its control socket, or, while it is stopped, in this process under the store's lock.
 * "serve" is the server itself; "setup", "config check", "completion", "man" and "help"
 * need neither.
 *
 * Exit codes: 0 done, 1 the operation failed (said on standard error), 2 the words were
 * wrong, 3 no server and no store could be reached.
 */
int cli_command_line_run(int count, char **arguments);

#endif
