#include "cli/control-socket.h"
#include "base/base.h"
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

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
	unlink(path);
	mode_t before = umask(0177);
	bool fine = bind(made, (struct sockaddr *)&address, sizeof address) == 0 &&
		    listen(made, 64) == 0;
	umask(before);
	if (fine)
		return made;
	int failed = errno;
	close(made);
	errno = failed;
	return -1;
}
