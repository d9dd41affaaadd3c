#include "cli/files.h"
#include "cli/print.h"
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 256 * 1024 };

struct cli_reader {
	char *path;
	int descriptor;
	uint64_t total;
	pthread_t thread;
	bool begun;
};

bool
cli_write_all(int descriptor, struct slice bytes)
{
	while (bytes.length) {
		ssize_t written = write(descriptor, bytes.data, bytes.length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		bytes = slice_from(bytes, (size_t)written);
	}
	return true;
}

enum base_failure
cli_reader_check(const char *path, struct base_error *error)
{
	if (access(path, R_OK) == 0)
		return BASE_OK;
	return base_fail(error, BASE_NOT_FOUND, "%s: %s", path, strerror(errno));
}

/* Names in order, so that an import goes the same way each time. */
static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static FTS *
open_tree(char *path)
{
	char *roots[] = {path, NULL};
	return fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
}

static uint64_t
count_bytes(char *path)
{
	uint64_t total = 0;
	FTS *tree = open_tree(path);
	FTSENT *entry;
	while (tree && (entry = fts_read(tree)))
		if (entry->fts_info == FTS_F)
			total += (uint64_t)entry->fts_statp->st_size;
	if (tree)
		fts_close(tree);
	return total;
}

static bool
send_head(int descriptor, const char *relative, const struct stat *status)
{
	json_t *head = json_pack("{sssIsI}", "file", relative, "modified",
		(json_int_t)status->st_mtime, "size", (json_int_t)status->st_size);
	char *text = head ? json_dumps(head, JSON_COMPACT) : NULL;
	json_decref(head);
	bool fine = text && cli_write_all(descriptor, slice_of_text(text)) &&
		    cli_write_all(descriptor, SLICE("\n"));
	free(text);
	return fine;
}

/* Exactly as many bytes as were announced: a file that shrank is filled up. */
static bool
send_bytes(int descriptor, int file, uint64_t left)
{
	char piece[PIECE];
	while (left) {
		size_t most = left < sizeof piece ? (size_t)left : sizeof piece;
		ssize_t got = read(file, piece, most);
		if (got <= 0) {
			memset(piece, '\n', most);
			got = (ssize_t)most;
		}
		if (!cli_write_all(descriptor, slice_of(piece, (size_t)got)))
			return false;
		left -= (uint64_t)got;
	}
	return true;
}

static bool
send_file(const struct cli_reader *reader, const FTSENT *entry)
{
	struct stat status;
	const char *relative = entry->fts_path + strlen(reader->path);
	while (*relative == '/')
		relative++;
	/* A single file that was named itself has its own name. */
	if (!*relative)
		relative = entry->fts_name;
	SCOPED(scoped_close) int file = open(entry->fts_accpath, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &status)) {
		dprintf(STDERR_FILENO, "troika: %s: %s\n", entry->fts_path,
			strerror(errno));
		return true;
	}
	return send_head(reader->descriptor, relative, &status) &&
	       send_bytes(reader->descriptor, file, (uint64_t)status.st_size);
}

static void *
send_all(void *argument)
{
	struct cli_reader *reader = argument;
	FTS *tree = open_tree(reader->path);
	FTSENT *entry;
	bool fine = true;
	while (tree && fine && (entry = fts_read(tree)))
		if (entry->fts_info == FTS_F)
			fine = send_file(reader, entry);
	if (tree)
		fts_close(tree);
	if (fine && !cli_write_all(reader->descriptor, SLICE("{\"end\":true}\n")))
		return NULL;
	return NULL;
}

struct cli_reader *
cli_reader_start(const char *path, int descriptor)
{
	struct cli_reader *reader = calloc(1, sizeof *reader);
	ASSERT(reader);
	reader->path = strdup(path);
	reader->descriptor = descriptor;
	reader->total = count_bytes(reader->path);
	reader->begun = pthread_create(&reader->thread, NULL, send_all, reader) == 0;
	return reader;
}

uint64_t
cli_reader_total(const struct cli_reader *reader)
{
	return reader->total;
}

void
cli_reader_end(struct cli_reader *reader)
{
	if (!reader)
		return;
	/* The server may have ended first: then nothing reads what is still being sent. */
	shutdown(reader->descriptor, SHUT_WR);
	if (reader->begun)
		pthread_join(reader->thread, NULL);
	free(reader->path);
	free(reader);
}
