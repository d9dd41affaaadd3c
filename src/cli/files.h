#ifndef CLI_FILES_H
#define CLI_FILES_H

#include "cli/texts.h"
#include <jansson.h>

/*
 * The person's side of import and export: paths are opened here, with the person's rights;
 * their bytes pass through the control socket (admin/control.h).
 */

bool cli_write_all(int descriptor, struct slice bytes);

/* --- import: a thread sends while the answers are read -------------------------------- */

struct cli_reader;
/* NULL with *error when the path can't be read. Counts the bytes, starts no thread yet. */
struct cli_reader *cli_reader_open(
	const char *path, struct cli_voice voice, struct base_error *error);
uint64_t cli_reader_total(const struct cli_reader *reader); /* bytes of all files */
void cli_reader_start(struct cli_reader *reader, int descriptor);
/* Sends no more; the server hears that it was not all. Any thread. */
void cli_reader_stop(struct cli_reader *reader);
bool cli_reader_has_sent(const struct cli_reader *reader); /* all; any thread */
/* Waits for the thread. False: something could not be read, which was said. NULL is fine.
 */
bool cli_reader_end(struct cli_reader *reader);

/* --- export --------------------------------------------------------------------------- */

/*
 * Writes below one folder, which is made, or is empty: nothing that is there is touched,
 * and no name that comes from the server leads out of it.
 */
struct cli_writer {
	int folder;             /* -1: none */
	struct cli_voice voice; /* for errors */
	int place;              /* the folder of the last file, or -1 */
	struct buffer place_path;
	int file; /* being written; -1 */
	int64_t modified;
};
#define CLI_WRITER_NONE ((struct cli_writer){.folder = -1, .place = -1, .file = -1})

enum base_failure cli_writer_open(struct cli_writer *writer, const char *path,
	struct cli_voice voice, struct base_error *error) MUST_CHECK;
/* A frame about files; false when it can't be followed, which is said then. */
bool cli_writer_handle(struct cli_writer *writer, FILE *from, const json_t *frame);
/* False: the last file is not whole. */
bool cli_writer_end(struct cli_writer *writer);

#endif
