#include "cli/files.h"
#include "cli/print.h"
#include "cli/tree.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 256 * 1024, NAME_MOST = 128 * 1024 };

struct cli_reader {
	char *path;
	struct cli_voice voice;
	int descriptor;
	uint64_t total;
	pthread_t thread;
	bool begun;
	bool trouble; /* the thread's, until it is joined */
	atomic_bool stopped, sent;
	struct buffer out; /* small files travel together */
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

static void
note_trouble(void *argument, const char *path, const char *why)
{
	struct cli_reader *reader = argument;
	char text[1024];
	snprintf(text, sizeof text, "%s/%s: %s", reader->path, path, why);
	cli_print_error(reader->voice, BASE_DENIED, text);
	reader->trouble = true;
}

struct cli_reader *
cli_reader_open(const char *path, struct cli_voice voice, struct base_error *error)
{
	struct cli_tree_file file;
	struct cli_tree *tree = cli_tree_open(path, true, NULL, NULL, error);
	if (!tree)
		return NULL;
	struct cli_reader *reader = calloc(1, sizeof *reader);
	ASSERT(reader);
	reader->path = strdup(path);
	reader->voice = voice;
	reader->out = buffer_with(2 * BATCH + 2 * NAME_MOST);
	while (cli_tree_next(tree, &file))
		reader->total += (uint64_t)file.status.st_size;
	cli_tree_close(tree);
	return reader;
}

uint64_t
cli_reader_total(const struct cli_reader *reader)
{
	return reader->total;
}

/* --- the thread ----------------------------------------------------------------------- */

static bool
flush(struct cli_reader *reader)
{
	bool fine = !atomic_load(&reader->stopped) &&
		    cli_write_all(reader->descriptor, buffer_slice(&reader->out));
	buffer_clear(&reader->out);
	return fine;
}

/* Bytes that are no UTF-8 travel as if they were ISO 8859-1 (admin/control.h). */
static json_t *
json_of_path(const char *path)
{
	json_t *text = json_string(path);
	if (text)
		return text;
	SCOPED(buffer_free) struct buffer utf8 = buffer_with(NAME_MOST);
	for (; *path; path++) {
		unsigned char byte = (unsigned char)*path;
		if (byte >= 0x80)
			buffer_put_byte(&utf8, (char)(0xc0 | byte >> 6));
		buffer_put_byte(&utf8, (char)(byte < 0x80 ? byte : 0x80 | (byte & 0x3f)));
	}
	return json_stringn(utf8.data, utf8.length);
}

static bool
put_head(struct cli_reader *reader, const struct cli_tree_file *file)
{
	json_t *head = json_pack("{sosIsI}", "file", json_of_path(file->path), "modified",
		(json_int_t)file->status.st_mtime, "size",
		(json_int_t)file->status.st_size);
	char *text = head ? json_dumps(head, JSON_COMPACT) : NULL;
	json_decref(head);
	bool fine = text && buffer_put_text(&reader->out, text) &&
		    buffer_put_byte(&reader->out, '\n');
	free(text);
	return fine;
}

/* Exactly as many bytes as were announced: what can't be read is filled up. */
static bool
put_bytes(struct cli_reader *reader, const struct cli_tree_file *file, bool *whole)
{
	uint64_t left = (uint64_t)file->status.st_size;
	*whole = true;
	while (left) {
		size_t most = left < BATCH ? (size_t)left : BATCH;
		char *room = buffer_reserve(&reader->out, most);
		ssize_t got = room ? read(file->descriptor, room, most) : -1;
		if (!room)
			return false;
		if (got <= 0) {
			if (*whole)
				note_trouble(reader, file->path,
					got ? strerror(errno)
					    : BASE_TEXT("it shrank while it was read"));
			*whole = false;
			memset(room, '\n', most);
			got = (ssize_t)most;
		}
		buffer_commit(&reader->out, (size_t)got);
		left -= (uint64_t)got;
		if (reader->out.length >= BATCH && !flush(reader))
			return false;
	}
	return true;
}

static bool
send_file(struct cli_reader *reader, const struct cli_tree_file *file)
{
	bool whole;
	bool sent = put_head(reader, file) && put_bytes(reader, file, &whole) &&
		    buffer_put_text(&reader->out,
			    whole ? "{\"whole\":true}\n" : "{\"whole\":false}\n");
	close(file->descriptor);
	return sent;
}

static void
note_links(struct cli_reader *reader, uint64_t links)
{
	char text[160];
	if (links == 0)
		return;
	snprintf(text, sizeof text, BASE_TEXT("%llu links were passed over, not followed"),
		(unsigned long long)links);
	cli_print_error(reader->voice, BASE_OK, text);
}

static void *
send_all(void *argument)
{
	struct cli_reader *reader = argument;
	struct base_error error = {0};
	struct cli_tree_file file;
	struct cli_tree *tree =
		cli_tree_open(reader->path, false, note_trouble, reader, &error);
	bool fine = tree != NULL;
	if (!tree)
		note_trouble(reader, "", error.text);
	while (fine && cli_tree_next(tree, &file))
		fine = send_file(reader, &file);
	const char *end =
		reader->trouble ? "{\"end\":true,\"left_out\":true}\n" : "{\"end\":true}\n";
	if (fine && buffer_put_text(&reader->out, end) && flush(reader))
		note_links(reader, cli_tree_links(tree));
	cli_tree_close(tree);
	shutdown(reader->descriptor, SHUT_WR);
	atomic_store(&reader->sent, true);
	return NULL;
}

bool
cli_reader_has_sent(const struct cli_reader *reader)
{
	return atomic_load(&reader->sent);
}

void
cli_reader_start(struct cli_reader *reader, int descriptor)
{
	reader->descriptor = descriptor;
	reader->begun = pthread_create(&reader->thread, NULL, send_all, reader) == 0;
	if (!reader->begun)
		shutdown(descriptor, SHUT_WR);
}

/* A write that is under way ends, too. */
void
cli_reader_stop(struct cli_reader *reader)
{
	atomic_store(&reader->stopped, true);
	shutdown(reader->descriptor, SHUT_WR);
}

bool
cli_reader_end(struct cli_reader *reader)
{
	if (!reader)
		return true;
	/* The server may have ended first: then nothing reads what is still being sent. */
	if (reader->begun) {
		cli_reader_stop(reader);
		pthread_join(reader->thread, NULL);
	}
	bool fine = !reader->trouble;
	buffer_free(&reader->out);
	free(reader->path);
	free(reader);
	return fine;
}
