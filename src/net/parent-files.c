/* The files that the parent reads for its child: keys, which only root may see. */
#include "net/parent-internal.h"

#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_in_group(const struct parent_user *child, gid_t group)
{
	for (int i = 0; i < child->group_count; i++)
		if (child->groups[i] == group)
			return true;
	return false;
}

/*
 * The child must not have root read a file of its choice to it: nothing on the way may be
 * in its power. In a folder with the sticky bit everybody changes only what is theirs.
 */
static bool
is_out_of_reach(void *argument, const struct stat *status)
{
	const struct parent_user *child = argument;
	if (S_ISREG(status->st_mode))
		return true;
	if (status->st_uid == child->id)
		return false;
	if (S_ISLNK(status->st_mode) || status->st_mode & S_ISVTX)
		return true;
	bool group = status->st_mode & S_IWGRP && is_in_group(child, status->st_gid);
	return !group && !(status->st_mode & S_IWOTH);
}

static int
open_file(const char *path, struct parent_user *child)
{
	enum { FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK };
	if (!child)
		return open(path, FLAGS);
	return base_file_open_by_steps(path, FLAGS, is_out_of_reach, child);
}

static enum base_failure
read_whole(int descriptor, struct arena *arena, struct slice *text)
{
	struct stat status;

	if (fstat(descriptor, &status) != 0)
		return base_failure_of_errno(errno);
	if (!S_ISREG(status.st_mode))
		return BASE_INVALID;
	if (status.st_size > NET_PLAN_FILE_BYTES ||
		!arena_has_room(arena, (size_t)status.st_size + 1))
		return BASE_TOO_LARGE;
	char *bytes = arena_take(arena, (size_t)status.st_size + 1);
	size_t have = 0;
	while (have < (size_t)status.st_size) {
		ssize_t got = read(descriptor, bytes + have, (size_t)status.st_size - have);
		if (got < 0 && errno != EINTR)
			return base_failure_of_errno(errno);
		if (got == 0)
			break;
		have += got > 0 ? (size_t)got : 0;
	}
	*text = slice_of(bytes, have);
	return BASE_OK;
}

static enum base_failure
not_opened(const char *path, const struct parent_user *child, struct base_error *error)
{
	if (child && errno == EPERM)
		return base_fail(error, BASE_DENIED,
			"can't read %s: the server's user could put another file in its "
			"place; keep it in a folder that is root's alone",
			path);
	return base_fail(error, base_failure_of_errno(errno), "can't read %s: %s", path,
		strerrordesc_np(errno));
}

static enum base_failure
read_file(const struct net_plan_file *file, struct parent_user *child,
	struct parent_state *state, struct base_error *error)
{
	const char *path = arena_text(state->arena, file->path);
	SCOPED(scoped_close) int descriptor = open_file(path, child);
	struct net_handed_file *handed = &state->files[state->file_count];

	if (descriptor < 0 && errno == ENOENT && file->optional)
		return BASE_OK;
	if (descriptor < 0)
		return not_opened(path, child, error);
	enum base_failure failure = read_whole(descriptor, state->arena, &handed->text);
	if (failure != BASE_OK)
		return base_fail(error, failure, "can't read %s: %s", path,
			base_failure_name(failure));
	handed->name = file->name;
	state->file_count++;
	return BASE_OK;
}

/* A plan that could not be handed over must not take the place of one that can. */
static enum base_failure
check_bytes(const struct parent_state *state, struct base_error *error)
{
	size_t bytes = 0;

	for (size_t i = 0; i < state->file_count; i++)
		bytes += state->files[i].text.length;
	if (bytes <= NET_PLAN_BYTES_MOST)
		return BASE_OK;
	return base_fail(error, BASE_TOO_LARGE,
		"certificates and keys have more than %d MiB together: name fewer, or "
		"smaller ones",
		NET_PLAN_BYTES_MOST / 1024 / 1024);
}

enum base_failure
parent_read_files(struct parent_state *state, struct base_error *error)
{
	struct parent_user user, *child = NULL;

	if (geteuid() == 0 && !slice_empty(state->plan.user)) {
		enum base_failure failure =
			parent_find_user(state->plan.user, &user, error);
		if (failure != BASE_OK)
			return failure;
		child = user.id ? &user : NULL;
	}
	for (size_t i = 0; i < state->plan.file_count; i++) {
		enum base_failure failure =
			read_file(&state->plan.files[i], child, state, error);
		if (failure != BASE_OK)
			return failure;
	}
	return check_bytes(state, error);
}
