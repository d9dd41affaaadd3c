#include "cli/talk.h"
#include "admin/control.h"
#include "cli/files.h"
#include "cli/interrupt.h"
#include "cli/keys.h"
#include "cli/own.h"
#include "cli/print.h"
#include "cli/secret.h"
#include "cli/server.h"
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	EXIT_FAILED = 1,
	EXIT_UNREACHABLE = 3,
	EXIT_INTERRUPTED = 130,
	STORE_TRIES = 50, /* another command may be about to end, or the server to listen */
	STORE_WAIT_US = 100 * 1000
};

struct talking {
	const struct cli_words *words;
	struct base_config *config;
	struct arena *arena;
	struct cli_own own;
	int socket;
	FILE *from; /* the socket, for lines */
	struct cli_reader *reader;
	struct cli_writer writer;
	struct cli_printer printer;
};

/* --- whom to talk to ------------------------------------------------------------------ */

static int
connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (made < 0 || connect(made, (struct sockaddr *)&address, sizeof address) == 0)
		return made;
	int failed = errno;
	close(made);
	errno = failed;
	return -1;
}

/* The running server, or the store. */
static enum base_failure
reach_once(struct talking *talking, const char *path, struct base_error *error)
{
	talking->socket = connect_to(path);
	if (talking->socket >= 0)
		return BASE_OK;
	if (errno == EACCES || errno == EPERM)
		return base_fail(error, BASE_DENIED,
			"%s is not yours; run this as root or as the "
			"server's user",
			path);
	return cli_own_start(talking->config, talking->words->config_path,
		talking->words->operation->storeless, &talking->own, &talking->socket,
		error);
}

static enum base_failure
reach(struct talking *talking, struct base_error *error)
{
	const char *path = cli_control_path(talking->config, talking->arena);
	enum base_failure failure = reach_once(talking, path, error);
	for (int tries = 1; failure == BASE_CONFLICT && tries < STORE_TRIES; tries++) {
		usleep(STORE_WAIT_US);
		*error = (struct base_error){0};
		failure = reach_once(talking, path, error);
	}
	if (failure == BASE_CONFLICT)
		return base_fail(error, failure,
			"another command works on the store, or a server that does "
			"not listen yet; try again when it has ended");
	if (failure)
		return failure;
	talking->from = fdopen(talking->socket, "r");
	return talking->from ? BASE_OK : BASE_UNAVAILABLE;
}

static void
leave(struct talking *talking)
{
	if (talking->from)
		fclose(talking->from);
	else
		scoped_close(&talking->socket);
	cli_own_end(&talking->own);
	base_config_destroy(talking->config);
	arena_destroy(talking->arena);
}

/* --- the call --------------------------------------------------------------------------
 */

static char *
call_text(const struct cli_words *words)
{
	json_t *call = json_pack("{sssO}", "operation", words->operation->name, "arguments",
		words->arguments);
	char *text = json_dumps(call, JSON_COMPACT);
	json_decref(call);
	return text;
}

/* It may hold a password. */
static void
forget(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
}

static enum base_failure
send_call(struct talking *talking, struct base_error *error)
{
	SCOPED(forget) char *text = call_text(talking->words);
	if (text && strlen(text) >= ADMIN_LINE_MOST)
		return base_fail(
			error, BASE_TOO_LARGE, "that are too many words for one command");
	if (text && cli_write_all(talking->socket, slice_of_text(text)) &&
		cli_write_all(talking->socket, SLICE("\n")))
		return BASE_OK;
	return base_fail(error, BASE_UNAVAILABLE, "the server does not listen");
}

/* --- what comes back --------------------------------------------------------------------
 */

static int
failed(const struct talking *talking, const json_t *frame)
{
	const char *name = json_string_value(json_object_get(frame, "failure"));
	const char *text = json_string_value(json_object_get(frame, "error"));
	enum base_failure failure = BASE_INVALID;
	for (int i = 0; name && i < BASE_FAILURES; i++)
		if (strcmp(name, base_failure_name((enum base_failure)i)) == 0)
			failure = (enum base_failure)i;
	cli_print_error(talking->words->voice, failure, text ? text : "?");
	return EXIT_FAILED;
}

/* False when it has ended; *code is the exit code then. */
static bool
handle(struct talking *talking, const json_t *frame, int *code)
{
	json_t *row = json_object_get(frame, "row");
	json_t *sentence = json_object_get(frame, "say");
	json_t *progress = json_object_get(frame, "progress");
	*code = EXIT_FAILED;
	if (json_object_get(frame, "done")) {
		*code = 0;
		return false;
	}
	if (json_object_get(frame, "error")) {
		*code = failed(talking, frame);
		return false;
	}
	if (row)
		cli_print_row(&talking->printer, row);
	else if (json_is_string(sentence))
		cli_print_sentence(&talking->printer, json_string_value(sentence));
	else if (progress)
		cli_print_progress(&talking->printer, progress);
	else
		return cli_writer_handle(&talking->writer, talking->from, frame);
	return !cli_printer_in_vain(&talking->printer);
}

/* -1: the other side went away. */
static int
listen_to_answer(struct talking *talking)
{
	char *line = NULL;
	size_t room = 0;
	int code = -1;
	bool more = true;
	while (more && getline(&line, &room, talking->from) > 0) {
		json_error_t where;
		json_t *frame = json_loads(line, 0, &where);
		int ended = -1;
		more = frame && handle(talking, frame, &ended);
		code = more ? -1 : ended;
		json_decref(frame);
	}
	free(line);
	return code;
}

/*
 * Of an import, what was sent whole is stored, and the server says how much. A restore is
 * nothing before its end: once all is sent it is left, as what sends nothing.
 */
static void
stop(void *argument)
{
	struct talking *talking = argument;
	bool has_more = talking->reader && !cli_reader_has_sent(talking->reader);
	if (has_more || (talking->reader && !talking->words->operation->storeless))
		cli_reader_stop(talking->reader);
	else
		shutdown(talking->socket, SHUT_RDWR);
}

static int
converse(struct talking *talking)
{
	struct cli_interrupt interrupt = {.stop = stop, .argument = talking};
	struct cli_voice voice = talking->words->voice;
	cli_interrupt_begin(&interrupt);
	if (talking->reader)
		cli_reader_start(talking->reader, talking->socket);
	int code = listen_to_answer(talking);
	bool all_sent = cli_reader_end(talking->reader);
	talking->reader = NULL;
	cli_interrupt_end(&interrupt);
	bool all_printed = cli_printer_end(&talking->printer);
	if (atomic_load(&interrupt.came)) {
		if (code < 0)
			cli_print_error(voice, BASE_CANCELLED, "stopped");
		return EXIT_INTERRUPTED;
	}
	if (code < 0)
		cli_print_error(voice, BASE_UNAVAILABLE,
			"the server went away in the middle; its log says why");
	return code == 0 && all_sent && all_printed ? 0 : EXIT_FAILED;
}

/* --- all of it --------------------------------------------------------------------------
 */

/* The person's side of the paths, before anything else is touched. */
static enum base_failure
open_paths(struct talking *talking, struct base_error *error)
{
	const struct cli_words *words = talking->words;
	if (words->path_in) {
		talking->reader = cli_reader_open(words->path_in, words->voice, error);
		if (!talking->reader)
			return error->failure;
		cli_printer_expect(&talking->printer, cli_reader_total(talking->reader));
	}
	if (words->path_out)
		return cli_writer_open(
			&talking->writer, words->path_out, words->voice, error);
	return BASE_OK;
}

static enum base_failure
prepare(struct talking *talking, struct base_error *error)
{
	const struct cli_words *words = talking->words;
	enum base_failure failure =
		base_config_read(words->config_path, cli_keys, &talking->config, error);
	if (!failure && words->secret)
		failure = cli_secret_ask(words, error);
	if (!failure)
		failure = open_paths(talking, error);
	if (!failure)
		failure = reach(talking, error);
	if (!failure)
		failure = send_call(talking, error);
	return failure;
}

int
cli_talk(const struct cli_words *words)
{
	struct base_error error = {0};
	struct talking talking = {.words = words,
		.socket = -1,
		.arena = arena_create(ARENA_NO_CEILING),
		.own = {.life = -1},
		.writer = CLI_WRITER_NONE,
		.printer = cli_printer_of(words->voice)};
	enum base_failure failure = prepare(&talking, &error);
	int code = EXIT_UNREACHABLE;
	if (failure) {
		cli_print_error(words->voice, failure, error.text);
		cli_reader_end(talking.reader);
		cli_printer_end(&talking.printer);
	} else {
		code = converse(&talking);
	}
	if (!cli_writer_end(&talking.writer) && code == 0)
		code = EXIT_FAILED;
	leave(&talking);
	return code;
}
