#include "cli/files.h"
#include "cli/print.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 64 * 1024, PATH_BYTES_MOST = 64 * 1024 };

/* --- the folder ----------------------------------------------------------------------- */

static bool
is_empty(int folder)
{
	const struct dirent *entry;
	int count = 0, copy = fcntl(folder, F_DUPFD_CLOEXEC, 0);
	DIR *listing = copy >= 0 ? fdopendir(copy) : NULL;
	if (!listing) {
		scoped_close(&copy);
		return false;
	}
	while ((entry = readdir(listing)))
		count++;
	closedir(listing);
	return count <= 2; /* itself and the one above */
}

enum base_failure
cli_writer_open(struct cli_writer *writer, const char *path, struct cli_voice voice,
	struct base_error *error)
{
	*writer = CLI_WRITER_NONE;
	writer->voice = voice;
	bool made = mkdir(path, 0700) == 0;
	if (!made && errno != EEXIST)
		return base_fail(error, base_failure_of_errno(errno), "%s: %s", path,
			strerror(errno));
	writer->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (writer->folder < 0)
		return base_fail(error, base_failure_of_errno(errno), "%s: %s", path,
			strerror(errno));
	writer->place_path = buffer_with(PATH_BYTES_MOST);
	if (made || is_empty(writer->folder))
		return BASE_OK;
	close(writer->folder);
	writer->folder = -1;
	return base_fail(error, BASE_EXISTS,
		"%s is not empty; name a folder that is not there yet", path);
}

/* --- files ---------------------------------------------------------------------------- */

static bool
complain(const struct cli_writer *writer, struct slice path, const char *why)
{
	char text[1024];
	snprintf(text, sizeof text, "%.*s: %s", SLICE_ARG(path), why);
	cli_print_error(writer->voice, base_failure_of_errno(errno), text);
	return false;
}

/* A mailbox's name is foreign text: it must not lead out of the folder. */
static bool
is_safe(struct slice name)
{
	return !slice_empty(name) && !slice_equal(name, SLICE(".")) &&
	       !slice_equal(name, SLICE("..")) && slice_find_byte(name, 0) == name.length;
}

static int
enter(int above, struct slice name)
{
	char text[NAME_MAX + 1];
	if (!is_safe(name) || name.length > NAME_MAX) {
		errno = name.length > NAME_MAX ? ENAMETOOLONG : EINVAL;
		return -1;
	}
	memcpy(text, name.data, name.length);
	text[name.length] = 0;
	if (mkdirat(above, text, 0700) && errno != EEXIST)
		return -1;
	return openat(above, text, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* What makes a folder a Maildir, for the programs that look (Maildir++). */
static void
complete_maildir(int folder, struct slice name)
{
	if (!slice_equal(name, SLICE("cur")))
		return;
	mkdirat(folder, "new", 0700);
	mkdirat(folder, "tmp", 0700);
}

static int
enter_all(int folder, struct slice path)
{
	int at = fcntl(folder, F_DUPFD_CLOEXEC, 0);
	while (at >= 0 && !slice_empty(path)) {
		struct slice name = slice_cut(&path, '/');
		int below = enter(at, name);
		if (below >= 0)
			complete_maildir(at, name);
		int failed = errno;
		close(at);
		errno = failed;
		at = below;
	}
	return at;
}

/* Thousands of files lie in one folder: it is entered once. */
static bool
go_to(struct cli_writer *writer, struct slice path)
{
	if (writer->place >= 0 && slice_equal(path, buffer_slice(&writer->place_path)))
		return true;
	scoped_close(&writer->place);
	buffer_clear(&writer->place_path);
	buffer_put(&writer->place_path, path);
	writer->place = enter_all(writer->folder, path);
	return writer->place >= 0;
}

static bool
begin_file(struct cli_writer *writer, const json_t *frame)
{
	const json_t *name = json_object_get(frame, "file");
	struct slice path = slice_of(json_string_value(name), json_string_length(name));
	size_t slash = slice_find_last_byte(path, '/');
	struct slice folder = slash < path.length ? slice_first(path, slash) : SLICE("");
	struct slice last = slash < path.length ? slice_from(path, slash + 1) : path;
	writer->modified = json_integer_value(json_object_get(frame, "modified"));
	errno = EINVAL;
	if (!is_safe(last) || !go_to(writer, folder))
		return complain(writer, path, strerror(errno));
	writer->file = openat(writer->place, last.data,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return writer->file >= 0 || complain(writer, path, strerror(errno));
}

static bool
copy_bytes(struct cli_writer *writer, FILE *from, json_int_t left)
{
	char piece[PIECE];
	while (left > 0) {
		size_t most = left < PIECE ? (size_t)left : PIECE;
		size_t got = fread(piece, 1, most, from);
		if (got == 0)
			return complain(writer, buffer_slice(&writer->place_path),
				"the server went away in the middle");
		if (!cli_write_all(writer->file, slice_of(piece, got)))
			return complain(
				writer, buffer_slice(&writer->place_path), strerror(errno));
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
	return closed == 0 ||
	       complain(writer, buffer_slice(&writer->place_path), strerror(errno));
}

bool
cli_writer_handle(struct cli_writer *writer, FILE *from, const json_t *frame)
{
	const json_t *bytes = json_object_get(frame, "bytes");
	bool open = writer->file >= 0;
	if (writer->folder >= 0 && !open && json_is_string(json_object_get(frame, "file")))
		return begin_file(writer, frame);
	if (open && bytes)
		return copy_bytes(writer, from, json_integer_value(bytes));
	if (open && json_object_get(frame, "close"))
		return close_file(writer);
	return complain(writer, SLICE("export"), "the server speaks another language");
}

bool
cli_writer_end(struct cli_writer *writer)
{
	bool whole = writer->file < 0;
	scoped_close(&writer->file);
	scoped_close(&writer->place);
	scoped_close(&writer->folder);
	buffer_free(&writer->place_path);
	return whole;
}
