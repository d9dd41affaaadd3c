#include "cli/control-socket.h"
#include "base/base.h"
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 64 };

/* Only a socket: the path may be a mistake. */
static bool
remove_old(const char *path)
{
	struct stat status;
	if (lstat(path, &status))
		return errno == ENOENT;
	if (S_ISSOCK(status.st_mode))
		return unlink(path) == 0;
	errno = EEXIST;
	return false;
}

int
cli_control_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (made < 0)
		return -1;
	/* The mode is the socket's own from the first moment. */
	if (remove_old(path) && fchmod(made, 0600) == 0 &&
		bind(made, (struct sockaddr *)&address, sizeof address) == 0 &&
		listen(made, BACKLOG) == 0)
		return made;
	int failed = errno;
	close(made);
	errno = failed;
	return -1;
}
