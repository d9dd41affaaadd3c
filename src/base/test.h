#ifndef BASE_TEST_H
#define BASE_TEST_H

/* For the unit tests of every room: cmocka, and how to compare a slice. */
#include "base/slice.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Shows both texts when they differ. */
#define assert_slice_is(s, literal) \
	assert_slice_equals((s), SLICE(literal), __FILE__, __LINE__)

static inline void
assert_slice_equals(struct slice got, struct slice wanted, const char *file, int line)
{
	if (slice_equal(got, wanted))
		return;
	print_error("\"%.*s\" is not \"%.*s\"\n", SLICE_ARG(got), SLICE_ARG(wanted));
	_fail(file, line);
}

#endif
