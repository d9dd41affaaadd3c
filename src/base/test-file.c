#include "base/cleanup.h"
#include "base/file.h"
#include "base/test.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static char folder[] = "/tmp/troika-test-file-XXXXXX";

static int
set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder) || chdir(folder) || mkdir("a", 0700) || mkdir("a/b", 0700))
		return -1;
	int file = open("a/b/file", O_CREAT | O_WRONLY, 0600);
	bool fine = file >= 0 && write(file, "text", 4) == 4 && !close(file) &&
		    !symlink("b", "a/folder") && !symlink("../a/folder/file", "a/file") &&
		    !symlink("loop", "loop") && !symlink("/nowhere", "broken");
	return fine ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	return system("rm -r /tmp/troika-test-file-??????") == 0 ? 0 : -1;
}

struct seen {
	unsigned files, folders, links;
	bool no_links;
};

static bool
count(void *argument, const struct stat *status)
{
	struct seen *seen = argument;
	seen->files += S_ISREG(status->st_mode);
	seen->folders += S_ISDIR(status->st_mode);
	seen->links += S_ISLNK(status->st_mode);
	return !seen->no_links || !S_ISLNK(status->st_mode);
}

static void
each_step_is_asked_about(void **state)
{
	(void)state;
	char text[8];
	struct seen seen = {0};
	SCOPED(scoped_close)
	int file = base_file_open_by_steps("a//file", O_RDONLY, count, &seen);
	assert_true(file >= 0);
	assert_int_equal(read(file, text, sizeof text), 4);
	/* ".", a, .., a, b */
	assert_int_equal(seen.folders, 5);
	assert_int_equal(seen.links, 2);
	assert_int_equal(seen.files, 1);
}

static void
a_no_ends_it(void **state)
{
	(void)state;
	struct seen seen = {.no_links = true};
	assert_int_equal(base_file_open_by_steps("a/file", O_RDONLY, count, &seen), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(
		base_file_open_by_steps("a/folder/file", O_RDONLY, count, &seen), -1);
	assert_int_equal(base_file_open_by_steps("a/folder/", O_RDONLY, count, &seen), -1);
	SCOPED(scoped_close)
	int file = base_file_open_by_steps("a/b/file", O_RDONLY, count, &seen);
	assert_true(file >= 0);
}

static void
folders_open_too(void **state)
{
	(void)state;
	struct seen seen = {0};
	char path[64];
	snprintf(path, sizeof path, "%s/a/folder/", folder);
	SCOPED(scoped_close)
	int one = base_file_open_by_steps(path, O_RDONLY | O_DIRECTORY, count, &seen);
	assert_true(one >= 0);
	SCOPED(scoped_close)
	int root = base_file_open_by_steps("/", O_RDONLY, count, &seen);
	assert_true(root >= 0);
}

static void
what_is_not_there_says_so(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		int error;
	} cases[] = {{"", ENOENT}, {"nothing", ENOENT}, {"broken", ENOENT}, {"loop", ELOOP},
		{"a/b/file/x", ENOTDIR}, {"a/file/x", ENOTDIR}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct seen seen = {0};
		assert_int_equal(
			base_file_open_by_steps(cases[i].path, O_RDONLY, count, &seen), -1);
		assert_int_equal(errno, cases[i].error);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_is_asked_about),
		cmocka_unit_test(a_no_ends_it),
		cmocka_unit_test(folders_open_too),
		cmocka_unit_test(what_is_not_there_says_so),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
