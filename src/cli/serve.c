#include "cli/serve.h"
#include "cli/control-socket.h"
#include "cli/keys.h"
#include "cli/plan.h"
#include "cli/server.h"
#include "cli/waiting.h"
#include "net/certificate.h"
#include "net/walls.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

enum {
	EXIT_BROKEN = 70,
	TRY_AGAIN_MS = 5000,
	BROKEN_POLL_MS = 500,
	LOCK_TRIES = 40,
	LOCK_WAIT_MS = 100,
	SELF_SIGNED_SECONDS = 10 * 365 * 24 * 3600
};

struct serving {
	const char *config_path;
	struct base_config *config; /* as it was read last */
	struct base_log *log;
	struct net_child *child;
	struct cli_server *server;
	atomic_bool broken;
};

/* --- in the parent -----------------------------------------------------------------------
 */

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
	struct base_config *config = NULL;
	enum base_failure failure =
		base_config_read(serving->config_path, cli_keys, &config, error);
	if (!failure)
		failure = cli_plan_make(config, arena, plan, error);
	if (failure) {
		base_config_destroy(config);
		return failure;
	}
	/* The plan's texts are the configuration's; the former plan is done with. */
	base_config_destroy(serving->config);
	serving->config = config;
	return BASE_OK;
}

/* --- certificates
 * -------------------------------------------------------------------------- */

static void
keep_file(const struct serving *serving, struct arena *arena, const char *name,
	struct slice text)
{
	const char *path = cli_data_path(serving->config, arena, name);
	SCOPED(scoped_close)
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0 || write(file, text.data, text.length) != (ssize_t)text.length)
		LOG(serving->log, BASE_LOG_WARN, "serve.not-kept",
			LOG_STRING("file", path));
}

/* A first start without a certificate: encrypted, though nobody vouches for us yet. */
static enum base_failure
make_self_signed(const struct serving *serving, struct arena *arena,
	struct net_certificate *certificate, struct base_error *error)
{
	int64_t now = base_clock_wall_ms(serving->server->clock) / 1000;
	struct slice name = serving->server->admin.host_name;
	enum base_failure failure = net_certificate_self_signed(&name, 1,
		(struct net_certificate_times){now - 3600, now + SELF_SIGNED_SECONDS},
		arena, &certificate->chain, &certificate->key, error);
	if (failure)
		return failure;
	certificate->name = SLICE(CLI_SELF_SIGNED_CHAIN);
	keep_file(serving, arena, CLI_SELF_SIGNED_CHAIN, certificate->chain);
	keep_file(serving, arena, CLI_SELF_SIGNED_KEY, certificate->key);
	LOG(serving->log, BASE_LOG_WARN, "serve.self-signed", LOG_TEXT("name", name),
		LOG_STRING("hint",
			"name a certificate in the group tls of the configuration"));
	return BASE_OK;
}

static enum base_failure
set_certificates(const struct serving *serving, struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct net_certificate certificates[NET_PLAN_FILES_MOST / 2];
	size_t count = 0;
	for (size_t i = 0; i < NET_PLAN_FILES_MOST / 2; i++) {
		struct slice name = arena_printf(arena, "chain:%zu", i);
		struct slice chain = net_child_file(serving->child, name);
		struct slice key =
			net_child_file(serving->child, arena_printf(arena, "key:%zu", i));
		if (slice_absent(chain) || slice_absent(key))
			break;
		certificates[count++] =
			(struct net_certificate){.name = name, .chain = chain, .key = key};
	}
	if (count == 0) {
		enum base_failure failure =
			make_self_signed(serving, arena, &certificates[count++], error);
		if (failure)
			return failure;
	}
	return net_set_certificates(serving->server->net, certificates, count, error);
}

/* --- listeners
 * ------------------------------------------------------------------------------- */

static enum base_failure
listen_handed(const struct serving *serving, struct base_error *error)
{
	const struct net_handover *handover = net_child_handover(serving->child);
	for (size_t i = 0; i < handover->listener_count; i++) {
		const struct net_handed_listener *handed = &handover->listeners[i];
		char address[NET_ADDRESS_TEXT_MOST];
		if (handed->descriptor < 0)
			continue;
		enum base_failure failure = cli_server_listen(
			serving->server, handed->name, handed->descriptor, error);
		if (failure)
			return failure;
		LOG(serving->log, BASE_LOG_INFO, "serve.listens",
			LOG_TEXT("what", handed->name),
			LOG_TEXT("address",
				net_address_text_port(&handed->address, address)));
	}
	return BASE_OK;
}

static enum base_failure
listen_control(const struct serving *serving, struct base_error *error)
{
	const char *path = cli_control_path(serving->config, serving->server->arena);
	int made = cli_control_socket(path);
	if (made < 0)
		return base_fail(error, BASE_UNAVAILABLE,
			"the control socket %s can't be made; is the folder there, is the "
			"path "
			"shorter than 108 bytes?",
			path);
	return cli_server_listen(serving->server, SLICE("control none"), made, error);
}

/* --- the child
 * -------------------------------------------------------------------------------- */

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
				       .on_broken = store_broken,
				       .on_broken_argument = serving},
		&serving->server, error);
}

/* One that was killed may still be dying, with the store's lock in its hands. */
static enum base_failure
open_after_the_dying(struct serving *serving, struct base_error *error)
{
	enum base_failure failure = open_server(serving, error);
	for (int tries = 0; failure == BASE_CONFLICT && tries < LOCK_TRIES; tries++) {
		if (net_child_wait(serving->child, LOCK_WAIT_MS) == NET_CHILD_STOP)
			break;
		failure = open_server(serving, error);
	}
	return failure;
}

/* A store that can't be opened now may be so later: meanwhile we say so to everybody. */
static bool
open_until_it_works(struct serving *serving)
{
	struct base_error error = {0};
	enum base_failure failure = open_after_the_dying(serving, &error);
	if (!failure)
		return true;
	LOG(serving->log, BASE_LOG_ERROR, "serve.not-opened",
		LOG_STRING("why", error.text));
	if (failure == BASE_CONFLICT || failure == BASE_INVALID)
		return false;
	struct cli_waiting *waiting =
		cli_waiting_begin(net_child_handover(serving->child), serving->log);
	while (failure) {
		if (net_child_wait(serving->child, TRY_AGAIN_MS) == NET_CHILD_STOP)
			break;
		failure = open_server(serving, &error);
	}
	cli_waiting_end(waiting);
	return !failure;
}

static enum base_failure
start(struct serving *serving, struct base_error *error)
{
	enum base_failure failure = set_certificates(serving, error);
	if (!failure)
		failure = listen_handed(serving, error);
	if (!failure)
		failure = listen_control(serving, error);
	if (!failure)
		failure = cli_server_start(serving->server, error);
	return failure;
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

static void
reload(struct serving *serving)
{
	struct base_error error = {0};
	enum base_failure failure = set_certificates(serving, &error);
	if (!failure)
		failure = listen_handed(serving, &error);
	if (failure)
		LOG(serving->log, BASE_LOG_ERROR, "serve.reload-failed",
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

static int
child_main(void *argument, struct net_child *child)
{
	struct serving *serving = argument;
	struct base_error error = {0};
	serving->child = child;
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
	note_culprit(serving);
	say_ready(serving);
	int code = serve_until_told(serving);
	cli_server_close(serving->server);
	return code;
}

int
cli_serve(const char *config_path)
{
	struct serving serving = {.config_path = config_path};
	struct base_error error = {0};
	if (base_config_read(config_path, cli_keys, &serving.config, &error)) {
		dprintf(STDERR_FILENO, "troika: %s\n", error.text);
		return NET_PARENT_EXIT_FAILED;
	}
	serving.log = log_of(serving.config);
	int code = net_parent_run(&(struct net_parent){.read_plan = read_plan,
		.child_main = child_main,
		.argument = &serving,
		.log = serving.log});
	base_config_destroy(serving.config);
	base_log_destroy(serving.log);
	return code;
}
