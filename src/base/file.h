#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buffer.h"
#include "base/error.h"
#include <sys/stat.h>

/*
 * Appends all of a small regular file; BASE_TOO_LARGE when it passes the buffer's ceiling.
 * For files that an administrator writes: configuration, translations.
 */
enum base_failure base_file_read(
	const char *path, struct buffer *into, struct base_error *error) MUST_CHECK;

/*
 * Opens what may lie in the power of others: step by step, and asks about each folder,
 * link and file on the way, the last one too. Whoever may change none of them can't lead
 * us elsewhere. -1 with errno; EPERM when it was not allowed, or changed under our eyes.
 */
typedef bool base_file_step(void *argument, const struct stat *status);
int base_file_open_by_steps(
	const char *path, int flags, base_file_step *allowed, void *argument);

#endif
