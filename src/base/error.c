#include "base/error.h"
#include <errno.h>
#include <stdarg.h>

static const char *const NAMES[BASE_FAILURES] = {
	[BASE_OK] = "ok",
	[BASE_NOT_FOUND] = "not-found",
	[BASE_EXISTS] = "exists",
	[BASE_INVALID] = "invalid",
	[BASE_DENIED] = "denied",
	[BASE_CONFLICT] = "conflict",
	[BASE_TOO_LARGE] = "too-large",
	[BASE_QUOTA] = "quota",
	[BASE_UNAVAILABLE] = "unavailable",
	[BASE_DISK_FULL] = "disk-full",
	[BASE_DAMAGED] = "damaged",
	[BASE_CANCELLED] = "cancelled",
};

const char *
base_failure_name(enum base_failure failure)
{
	ASSERT(failure < BASE_FAILURES);
	return NAMES[failure];
}

bool
base_failure_is_temporary(enum base_failure failure)
{
	return failure == BASE_UNAVAILABLE || failure == BASE_DISK_FULL ||
	       failure == BASE_CONFLICT || failure == BASE_CANCELLED;
}

enum base_failure
base_failure_of_errno(int error_number)
{
	switch (error_number) {
	case 0:
		return BASE_OK;
	case ENOENT:
	case ENOTDIR:
		return BASE_NOT_FOUND;
	case EEXIST:
	case ENOTEMPTY:
		return BASE_EXISTS;
	case EACCES:
	case EPERM:
		return BASE_DENIED;
	case EINVAL:
	case EBADF:
	case EISDIR:
	case ELOOP:
	case EILSEQ:
		return BASE_INVALID;
	case EFBIG:
	case ENAMETOOLONG:
	case EMSGSIZE:
		return BASE_TOO_LARGE;
	case ENOSPC:
	case EDQUOT:
		return BASE_DISK_FULL;
	case ECANCELED:
		return BASE_CANCELLED;
	default:
		return BASE_UNAVAILABLE;
	}
}

enum base_failure
base_fail(struct base_error *error, enum base_failure failure, const char *format, ...)
{
	if (!error)
		return failure;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	error->failure = failure;
	return failure;
}

void
base_assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
	abort();
}
