#include "net/walls-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Debian 12's kernel headers know ABI 2; running kernels may be newer. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

/* Before ABI 2 every link or rename into another folder fails: the store can't live so. */
enum { LANDLOCK_ABI_REFER = 2, LANDLOCK_ABI_TRUNCATE = 3 };

#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* No devices, FIFOs or symbolic links: nothing of ours makes them. */
#define WRITE_RIGHTS                                                                   \
	(READ_RIGHTS | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
		LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |         \
		LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |           \
		LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE)
#define ALL_RIGHTS                                                                  \
	(WRITE_RIGHTS | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | \
		LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |      \
		LANDLOCK_ACCESS_FS_MAKE_SYM)
/* What may be granted on something that is no folder. */
#define FILE_RIGHTS                                                     \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
		LANDLOCK_ACCESS_FS_TRUNCATE)

struct ruleset {
	int descriptor;
	uint64_t handled;
};

/* Opening with O_PATH follows links, so that the rule lies on the real file. */
static int
allow(const struct ruleset *rules, const char *path, uint64_t rights)
{
	SCOPED(scoped_close) int target = open(path, O_PATH | O_CLOEXEC);
	struct stat status;

	if (target < 0 || fstat(target, &status) != 0)
		return errno;
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights & rules->handled, .parent_fd = target};
	if (!S_ISDIR(status.st_mode))
		rule.allowed_access &= FILE_RIGHTS;
	if (syscall(SYS_landlock_add_rule, rules->descriptor, LANDLOCK_RULE_PATH_BENEATH,
		    &rule, 0) != 0)
		return errno;
	return 0;
}

/*
 * A link is often replaced together with its target (systemd-resolved writes a new
 * stub-resolv.conf): the target's folder is readable too.
 */
static void
allow_reading(const struct ruleset *rules, const char *path)
{
	struct stat status;
	char real[PATH_MAX];

	(void)allow(rules, path, READ_RIGHTS);
	if (lstat(path, &status) != 0 || !S_ISLNK(status.st_mode) ||
		realpath(path, real) == NULL)
		return;
	char *last = strrchr(real, '/');
	if (last == NULL || last == real || stat(real, &status) != 0 ||
		S_ISDIR(status.st_mode))
		return;
	*last = '\0';
	(void)allow(rules, real, READ_RIGHTS);
}

static enum base_failure
allow_all(const struct ruleset *rules, const struct net_walls *walls,
	struct base_error *error)
{
	for (size_t i = 0; walls_readable[i] != NULL; i++)
		allow_reading(rules, walls_readable[i]);
	for (size_t i = 0; i < walls->readable_count; i++)
		allow_reading(rules, walls->readable[i]);
	for (size_t i = 0; i < walls->executable_count; i++)
		(void)allow(rules, walls->executable[i],
			READ_RIGHTS | LANDLOCK_ACCESS_FS_EXECUTE);
	for (size_t i = 0; walls_writable_files[i] != NULL; i++)
		(void)allow(rules, walls_writable_files[i], WRITE_RIGHTS);
	for (size_t i = 0; i < walls->writable_count; i++) {
		int failed = allow(rules, walls->writable[i], WRITE_RIGHTS);
		if (failed != 0)
			return base_fail(error, base_failure_of_errno(failed),
				"the folder %s can't be used: %s", walls->writable[i],
				strerrordesc_np(failed));
	}
	return BASE_OK;
}

static long
kernel_abi(void)
{
	return syscall(
		SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

enum base_failure
walls_landlock(const struct net_walls *walls, struct net_walls_report *report,
	struct base_error *error)
{
	long abi = kernel_abi();

	if (abi < LANDLOCK_ABI_REFER) {
		walls_missing(
			report, "the kernel has no Landlock (5.19 or newer, lsm=landlock)");
		return BASE_OK;
	}
	struct landlock_ruleset_attr attributes = {.handled_access_fs = ALL_RIGHTS};
	if (abi < LANDLOCK_ABI_TRUNCATE)
		attributes.handled_access_fs &= ~LANDLOCK_ACCESS_FS_TRUNCATE;
	SCOPED(scoped_close)
	int descriptor = (int)syscall(
		SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
	if (descriptor < 0) {
		walls_missing(report, "Landlock: %s", strerrordesc_np(errno));
		return BASE_OK;
	}
	struct ruleset rules = {descriptor, attributes.handled_access_fs};
	enum base_failure failure = allow_all(&rules, walls, error);
	if (failure != BASE_OK)
		return failure;
	if (syscall(SYS_landlock_restrict_self, descriptor, 0) != 0)
		walls_missing(report, "Landlock: %s", strerrordesc_np(errno));
	else
		report->landlock = (unsigned)abi;
	return BASE_OK;
}
