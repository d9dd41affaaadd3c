#include "net/parent-internal.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#define USER_RECORD_MOST (16 * 1024)

struct user_record {
	struct passwd entry;
	char text[USER_RECORD_MOST];
};

static enum base_failure
find_user(struct slice user, struct user_record *record, struct base_error *error)
{
	struct passwd *found = NULL;
	char name[64];

	if (user.length >= sizeof name)
		return base_fail(error, BASE_INVALID,
			"a user's name is that long? \"%.*s\"", SLICE_ARG(user));
	memcpy(name, user.data, user.length);
	name[user.length] = '\0';
	int failed =
		getpwnam_r(name, &record->entry, record->text, sizeof record->text, &found);
	if (failed != 0)
		return base_fail(error, BASE_UNAVAILABLE, "looking up user %s: %s", name,
			strerrordesc_np(failed));
	if (found == NULL)
		return base_fail(error, BASE_NOT_FOUND,
			"there is no user \"%s\"; \"adduser --system --group %s\" makes "
			"one",
			name, name);
	return BASE_OK;
}

enum base_failure
parent_find_user(struct slice user, struct parent_user *found, struct base_error *error)
{
	struct user_record record = {0};
	enum base_failure failure = find_user(user, &record, error);

	if (failure != BASE_OK)
		return failure;
	found->id = record.entry.pw_uid;
	found->group_count = PARENT_GROUPS_MOST;
	if (getgrouplist(record.entry.pw_name, record.entry.pw_gid, found->groups,
		    &found->group_count) < 0)
		return base_fail(error, BASE_TOO_LARGE, "user %s is in more than %d groups",
			record.entry.pw_name, PARENT_GROUPS_MOST);
	return BASE_OK;
}

enum base_failure
parent_check_user(struct slice user, struct base_error *error)
{
	struct user_record record = {0};

	if (slice_empty(user) || geteuid() != 0)
		return BASE_OK;
	return find_user(user, &record, error);
}

/* Rights that are given up but could be taken back are not given up. */
static bool
gone_for_good(uid_t user)
{
	return user == 0 || (setuid(0) != 0 && seteuid(0) != 0 && geteuid() == user);
}

enum base_failure
net_parent_become(struct slice user, struct base_error *error)
{
	struct user_record record = {0};

	if (slice_empty(user) || geteuid() != 0)
		return BASE_OK;
	enum base_failure failure = find_user(user, &record, error);
	if (failure != BASE_OK)
		return failure;
	const struct passwd *who = &record.entry;
	if (initgroups(who->pw_name, who->pw_gid) != 0 ||
		setresgid(who->pw_gid, who->pw_gid, who->pw_gid) != 0 ||
		setresuid(who->pw_uid, who->pw_uid, who->pw_uid) != 0)
		return base_fail(error, BASE_DENIED, "can't become user %s: %s",
			who->pw_name, strerrordesc_np(errno));
	if (!gone_for_good(who->pw_uid))
		return base_fail(error, BASE_DENIED, "root's rights can't be given up");
	return BASE_OK;
}

static enum base_failure
make_parents(char *path, struct base_error *error)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		int failed = mkdir(path, 0755) != 0 ? errno : 0;
		/* Whatever umask we were started with: the child must come through. */
		if (failed == 0 && chmod(path, 0755) != 0)
			failed = errno;
		if (failed != 0 && failed != EEXIST)
			return base_fail(error, base_failure_of_errno(failed),
				"can't make the folder %s: %s", path,
				strerrordesc_np(failed));
		*slash = '/';
	}
	return BASE_OK;
}

static enum base_failure
give(const char *path, struct slice user, struct base_error *error)
{
	struct user_record record = {0};

	if (slice_empty(user) || geteuid() != 0)
		return BASE_OK;
	enum base_failure failure = find_user(user, &record, error);
	if (failure != BASE_OK)
		return failure;
	if (lchown(path, record.entry.pw_uid, record.entry.pw_gid) != 0)
		return base_fail(error, base_failure_of_errno(errno),
			"can't give the folder %s to its user: %s", path,
			strerrordesc_np(errno));
	return BASE_OK;
}

enum base_failure
net_parent_make_folder(struct slice folder, struct slice user, struct base_error *error)
{
	char path[1024];

	if (slice_empty(folder))
		return BASE_OK;
	if (folder.length >= sizeof path)
		return base_fail(
			error, BASE_TOO_LARGE, "the data folder's name is too long");
	memcpy(path, folder.data, folder.length);
	path[folder.length] = '\0';

	enum base_failure failure = make_parents(path, error);
	if (failure != BASE_OK)
		return failure;
	if (mkdir(path, 0700) == 0)
		return give(path, user, error);
	if (errno == EEXIST)
		return BASE_OK;
	return base_fail(error, base_failure_of_errno(errno),
		"can't make the folder %s: %s", path, strerrordesc_np(errno));
}
