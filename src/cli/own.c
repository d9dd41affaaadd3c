#include "cli/own.h"
#include "cli/server.h"
#include "net/parent.h"
#include "net/walls.h"
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- the child -------------------------------------------------------------------------
 */

struct birth {
	const struct base_config *config;
	const char *config_path;
	bool storeless;
	int life, session;
};

/* A Ctrl-C goes to both of us; the person's side decides what it means. */
static void
leave_signals_to_the_parent(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
}

static enum base_failure
raise_walls(const struct birth *birth, const char *folder, struct base_error *error)
{
	struct net_walls_report report;
	const char *writable[] = {folder};
	return net_walls_raise(&(struct net_walls){.writable = writable,
				       .writable_count = 1,
				       .readable = &birth->config_path,
				       .readable_count = 1},
		&report, error);
}

/*
 * The store's files stay its owner's: the configuration's user, or else whoever ran the
 * server so far.
 */
static enum base_failure
become_owner(const char *folder, struct slice user, struct base_error *error)
{
	struct stat status;
	const struct passwd *owner = NULL;
	if (geteuid() != 0 || !slice_empty(user) || stat(folder, &status) ||
		status.st_uid == 0)
		return net_parent_become(user, error);
	owner = getpwuid(status.st_uid);
	if (!owner)
		return base_fail(error, BASE_NOT_FOUND,
			"%s belongs to user %u, whom this machine does not know", folder,
			status.st_uid);
	return net_parent_become(slice_of_text(owner->pw_name), error);
}

static enum base_failure
take_rights(const struct birth *birth, struct arena *arena, struct base_error *error)
{
	struct slice folder = base_config_text(birth->config, "data", 0);
	struct slice user = base_config_text(birth->config, "user", 0);
	const char *path = arena_text(arena, folder);
	enum base_failure failure = net_parent_make_folder(folder, user, error);
	if (!failure)
		failure = become_owner(path, user, error);
	if (!failure)
		failure = raise_walls(birth, path, error);
	return failure;
}

static enum base_failure
open_and_serve(
	const struct birth *birth, struct cli_server **server, struct base_error *error)
{
	struct base_log *log =
		base_log_create(STDERR_FILENO, BASE_LOG_KEY_VALUE, BASE_LOG_WARN);
	enum base_failure failure =
		cli_server_open(&(struct cli_server_settings){.config = birth->config,
					.log = log,
					.quiet = true,
					.storeless = birth->storeless,
					.helper = -1},
			server, error);
	if (!failure)
		failure = cli_server_start_quietly(*server, error);
	if (!failure)
		failure = cli_server_adopt_control(*server, birth->session, error);
	return failure;
}

_Noreturn static void
live(const struct birth *birth)
{
	struct base_error error = {0};
	struct cli_server *server = NULL;
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	char byte;
	leave_signals_to_the_parent();
	enum base_failure failure = take_rights(birth, arena, &error);
	if (!failure)
		failure = open_and_serve(birth, &server, &error);
	if (send(birth->life, &error, sizeof error, MSG_NOSIGNAL) != sizeof error)
		failure = BASE_CANCELLED;
	while (!failure && read(birth->life, &byte, 1) < 0 && errno == EINTR)
		continue;
	cli_server_close(server);
	_exit(failure != BASE_OK);
}

/* --- the parent ------------------------------------------------------------------------
 */

static void
close_pair(int pair[2])
{
	scoped_close(&pair[0]);
	scoped_close(&pair[1]);
}

static enum base_failure
hear_birth(struct cli_own *own, struct base_error *error)
{
	struct base_error said;
	ssize_t got;
	while ((got = recv(own->life, &said, sizeof said, 0)) < 0 && errno == EINTR)
		continue;
	if (got == (ssize_t)sizeof said) {
		*error = said;
		return said.failure;
	}
	return base_fail(error, BASE_UNAVAILABLE,
		"the process that opens the store died at once; the kernel's log may say "
		"why");
}

enum base_failure
cli_own_start(const struct base_config *config, const char *config_path, bool storeless,
	struct cli_own *own, int *socket, struct base_error *error)
{
	int life[2] = {-1, -1}, session[2] = {-1, -1};
	*own = (struct cli_own){.life = -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, life) ||
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, session) ||
		(own->process = fork()) < 0) {
		close_pair(life);
		close_pair(session);
		own->process = 0;
		return base_fail(error, BASE_UNAVAILABLE, "no process for the store: %s",
			strerror(errno));
	}
	if (own->process == 0) {
		close(life[0]);
		close(session[0]);
		live(&(struct birth){config, config_path, storeless, life[1], session[1]});
	}
	close(life[1]);
	close(session[1]);
	own->life = life[0];
	*socket = session[0];
	enum base_failure failure = hear_birth(own, error);
	if (failure) {
		scoped_close(socket);
		cli_own_end(own);
	}
	return failure;
}

void
cli_own_end(struct cli_own *own)
{
	scoped_close(&own->life);
	while (own->process > 0 && waitpid(own->process, NULL, 0) < 0 && errno == EINTR)
		continue;
	own->process = 0;
}
