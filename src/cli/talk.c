#include "cli/talk.h"
#include "cli/control-socket.h"
#include "cli/files.h"
#include "cli/keys.h"
#include "cli/print.h"
#include "cli/secret.h"
#include "cli/server.h"
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { EXIT_FAILED = 1, EXIT_UNREACHABLE = 3, LINE_MOST = 1024 * 1024 };

struct talking {
	const struct cli_words *words;
	struct base_config *config;
	struct arena *arena;
	struct cli_server *own; /* when no server runs */
	struct base_log *log;
	int socket;
	FILE *from; /* the socket, for lines */
};

/* --- whom to talk to
 * ------------------------------------------------------------------------- */

static int
connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address.sun_path)
		return -1;
	memcpy(address.sun_path, path, strlen(path) + 1);
	int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (made < 0 || connect(made, (struct sockaddr *)&address, sizeof address) == 0)
		return made;
	int failed = errno;
	close(made);
	errno = failed;
	return -1;
}

static enum base_failure
start_own(struct talking *talking, const char *path, struct base_error *error)
{
	/* The server's parent makes it otherwise. */
	mkdir(arena_text(talking->arena, base_config_text(talking->config, "data", 0)),
		0700);
	talking->log = base_log_create(STDERR_FILENO, BASE_LOG_KEY_VALUE, BASE_LOG_WARN);
	enum base_failure failure =
		cli_server_open(&(struct cli_server_settings){.config = talking->config,
					.log = talking->log},
			&talking->own, error);
	if (failure)
		return failure;
	int listening = cli_control_socket(path);
	if (listening < 0)
		return base_fail(error, BASE_UNAVAILABLE, "%s can't be made: %s", path,
			strerror(errno));
	failure = cli_server_listen(talking->own, SLICE("control none"), listening, error);
	return failure ? failure : cli_server_start_quietly(talking->own, error);
}

static enum base_failure
reach(struct talking *talking, struct base_error *error)
{
	const char *path = cli_control_path(talking->config, talking->arena);
	talking->socket = connect_to(path);
	if (talking->socket < 0 && errno == EACCES)
		return base_fail(error, BASE_DENIED,
			"%s is not yours; run this as root or as the server's user", path);
	if (talking->socket < 0) {
		enum base_failure failure = start_own(talking, path, error);
		if (failure)
			return failure;
		talking->socket = connect_to(path);
	}
	if (talking->socket < 0)
		return base_fail(error, BASE_UNAVAILABLE, "%s: %s", path, strerror(errno));
	talking->from = fdopen(talking->socket, "r");
	return talking->from ? BASE_OK : BASE_UNAVAILABLE;
}

static void
leave(struct talking *talking)
{
	if (talking->from)
		fclose(talking->from);
	else if (talking->socket >= 0)
		close(talking->socket);
	if (talking->own)
		unlink(cli_control_path(talking->config, talking->arena));
	cli_server_close(talking->own);
	base_log_destroy(talking->log);
	base_config_destroy(talking->config);
	arena_destroy(talking->arena);
}

/* --- the call, and what comes back
 * --------------------------------------------------------------- */

static bool
send_call(struct talking *talking)
{
	json_t *call = json_pack("{sssO}", "operation", talking->words->operation->name,
		"arguments", talking->words->arguments);
	char *text = json_dumps(call, JSON_COMPACT);
	json_decref(call);
	bool fine = text && cli_write_all(talking->socket, slice_of_text(text)) &&
		    cli_write_all(talking->socket, SLICE("\n"));
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
	return fine;
}

static int
failed(const json_t *frame)
{
	cli_print_error(json_string_value(json_object_get(frame, "error")));
	return EXIT_FAILED;
}

/* False when the operation has ended; *code is its exit code then. */
static bool
handle(struct talking *talking, struct cli_printer *printer, struct cli_writer *writer,
	const json_t *frame, int *code)
{
	json_t *row = json_object_get(frame, "row");
	json_t *sentence = json_object_get(frame, "say");
	json_t *progress = json_object_get(frame, "progress");
	if (json_object_get(frame, "error") || json_object_get(frame, "done")) {
		*code = json_object_get(frame, "done") ? 0 : failed(frame);
		return false;
	}
	if (row)
		cli_print_row(printer, row);
	else if (sentence)
		cli_print_sentence(printer, json_string_value(sentence));
	else if (progress)
		cli_print_progress(printer, progress);
	else if (!cli_writer_handle(writer, talking->from, frame)) {
		*code = EXIT_FAILED;
		return false;
	}
	return true;
}

static int
listen_to_answer(struct talking *talking, struct cli_printer *printer)
{
	struct cli_writer writer = cli_writer_into(talking->words->path_out);
	char *line = NULL;
	size_t room = 0;
	int code = -1;
	bool more = true;
	while (more && getline(&line, &room, talking->from) > 0) {
		json_error_t where;
		json_t *frame = json_loads(line, 0, &where);
		more = frame && handle(talking, printer, &writer, frame, &code);
		json_decref(frame);
	}
	free(line);
	cli_writer_end(&writer);
	if (code >= 0)
		return code;
	cli_print_error("the server went away in the middle; its log says why");
	return EXIT_FAILED;
}

static int
converse(struct talking *talking)
{
	struct cli_printer printer = cli_printer_of(talking->words->json);
	if (!send_call(talking)) {
		cli_print_error("the server does not listen");
		return EXIT_UNREACHABLE;
	}
	struct cli_reader *reader = NULL;
	if (talking->words->path_in) {
		reader = cli_reader_start(talking->words->path_in, talking->socket);
		cli_printer_expect(&printer, cli_reader_total(reader));
	}
	int code = listen_to_answer(talking, &printer);
	cli_reader_end(reader);
	cli_printer_end(&printer);
	return code;
}

int
cli_talk(const struct cli_words *words)
{
	struct base_error error = {0};
	struct talking talking = {
		.words = words, .socket = -1, .arena = arena_create(ARENA_NO_CEILING)};
	enum base_failure failure =
		base_config_read(words->config_path, cli_keys, &talking.config, &error);
	if (!failure && words->secret)
		failure = cli_secret_ask(
			words->secret, words->secret_help, words->arguments, &error);
	if (!failure && words->path_in)
		failure = cli_reader_check(words->path_in, &error);
	if (!failure)
		failure = reach(&talking, &error);
	int code = failure ? EXIT_UNREACHABLE : converse(&talking);
	if (failure)
		cli_print_error(error.text);
	leave(&talking);
	return code;
}
