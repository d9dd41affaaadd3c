#include "cli/secret.h"
#include <termios.h>
#include <unistd.h>

enum { SECRET_MOST = 1024 };

static bool
read_line(char line[SECRET_MOST])
{
	if (!fgets(line, SECRET_MOST, stdin))
		return false;
	line[strcspn(line, "\r\n")] = 0;
	return true;
}

static bool
read_unseen(const char *prompt, char line[SECRET_MOST])
{
	struct termios seen, unseen;
	tcgetattr(STDIN_FILENO, &seen);
	unseen = seen;
	unseen.c_lflag &= ~(tcflag_t)ECHO;
	dprintf(STDERR_FILENO, "%s: ", prompt);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
	bool fine = read_line(line);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &seen);
	dprintf(STDERR_FILENO, "\n");
	return fine;
}

static enum base_failure
ask_twice(const char *help, char line[SECRET_MOST], struct base_error *error)
{
	char again[SECRET_MOST] = "";
	bool fine = read_unseen(help, line) && read_unseen("once more", again);
	bool same = fine && strcmp(line, again) == 0;
	explicit_bzero(again, sizeof again);
	if (fine && !same)
		return base_fail(error, BASE_INVALID, "these are two different ones");
	return fine ? BASE_OK : base_fail(error, BASE_INVALID, "no password was given");
}

enum base_failure
cli_secret_ask(
	const char *name, const char *help, json_t *arguments, struct base_error *error)
{
	char line[SECRET_MOST] = "";
	enum base_failure failure = BASE_OK;
	if (isatty(STDIN_FILENO))
		failure = ask_twice(help, line, error);
	else if (!read_line(line))
		failure = base_fail(error, BASE_INVALID,
			"the password is to come as one line of standard input");
	if (!failure && !line[0])
		failure = base_fail(error, BASE_INVALID, "an empty password is none");
	if (!failure && json_object_set_new(arguments, name, json_string(line)))
		failure = base_fail(error, BASE_INVALID, "the password is no valid UTF-8");
	explicit_bzero(line, sizeof line);
	return failure;
}
