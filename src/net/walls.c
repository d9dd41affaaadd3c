#include "net/walls.h"

#include "net/walls-internal.h"
#include <errno.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void
walls_missing(struct net_walls_report *report, const char *format, ...)
{
	size_t used = strlen(report->missing);
	va_list arguments;

	if (used > 0 && used + 2 < sizeof report->missing) {
		memcpy(report->missing + used, "; ", 3);
		used += 2;
	}
	va_start(arguments, format);
	vsnprintf(report->missing + used, sizeof report->missing - used, format, arguments);
	va_end(arguments);
}

static void
raise_descriptors(struct net_walls_report *report)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		report->descriptors = limit.rlim_cur;
}

static void
forbid_dumps(struct net_walls_report *report)
{
	struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
		walls_missing(report, "core files: %s", strerrordesc_np(errno));
}

enum base_failure
net_walls_raise(const struct net_walls *walls, struct net_walls_report *report,
	struct base_error *error)
{
	ASSERT(walls->writable_count <= NET_WALLS_PATHS_MOST);
	ASSERT(walls->readable_count <= NET_WALLS_PATHS_MOST);
	ASSERT(walls->executable_count <= NET_WALLS_PATHS_MOST);
	*report = (struct net_walls_report){0};

	/* Landlock and seccomp ask for it; no set-user-ID program can give rights back. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		walls_missing(report, "no_new_privs: %s", strerrordesc_np(errno));
	enum base_failure failure = walls_landlock(walls, report, error);
	if (failure != BASE_OK)
		return failure;
	raise_descriptors(report);
	if (!walls->dumpable)
		forbid_dumps(report);
	walls_seccomp(walls, report);
	return BASE_OK;
}
