#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static enum base_failure
fail_by_errno(const char *path, struct base_error *error)
{
	int number = errno;
	return base_fail(
		error, base_failure_of_errno(number), "%s: %s", path, strerror(number));
}

static enum base_failure
read_to_end(int file, const char *path, struct buffer *into, struct base_error *error)
{
	char part[4096];
	for (;;) {
		ssize_t got = read(file, part, sizeof part);
		if (got == 0)
			return BASE_OK;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_by_errno(path, error);
		if (!buffer_put(into, slice_of(part, (size_t)got)))
			return base_fail(error, BASE_TOO_LARGE, "%s: larger than %zu bytes",
				path, into->ceiling);
	}
}

enum base_failure
base_file_read(const char *path, struct buffer *into, struct base_error *error)
{
	/* Without blocking, as path may name a pipe that nobody writes to. */
	SCOPED(scoped_close) int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat about;
	if (file < 0 || fstat(file, &about) != 0)
		return fail_by_errno(path, error);
	if (!S_ISREG(about.st_mode))
		return base_fail(error, BASE_INVALID, "%s: is no file", path);
	return read_to_end(file, path, into, error);
}
