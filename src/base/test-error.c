#include "base/error.h"
#include "base/test.h"
#include <errno.h>
#include <unistd.h>

static void
every_failure_has_its_own_name(void **state)
{
	(void)state;
	for (int a = 0; a < BASE_FAILURES; a++)
		for (int b = 0; b < a; b++)
			assert_string_not_equal(base_failure_name((enum base_failure)a),
				base_failure_name((enum base_failure)b));
}

static void
filling_returns_the_failure(void **state)
{
	(void)state;
	struct base_error error;
	assert_int_equal(base_fail(&error, BASE_DAMAGED, "segment %d: bad checksum", 7),
		BASE_DAMAGED);
	assert_int_equal(error.failure, BASE_DAMAGED);
	assert_string_equal(error.text, "segment 7: bad checksum");
	assert_int_equal(base_fail(NULL, BASE_QUOTA, "nobody looks"), BASE_QUOTA);
	base_fail(&error, BASE_INVALID, "%0400d", 1);
	assert_int_equal(strlen(error.text), sizeof error.text - 1);
}

static void
errno_is_translated(void **state)
{
	(void)state;
	assert_int_equal(base_failure_of_errno(0), BASE_OK);
	assert_int_equal(base_failure_of_errno(ENOENT), BASE_NOT_FOUND);
	assert_int_equal(base_failure_of_errno(EACCES), BASE_DENIED);
	assert_int_equal(base_failure_of_errno(ENOSPC), BASE_DISK_FULL);
	assert_int_equal(base_failure_of_errno(EIO), BASE_UNAVAILABLE);
	assert_true(base_failure_is_temporary(BASE_DISK_FULL));
	assert_true(base_failure_is_temporary(BASE_UNAVAILABLE));
	assert_false(base_failure_is_temporary(BASE_INVALID));
	assert_false(base_failure_is_temporary(BASE_QUOTA));
}

static void
scopes_release(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	{
		SCOPED(scoped_close) int writing = ends[1];
		SCOPED(scoped_close) int none = -1;
		SCOPED(scoped_free) char *memory = malloc(10);
		assert_non_null(memory);
		assert_int_equal(write(writing, "x", 1), 1);
		assert_int_equal(none, -1);
	}
	char bytes[4];
	assert_int_equal(read(ends[0], bytes, sizeof bytes), 1);
	assert_int_equal(read(ends[0], bytes, sizeof bytes), 0);
	close(ends[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_failure_has_its_own_name),
		cmocka_unit_test(filling_returns_the_failure),
		cmocka_unit_test(errno_is_translated),
		cmocka_unit_test(scopes_release),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
