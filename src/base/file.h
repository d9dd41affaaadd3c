#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buffer.h"
#include "base/error.h"

/*
 * Appends all of a small regular file; BASE_TOO_LARGE when it passes the buffer's ceiling.
 * For files that an administrator writes: configuration, translations.
 */
enum base_failure base_file_read(
	const char *path, struct buffer *into, struct base_error *error) MUST_CHECK;

#endif
