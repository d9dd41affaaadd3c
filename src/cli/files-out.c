#include "cli/files.h"
#include "cli/print.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

struct cli_writer
cli_writer_into(const char *folder)
{
	return (struct cli_writer){.folder = folder, .file = -1};
}

static bool
complain(struct cli_writer *writer, const char *path)
{
	dprintf(STDERR_FILENO, "troika: %s: %s\n", path, strerror(errno));
	writer->failed = true;
	return false;
}

/* A mailbox's name is foreign text: it must not lead out of the folder. */
static bool
is_safe(const char *path)
{
	struct slice rest = slice_of_text(path);
	if (!*path || *path == '/')
		return false;
	while (!slice_absent(rest)) {
		struct slice level = slice_cut(&rest, '/');
		if (slice_empty(level) || slice_equal(level, SLICE(".")) ||
			slice_equal(level, SLICE("..")))
			return false;
	}
	return true;
}

static bool
make_folders(char *path)
{
	for (char *at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = 0;
		int made = mkdir(path, 0700);
		*at = '/';
		if (made && errno != EEXIST)
			return false;
	}
	return true;
}

/* What makes a folder a Maildir, for the programs that look (Maildir++). */
static void
complete_maildir(const char *path)
{
	static const char *const places[] = {"new", "tmp"};
	const char *cur = strstr(path, "/cur/");
	for (size_t i = 0; cur && i < 2; i++) {
		SCOPED(buffer_free) struct buffer folder = buffer_with(8192);
		buffer_printf(&folder, "%.*s/%s", (int)(cur - path), path, places[i]);
		buffer_put_byte(&folder, 0);
		mkdir(folder.data, 0700);
	}
}

static bool
begin_file(struct cli_writer *writer, const json_t *frame)
{
	const char *relative = json_string_value(json_object_get(frame, "file"));
	SCOPED(buffer_free) struct buffer path = buffer_with(8192);
	if (!relative || !is_safe(relative)) {
		cli_print_error(
			"a mailbox's name leads out of the folder; it was left out");
		writer->file = open("/dev/null", O_WRONLY | O_CLOEXEC);
		return writer->file >= 0;
	}
	buffer_printf(&path, "%s/%s", writer->folder, relative);
	buffer_put_byte(&path, 0);
	if (buffer_failed(&path) || !make_folders(path.data))
		return complain(writer, relative);
	complete_maildir(path.data);
	writer->modified = json_integer_value(json_object_get(frame, "modified"));
	writer->file = open(path.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return writer->file >= 0 || complain(writer, path.data);
}

static bool
copy_bytes(struct cli_writer *writer, FILE *from, json_int_t left)
{
	char piece[PIECE];
	while (left > 0) {
		size_t most = left < PIECE ? (size_t)left : PIECE;
		size_t got = fread(piece, 1, most, from);
		if (got == 0)
			return false;
		if (!cli_write_all(writer->file, slice_of(piece, got)))
			return complain(writer, writer->folder);
		left -= (json_int_t)got;
	}
	return true;
}

static bool
close_file(struct cli_writer *writer)
{
	if (writer->modified) {
		const struct timespec times[2] = {
			{.tv_sec = writer->modified}, {.tv_sec = writer->modified}};
		futimens(writer->file, times);
	}
	int closed = close(writer->file);
	writer->file = -1;
	return closed == 0 || complain(writer, writer->folder);
}

bool
cli_writer_handle(struct cli_writer *writer, FILE *from, const json_t *frame)
{
	if (!writer->folder)
		return false;
	if (json_object_get(frame, "file"))
		return writer->file < 0 && begin_file(writer, frame);
	if (json_object_get(frame, "bytes"))
		return writer->file >= 0 &&
		       copy_bytes(writer, from,
			       json_integer_value(json_object_get(frame, "bytes")));
	if (json_object_get(frame, "close"))
		return writer->file >= 0 && close_file(writer);
	return false;
}

void
cli_writer_end(struct cli_writer *writer)
{
	if (writer->file >= 0)
		close(writer->file);
}
