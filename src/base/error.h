#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/slice.h"

/*
 * Errors are values. A function that can fail returns an enum base_failure (BASE_OK is
 * 0), or fills a struct base_error where a person will want to know more. The room that
 * can do something about it does; otherwise it goes up, and the front end logs it once.
 */
enum base_failure {
	BASE_OK = 0,
	BASE_NOT_FOUND,   /* no such key, file, account, mailbox, message */
	BASE_EXISTS,      /* it is there already */
	BASE_INVALID,     /* the input breaks its grammar or its rules */
	BASE_DENIED,      /* not allowed: rights, credentials, policy */
	BASE_CONFLICT,    /* somebody else changed it: version, UNCHANGEDSINCE */
	BASE_TOO_LARGE,   /* a ceiling: size, count, depth */
	BASE_QUOTA,       /* the account's own limit */
	BASE_UNAVAILABLE, /* temporary: try again later */
	BASE_DISK_FULL,   /* temporary: reserve or ENOSPC */
	BASE_DAMAGED,     /* stored bytes are not what was written */
	BASE_CANCELLED,   /* the server stops, or the asker is gone */
	BASE_FAILURES
};

const char *base_failure_name(enum base_failure failure); /* "not-found" … */
bool base_failure_is_temporary(enum base_failure failure);
enum base_failure base_failure_of_errno(int error_number);

struct base_error {
	enum base_failure failure;
	char text[248]; /* for a person: what is wrong, where, what to do; NUL-terminated */
};

/* Fills *error (which may be NULL) and returns failure, so that one can return it. */
enum base_failure base_fail(struct base_error *error, enum base_failure failure,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/* States an invariant; stays on in every build; prints the place and aborts. */
#define ASSERT(condition) \
	((condition) ? (void)0 : base_assert_failed(#condition, __FILE__, __LINE__))
_Noreturn void base_assert_failed(const char *condition, const char *file, int line);

#endif
