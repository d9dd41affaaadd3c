#include "cli/secret.h"
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

enum { SECRET_MOST = 2048, TRIES = 3 };

static bool
read_line(char line[SECRET_MOST])
{
	if (!fgets(line, SECRET_MOST, stdin))
		return false;
	line[strcspn(line, "\r\n")] = 0;
	return true;
}

/* --- unseen --------------------------------------------------------------------------- */

/* Signals that would leave the terminal without its echo. */
static sigset_t
ending_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTSTP);
	return set;
}

/* False when a signal came first: it is still pending then. */
static bool
line_comes_first(int signals)
{
	struct pollfd waits[] = {{STDIN_FILENO, POLLIN, 0}, {signals, POLLIN, 0}};
	while (poll(waits, 2, -1) < 0)
		continue;
	return waits[1].revents == 0;
}

static bool
read_without_echo(char line[SECRET_MOST])
{
	struct termios seen, unseen;
	sigset_t ending = ending_signals(), before;
	sigprocmask(SIG_BLOCK, &ending, &before);
	SCOPED(scoped_close) int signals = signalfd(-1, &ending, SFD_CLOEXEC);
	tcgetattr(STDIN_FILENO, &seen);
	unseen = seen;
	unseen.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
	bool fine = line_comes_first(signals) && read_line(line);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &seen);
	dprintf(STDERR_FILENO, "\n");
	/* What came meanwhile takes its effect now. */
	sigprocmask(SIG_SETMASK, &before, NULL);
	return fine;
}

static bool
ask_unseen(const char *question, char line[SECRET_MOST])
{
	dprintf(STDERR_FILENO, "%s: ", question);
	return read_without_echo(line);
}

/* --- rules ---------------------------------------------------------------------------- */

static size_t
characters_of(const char *line)
{
	size_t count = 0;
	for (; *line; line++)
		count += ((unsigned char)*line & 0xc0) != 0x80;
	return count;
}

/* NULL when it will do. */
static const char *
objection(const char *line, const char *again)
{
	if (characters_of(line) < CLI_SECRET_LEAST)
		return BASE_TEXT("A password needs at least 8 characters. Several words "
				 "are a good one.");
	if (strcmp(line, again) != 0)
		return BASE_TEXT("These are two different ones.");
	return NULL;
}

static enum base_failure
ask_twice(const struct cli_words *words, char line[SECRET_MOST], struct base_error *error)
{
	char again[SECRET_MOST] = "";
	const char *why = NULL;
	for (int tries = 0; tries < TRIES; tries++) {
		if (!ask_unseen(base_text(words->voice.texts, words->secret_help), line))
			break;
		why = objection(line, line);
		if (!why && !ask_unseen(base_text(words->voice.texts, "once more"), again))
			break;
		why = why ? why : objection(line, again);
		explicit_bzero(again, sizeof again);
		if (!why)
			return BASE_OK;
		dprintf(STDERR_FILENO, "%s\n", base_text(words->voice.texts, why));
	}
	return base_fail(error, BASE_INVALID, "no password was given");
}

static enum base_failure
ask(const struct cli_words *words, char line[SECRET_MOST], struct base_error *error)
{
	bool hash = json_object_get(words->arguments, "hash");
	if (!isatty(STDIN_FILENO))
		return read_line(line) ? BASE_OK
				       : base_fail(error, BASE_INVALID,
						 "the password is to come as one "
						 "line of standard input");
	if (!hash)
		return ask_twice(words, line, error);
	return ask_unseen(base_text(words->voice.texts, "the hash"), line)
		       ? BASE_OK
		       : base_fail(error, BASE_INVALID, "no password was given");
}

enum base_failure
cli_secret_ask(const struct cli_words *words, struct base_error *error)
{
	char line[SECRET_MOST] = "";
	enum base_failure failure = ask(words, line, error);
	if (!failure && !line[0])
		failure = base_fail(error, BASE_INVALID, "an empty password is none");
	if (!failure &&
		json_object_set_new(words->arguments, words->secret, json_string(line)))
		failure = base_fail(error, BASE_INVALID, "the password is no valid UTF-8");
	explicit_bzero(line, sizeof line);
	return failure;
}
