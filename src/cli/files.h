#ifndef CLI_FILES_H
#define CLI_FILES_H

#include "base/base.h"
#include <jansson.h>

/*
 * The person's side of import and export: paths are opened here, with the person's rights;
 * their bytes pass through the control socket (admin/control.h).
 */

bool cli_write_all(int descriptor, struct slice bytes);

/* --- import: a thread sends while the answers are read
 * ---------------------------------------- */

struct cli_reader;
enum base_failure cli_reader_check(const char *path, struct base_error *error) MUST_CHECK;
struct cli_reader *cli_reader_start(const char *path, int descriptor);
uint64_t cli_reader_total(const struct cli_reader *reader); /* bytes of all files */
void cli_reader_end(struct cli_reader *reader);             /* NULL is fine */

/* --- export
 * ------------------------------------------------------------------------------------ */

struct cli_writer {
	const char *folder;
	int file; /* being written; -1 */
	int64_t modified;
	bool failed;
};
struct cli_writer cli_writer_into(const char *folder);
/* A frame about files; false when it can't be followed, which is said then. */
bool cli_writer_handle(struct cli_writer *writer, FILE *from, const json_t *frame);
void cli_writer_end(struct cli_writer *writer);

#endif
