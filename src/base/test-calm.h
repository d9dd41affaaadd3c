#ifndef BASE_TEST_CALM_H
#define BASE_TEST_CALM_H

/* For unit tests that let time jump while threads are at work. */
#include "base/cleanup.h"
#include "base/test.h"
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define TEST_CALM_LOOKS 400 /* at most; 5 ms apart */
#define TEST_CALM_ROW   5   /* in a row, as one look is not of one moment */

/* By the state in the kernel's line about a thread, behind its name in parentheses. */
static inline bool
test_is_asleep(const char *thread)
{
	char path[64], line[512];
	snprintf(path, sizeof path, "/proc/self/task/%s/stat", thread);
	SCOPED(scoped_close) int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? 0 : read(file, line, sizeof line - 1);
	if (length <= 0)
		return true; /* it has ended */
	line[length] = '\0';
	const char *name_end = strrchr(line, ')');
	return name_end && name_end[2] == 'S';
}

static inline size_t
test_count_awake(void)
{
	size_t awake = 0;
	DIR *threads = opendir("/proc/self/task");
	assert_non_null(threads);
	for (struct dirent *thread; (thread = readdir(threads));)
		awake += thread->d_name[0] != '.' && !test_is_asleep(thread->d_name);
	closedir(threads);
	return awake;
}

/*
 * Until we alone are awake: all that can happen at this hour has happened. Where somebody
 * is always busy that is never, and we go on.
 */
static inline void
test_await_calm(void)
{
	int calm = 0;
	for (int i = 0; i < TEST_CALM_LOOKS && calm < TEST_CALM_ROW; i++) {
		usleep(5000);
		calm = test_count_awake() <= 1 ? calm + 1 : 0;
	}
}

#endif
