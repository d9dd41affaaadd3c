#include "cli/serve.h"
#include "cli/control-socket.h"
#include "cli/keys.h"
#include "cli/owner.h"
#include "cli/plan.h"
#include "cli/print.h"
#include "cli/waiting.h"
#include "net/walls.h"
#include <errno.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	EXIT_BROKEN = 70,
	TRY_AGAIN_MS = 5000,
	BROKEN_POLL_MS = 500,
	LOCK_TRIES = 40,
	LOCK_WAIT_MS = 100
};

struct serving {
	const char *config_path;
	struct base_config *config; /* in force */
	struct base_config *fresh;  /* read, but its plan may still fail; or NULL */
	struct base_log *log;
	struct net_child *child;
	struct cli_ports ports;
	struct cli_server *server;
	atomic_bool broken;
};

/* --- in the parent -------------------------------------------------------------------- */

static struct base_log *
log_of(const struct base_config *config)
{
	static const char *const levels[] = {"debug", "info", "warn", "error"};
	struct slice level = base_config_text(config, "log.level", 0);
	enum base_log_level least = BASE_LOG_INFO;
	for (unsigned i = 0; i < sizeof levels / sizeof *levels; i++)
		if (slice_equal(level, slice_of_text(levels[i])))
			least = (enum base_log_level)i;
	bool json = slice_equal(base_config_text(config, "log.form", 0), SLICE("json"));
	return base_log_create(
		STDERR_FILENO, json ? BASE_LOG_JSON : BASE_LOG_KEY_VALUE, least);
}

static enum base_failure
read_plan(void *argument, struct arena *arena, struct net_plan *plan,
	struct base_error *error)
{
	struct serving *serving = argument;
	base_config_destroy(serving->fresh);
	serving->fresh = NULL;
	enum base_failure failure =
		base_config_read(serving->config_path, cli_keys, &serving->fresh, error);
	return failure ? failure : cli_plan_make(serving->fresh, arena, plan, error);
}

static void
plan_taken(void *argument)
{
	struct serving *serving = argument;
	SCOPED(buffer_free) struct buffer changed = buffer_with(4096);
	cli_keys_changed(serving->config, serving->fresh, &changed);
	if (changed.length)
		LOG(serving->log, BASE_LOG_WARN, "serve.needs-restart",
			LOG_TEXT("keys", buffer_slice(&changed)));
	base_config_destroy(serving->config);
	serving->config = serving->fresh;
	serving->fresh = NULL;
}

/* --- beginning ------------------------------------------------------------------------ */

static enum base_failure
listen_control(const struct serving *serving, struct base_error *error)
{
	const char *path = cli_control_path(serving->config, serving->server->arena);
	int made = cli_control_socket(path);
	if (made < 0)
		return base_fail(error, BASE_UNAVAILABLE,
			"the control socket %s can't be made: %s; see \"control\" in the "
			"configuration",
			path, strerror(errno));
	return cli_server_listen(serving->server, SLICE("control none"), made, error);
}

static void
store_broken(void *argument)
{
	struct serving *serving = argument;
	atomic_store(&serving->broken, true);
}

static enum base_failure
raise_walls(const struct serving *serving, struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	char *control =
		arena_text(arena, slice_of_text(cli_control_path(serving->config, arena)));
	char *last = strrchr(control, '/');
	if (last && last != control)
		*last = 0;
	const char *writable[] = {
		arena_text(arena, base_config_text(serving->config, "data", 0)), control};
	struct net_walls_report report;
	enum base_failure failure =
		net_walls_raise(&(struct net_walls){.writable = writable,
					.writable_count = 2,
					.readable = &serving->config_path,
					.readable_count = 1},
			&report, error);
	if (!failure && report.missing[0])
		LOG(serving->log, BASE_LOG_WARN, "serve.walls-missing",
			LOG_STRING("what", report.missing));
	return failure;
}

static enum base_failure
open_server(struct serving *serving, struct base_error *error)
{
	return cli_server_open(&(struct cli_server_settings){.config = serving->config,
				       .log = serving->log,
				       .blame = net_child_blame(serving->child),
				       .helper = net_child_helper(serving->child),
				       .on_broken = store_broken,
				       .on_broken_argument = serving},
		&serving->server, error);
}

/* Before there is a server to reload. */
static enum net_child_event
wait_early(struct serving *serving, int timeout_ms)
{
	enum net_child_event event = net_child_wait(serving->child, timeout_ms);
	if (event != NET_CHILD_RELOAD)
		return event;
	cli_ports_take(&serving->ports, net_child_handover(serving->child), NULL);
	net_child_ready(serving->child);
	return event;
}

/* One that was killed may still be dying, with the store's lock in its hands. */
static enum base_failure
open_after_the_dying(struct serving *serving, struct base_error *error)
{
	enum base_failure failure = open_server(serving, error);
	for (int tries = 0; failure == BASE_CONFLICT && tries < LOCK_TRIES; tries++) {
		if (wait_early(serving, LOCK_WAIT_MS) == NET_CHILD_STOP)
			break;
		failure = open_server(serving, error);
	}
	return failure;
}

static struct cli_certificates
certificates_of(
	const struct serving *serving, struct base_clock *clock, struct arena *arena)
{
	return (struct cli_certificates){.config = serving->config,
		.child = serving->child,
		.log = serving->log,
		.clock = clock,
		.host_name = cli_host_name(serving->config, arena)};
}

/* Nothing is wrong with the one that is told again and again. */
static void
say_not_opened(const struct serving *serving, const struct base_error *error,
	struct base_error *said)
{
	if (strcmp(error->text, said->text) != 0)
		LOG(serving->log, BASE_LOG_ERROR, "serve.not-opened",
			LOG_STRING("why", error->text));
	*said = *error;
}

/*
 * Tries again and again, and says so to everybody meanwhile. To the parent, and to systemd,
 * we are up: starting us anew would help nobody.
 */
static bool
wait_for_store(struct serving *serving, struct base_error *said)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct base_clock *clock = base_clock_create();
	struct cli_certificates certificates = certificates_of(serving, clock, arena);
	struct cli_waiting *waiting = cli_waiting_begin(&serving->ports, &certificates);
	enum net_child_event event;
	bool opened = false;
	net_child_ready(serving->child);
	while (!opened && (event = wait_early(serving, TRY_AGAIN_MS)) != NET_CHILD_STOP) {
		struct base_error error = {0};
		if (event == NET_CHILD_RELOAD) {
			cli_waiting_end(waiting);
			cli_ports_take(
				&serving->ports, net_child_handover(serving->child), NULL);
			waiting = cli_waiting_begin(&serving->ports, &certificates);
			net_child_ready(serving->child);
		}
		opened = open_server(serving, &error) == BASE_OK;
		if (!opened)
			say_not_opened(serving, &error, said);
	}
	cli_waiting_end(waiting);
	base_clock_destroy(clock);
	return opened;
}

/* False: we are to stop, or waiting would not help. */
static bool
open_until_it_works(struct serving *serving)
{
	struct base_error error = {0}, said = {0};
	enum base_failure failure = open_after_the_dying(serving, &error);
	if (!failure)
		return true;
	say_not_opened(serving, &error, &said);
	if (failure == BASE_CONFLICT || failure == BASE_INVALID ||
		!wait_for_store(serving, &said))
		return false;
	LOG(serving->log, BASE_LOG_INFO, "serve.opened-at-last");
	return true;
}

/* --- serving -------------------------------------------------------------------------- */

static enum base_failure
set_certificates(const struct serving *serving, struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct cli_certificates certificates =
		certificates_of(serving, serving->server->clock, arena);
	enum base_failure failure =
		cli_certificates_set(&certificates, serving->server->net, error);
	if (!failure || !net_child_culprit(serving->child))
		return failure;
	/* A reload brought them, and a crash after it must not leave us without ports. */
	LOG(serving->log, BASE_LOG_ERROR, "serve.certificates-refused",
		LOG_STRING("why", error->text));
	return cli_certificates_set_own(&certificates, serving->server->net, error);
}

/* What killed the child before this one must not do it a third time. */
static void
note_culprit(struct serving *serving)
{
	const struct net_culprit *culprit = net_child_culprit(serving->child);
	if (!culprit)
		return;
	LOG(serving->log, BASE_LOG_ERROR, "serve.restarted-after-crash",
		LOG_NUMBER("signal", culprit->signal), LOG_STRING("kind", culprit->kind),
		LOG_STRING("carried", culprit->id));
	if (slice_equal(slice_of_text(culprit->kind), SLICE("queue")))
		base_ticket_drop(
			relay_blamed(serving->server->relay, slice_of_text(culprit->id)));
}

static enum base_failure
start(struct serving *serving, struct base_error *error)
{
	enum base_failure failure = set_certificates(serving, error);
	if (failure)
		return failure;
	note_culprit(serving);
	cli_ports_listen(&serving->ports, serving->server, serving->log);
	failure = listen_control(serving, error);
	return failure ? failure : cli_server_start(serving->server, error);
}

/* Certificates that are no good leave the old ones in force; ports change all the same. */
static void
reload(struct serving *serving)
{
	struct base_error error = {0};
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct cli_certificates certificates =
		certificates_of(serving, serving->server->clock, arena);
	enum base_failure failure =
		cli_certificates_set(&certificates, serving->server->net, &error);
	cli_ports_take(
		&serving->ports, net_child_handover(serving->child), serving->server);
	cli_ports_listen(&serving->ports, serving->server, serving->log);
	if (failure)
		LOG(serving->log, BASE_LOG_ERROR, "serve.certificates-refused",
			LOG_STRING("why", error.text));
	else
		LOG(serving->log, BASE_LOG_INFO, "serve.reloaded");
	net_child_ready(serving->child);
}

static int
serve_until_told(struct serving *serving)
{
	for (;;) {
		enum net_child_event event = net_child_wait(serving->child, BROKEN_POLL_MS);
		if (atomic_load(&serving->broken)) {
			LOG(serving->log, BASE_LOG_ERROR, "serve.store-broken");
			_exit(EXIT_BROKEN);
		}
		if (event == NET_CHILD_STOP)
			return 0;
		if (event == NET_CHILD_RELOAD)
			reload(serving);
	}
}

static void
say_ready(const struct serving *serving)
{
	static const char ready[] = "ready\n";
	LOG(serving->log, BASE_LOG_INFO, "serve.ready",
		LOG_TEXT("host", serving->server->admin.host_name));
	if (write(STDOUT_FILENO, ready, sizeof ready - 1) < 0)
		LOG(serving->log, BASE_LOG_DEBUG, "serve.no-stdout");
	net_child_ready(serving->child);
}

/* All mail lies there. */
static void
look_at_folder(const struct serving *serving)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct stat status;
	const char *path = arena_text(arena, base_config_text(serving->config, "data", 0));
	if (stat(path, &status) == 0 && status.st_mode & 077)
		LOG(serving->log, BASE_LOG_WARN, "serve.folder-open",
			LOG_STRING("folder", path),
			LOG_STRING("hint", "others may look into it: chmod 700"));
}

static int
child_main(void *argument, struct net_child *child)
{
	struct serving *serving = argument;
	struct base_error error = {0};
	serving->child = child;
	cli_ports_take(&serving->ports, net_child_handover(child), NULL);
	look_at_folder(serving);
	enum base_failure failure = raise_walls(serving, &error);
	if (!failure) {
		if (!open_until_it_works(serving))
			return NET_CHILD_EXIT_NO_RETRY;
		failure = start(serving, &error);
	}
	if (failure) {
		LOG(serving->log, BASE_LOG_ERROR, "serve.not-started",
			LOG_STRING("why", error.text));
		cli_server_close(serving->server);
		return NET_CHILD_EXIT_NO_RETRY;
	}
	say_ready(serving);
	int code = serve_until_told(serving);
	cli_server_close(serving->server);
	return code;
}

/* What is wrong with it is said in the person's words, before there is a log. */
static enum base_failure
read_config(struct serving *serving, struct base_error *error)
{
	struct net_plan plan;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	enum base_failure failure =
		base_config_read(serving->config_path, cli_keys, &serving->config, error);
	if (!failure)
		failure = cli_plan_make(serving->config, arena, &plan, error);
	return failure ? failure : cli_owner_check(serving->config, error);
}

int
cli_serve(const struct cli_words *words)
{
	struct serving serving = {.config_path = words->config_path};
	struct base_error error = {0};
	if (read_config(&serving, &error)) {
		cli_print_error(words->voice, error.failure, error.text);
		base_config_destroy(serving.config);
		return NET_PARENT_EXIT_FAILED;
	}
	serving.log = log_of(serving.config);
	int code = net_parent_run(&(struct net_parent){.read_plan = read_plan,
		.plan_taken = plan_taken,
		.child_main = child_main,
		.argument = &serving,
		.log = serving.log});
	base_config_destroy(serving.config);
	base_log_destroy(serving.log);
	return code;
}
