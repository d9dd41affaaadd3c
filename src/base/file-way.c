#include "base/arena.h"
#include "base/cleanup.h"
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { PATH_MOST = 4096, LINKS_MOST = 40 /* as the kernel has it */ };

struct way {
	int at; /* the folder we are in */
	int flags;
	unsigned links;
	char rest[2 * PATH_MOST]; /* what is still to go */
	base_file_step *allowed;
	void *argument;
};

static bool
ask(const struct way *way, int descriptor, struct stat *status)
{
	if (fstat(descriptor, status))
		return false;
	errno = EPERM;
	return way->allowed(way->argument, status);
}

static void
enter(struct way *way, int folder)
{
	scoped_close(&way->at);
	way->at = folder;
}

static bool
begin_at(struct way *way, const char *folder)
{
	struct stat status;
	enter(way, open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC));
	return way->at >= 0 && ask(way, way->at, &status);
}

/* The next name, cut off the rest; "" at the end. */
static void
cut_name(struct way *way, char name[PATH_MOST])
{
	size_t skipped = strspn(way->rest, "/");
	size_t length = strcspn(way->rest + skipped, "/");
	length = length < PATH_MOST ? length : PATH_MOST - 1;
	memcpy(name, way->rest + skipped, length);
	name[length] = 0;
	skipped += length;
	memmove(way->rest, way->rest + skipped, strlen(way->rest + skipped) + 1);
}

static bool
is_last(const struct way *way)
{
	return way->rest[strspn(way->rest, "/")] == 0;
}

static bool
follow(struct way *way, int link)
{
	char target[PATH_MOST], after[2 * PATH_MOST];
	ssize_t length = readlinkat(link, "", target, sizeof target);
	if (length < 0)
		return false;
	snprintf(after, sizeof after, "%s", way->rest);
	int put = snprintf(
		way->rest, sizeof way->rest, "%.*s/%s", (int)length, target, after);
	errno = ++way->links > LINKS_MOST ? ELOOP : ENAMETOOLONG;
	if (way->links > LINKS_MOST || put >= (int)sizeof way->rest || length == PATH_MOST)
		return false;
	return target[0] != '/' || begin_at(way, "/");
}

/* It may have become another one since we looked. */
static int
open_last(const struct way *way, const char *name, const struct stat *seen)
{
	struct stat status;
	int file = openat(way->at, name, way->flags | O_NOFOLLOW | O_CLOEXEC);
	if (file < 0 || fstat(file, &status))
		return file;
	if (status.st_ino == seen->st_ino && status.st_dev == seen->st_dev)
		return file;
	close(file);
	errno = EPERM;
	return -1;
}

/* False: *opened is it, or -1. */
static bool
step(struct way *way, int *opened)
{
	char name[PATH_MOST];
	struct stat status;
	*opened = -1;
	cut_name(way, name);
	if (!*name) {
		*opened = openat(way->at, ".", way->flags | O_CLOEXEC);
		return false;
	}
	int next = openat(way->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0)
		return false;
	bool fine = ask(way, next, &status);
	if (fine && S_ISLNK(status.st_mode))
		fine = follow(way, next);
	else if (fine && !is_last(way)) {
		enter(way, next);
		return true;
	} else if (fine)
		*opened = open_last(way, name, &status);
	int failed = errno;
	close(next);
	errno = failed;
	return fine && S_ISLNK(status.st_mode);
}

int
base_file_open_by_steps(
	const char *path, int flags, base_file_step *allowed, void *argument)
{
	int opened = -1;
	struct way way = {
		.at = -1, .flags = flags, .allowed = allowed, .argument = argument};
	if (!*path || strlen(path) >= PATH_MOST) {
		errno = *path ? ENAMETOOLONG : ENOENT;
		return -1;
	}
	memcpy(way.rest, path, strlen(path) + 1);
	if (begin_at(&way, path[0] == '/' ? "/" : "."))
		while (step(&way, &opened))
			continue;
	int failed = errno;
	scoped_close(&way.at);
	errno = failed;
	return opened;
}
