#include "cli/server.h"
#include "cli/attachments.h"
#include "cli/values.h"
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	QUIET_WORKERS = 2,
	CHORES_PERIOD = 10 * 1000,
	COLLECT_PERIOD = 60 * 1000,
	DRAIN_MOST = 5 * 1000, /* with the 30 s of net within what the parent grants */
	COLLECT_BUDGET = 64 * 1024 * 1024
};

/* --- what the configuration says to each room --------------------------------------------
 */

static enum base_failure
open_store(struct cli_server *server, const struct cli_server_settings *settings,
	struct base_error *error)
{
	const struct base_config *config = server->config;
	return store_open(
		&(struct store_settings){
			.folder = cli_data_path(config, server->arena, "store"),
			.reserve_bytes =
				(uint64_t)base_config_number(config, "store.reserve", 0),
			.last_reserve_bytes = (uint64_t)base_config_number(
				config, "store.last_reserve", 0),
			.cache_bytes =
				(uint64_t)base_config_number(config, "store.cache", 0),
			.clock = server->clock,
			.log = server->log,
			.metrics = server->metrics,
			.on_broken = settings->on_broken,
			.on_broken_argument = settings->on_broken_argument},
		&server->store, error);
}

static enum base_failure
open_post(struct cli_server *server, struct base_error *error)
{
	const struct base_config *config = server->config;
	return post_open(&(struct post_settings){.store = server->store,
				 .clock = server->clock,
				 .log = server->log,
				 .metrics = server->metrics,
				 .host_name = server->admin.host_name,
				 .keep_expunged_ms = (uint64_t)base_config_number(
					 config, "store.keep_expunged", 0),
				 .letters_per_hour = (uint32_t)base_config_number(
					 config, "limits.letters_per_hour", 0),
				 .message_size_most = (uint64_t)base_config_number(
					 config, "limits.message_size", 0),
				 .receiving_memory = (uint64_t)base_config_number(
					 config, "limits.receiving_memory", 0),
				 .attached = cli_attachment_runner(server)},
		&server->post, error);
}

static uint32_t
limit(const struct cli_server *server, const char *key)
{
	return (uint32_t)base_config_number(server->config, key, 0);
}

static enum base_failure
open_net(struct cli_server *server, const struct cli_server_settings *settings,
	struct base_error *error)
{
	return net_create(
		&(struct net_settings){.workers = settings->quiet
							  ? QUIET_WORKERS
							  : limit(server, "workers"),
			.lane_threads[NET_LANE_DELIVERY] =
				RELAY_THREADS(limit(server, "relay.connections")),
			.budgets = {.connections_per_address =
					    limit(server, "limits.sessions_per_address"),
				.connections_per_network =
					limit(server, "limits.sessions_per_network"),
				.connections_per_second =
					limit(server, "limits.new_sessions_per_second"),
				.sessions = limit(server, "limits.sessions")},
			.clock = server->clock,
			.log = server->log,
			.metrics = server->metrics,
			.blame = settings->blame},
		&server->net, error);
}

static enum base_failure
open_door(struct cli_server *server, struct base_error *error)
{
	struct net_network *networks;
	size_t count;
	enum base_failure failure =
		cli_clear_networks(server->config, server->arena, &networks, &count, error);
	if (failure)
		return failure;
	return door_create(&(struct door_settings){.post = server->post,
				   .net = server->net,
				   .clock = server->clock,
				   .log = server->log,
				   .metrics = server->metrics,
				   .clear_networks = networks,
				   .clear_network_count = count,
				   .failures_per_hour = limit(
					   server, "limits.wrong_passwords_per_hour")},
		&server->door, error);
}

static enum net_resolver_way
resolver_way(const struct base_config *config)
{
	struct slice way = base_config_text(config, "resolver.way", 0);
	if (slice_equal(way, SLICE("servers")))
		return NET_RESOLVE_SERVERS;
	return slice_equal(way, SLICE("recursive")) ? NET_RESOLVE_RECURSIVE
						    : NET_RESOLVE_SYSTEM;
}

static enum base_failure
open_resolver(struct cli_server *server, struct base_error *error)
{
	const struct base_config *config = server->config;
	struct slice *zones, *records;
	struct net_resolver_settings settings = {.way = resolver_way(config),
		.hosts = "/etc/hosts",
		.validate = base_config_switch(config, "resolver.validate", 0),
		.clock = server->clock,
		.metrics = server->metrics};
	settings.zone_count =
		base_config_texts(config, "resolver.zones", 0, server->arena, &zones);
	settings.record_count =
		base_config_texts(config, "resolver.records", 0, server->arena, &records);
	settings.zones = zones;
	settings.records = records;
	struct net_address *servers;
	enum base_failure failure = cli_resolver_servers(
		config, server->arena, &servers, &settings.server_count, error);
	settings.servers = servers;
	return failure ? failure : net_resolver_create(&settings, &server->resolver, error);
}

static enum base_failure
open_relay(struct cli_server *server, struct net_blame *blame, struct base_error *error)
{
	const struct base_config *config = server->config;
	return relay_open(
		&(struct relay_settings){.post = server->post,
			.net = server->net,
			.resolver = server->resolver,
			.clock = server->clock,
			.log = server->log,
			.metrics = server->metrics,
			.host_name = server->admin.host_name,
			.expire_ms =
				(uint64_t)base_config_number(config, "relay.expire", 0),
			.warn_ms = (uint64_t)base_config_number(config, "relay.warn", 0),
			.connections_most = limit(server, "relay.connections"),
			.connections_per_destination =
				limit(server, "relay.connections_per_destination"),
			.port = (uint16_t)limit(server, "relay.port"),
			.blame = blame},
		&server->relay, error);
}

/* --- what the front ends are handed ------------------------------------------------------
 */

static struct smtpd_context
smtp_context(const struct cli_server *server, enum smtpd_role role)
{
	return (struct smtpd_context){.role = role,
		.post = server->post,
		.door = server->door,
		.relay = server->relay,
		.clock = server->clock,
		.log = server->log,
		.host_name = server->admin.host_name,
		.message_size_most = (uint64_t)base_config_number(
			server->config, "limits.message_size", 0),
		.recipients_most = limit(server, "limits.recipients"),
		.sessions_per_account = limit(server, "limits.sessions_per_account"),
		.metrics = smtpd_metrics_register(server->metrics)};
}

/* Live as long as the server. */
static void
make_clients(struct cli_server *server)
{
	const struct base_config *config = server->config;
	size_t count = base_config_count(config, "imap.client");
	struct imapd_client *clients =
		ARENA_MANY(server->arena, struct imapd_client, count ? count : 1);
	for (size_t i = 0; i < count; i++)
		clients[i] = (struct imapd_client){
			.name = base_config_text(config, "imap.client[].name", i),
			.version = base_config_text(config, "imap.client[].version", i),
			.hidden = base_config_text(config, "imap.client[].hide", i),
			.deaf = base_config_switch(
				config, "imap.client[].repeat_new_mail", i)};
	server->imap.clients = clients;
	server->imap.client_count = count;
}

static void
make_contexts(struct cli_server *server)
{
	server->exchange = smtp_context(server, SMTPD_EXCHANGE);
	server->submission = smtp_context(server, SMTPD_SUBMISSION);
	server->imap = (struct imapd_context){.post = server->post,
		.hidden = base_config_text(server->config, "imap.hide", 0),
		.comment = base_config_text(server->config, "imap.comment", 0),
		.administrator = base_config_text(server->config, "imap.administrator", 0),
		.door = server->door,
		.clock = server->clock,
		.log = server->log,
		.host_name = server->admin.host_name,
		.message_size_most = server->exchange.message_size_most,
		.message_limit = limit(server, "imap.message_limit"),
		.save_limit = limit(server, "imap.save_limit"),
		.sessions_per_account = limit(server, "limits.sessions_per_account"),
		.metrics = imapd_metrics_register(server->metrics)};
	server->imap.texts = server->imap_texts = imapd_texts_load();
	make_clients(server);
	server->pop = (struct popd_context){.post = server->post,
		.door = server->door,
		.log = server->log,
		.metrics = server->metrics};
	server->http = (struct httpd_context){.metrics = server->metrics};
}

static void
make_admin(struct cli_server *server)
{
	server->admin.post = server->post;
	server->admin.door = server->door;
	server->admin.relay = server->relay;
	server->admin.net = server->net;
	server->admin.store = server->store;
	if (!server->store)
		return;
	server->admin.trace = admin_trace_create(server->store, server->clock,
		(uint64_t)base_config_number(server->config, "log.trace_keep", 0));
	base_log_set_tap(server->log, admin_trace_tap, server->admin.trace);
}

/* On the committer's thread. */
static void
account_removed(void *argument, struct slice address)
{
	struct cli_server *server = argument;
	net_dismiss_account(server->net, address);
}

/* --- together ----------------------------------------------------------------------------
 */

static enum base_failure
open_rooms(struct cli_server *server, const struct cli_server_settings *settings,
	struct base_error *error)
{
	if (settings->storeless)
		return open_net(server, settings, error);
	enum base_failure failure = open_store(server, settings, error);
	if (!failure)
		failure = open_post(server, error);
	if (!failure)
		failure = open_net(server, settings, error);
	if (!failure)
		failure = open_door(server, error);
	if (!failure)
		post_on_removed(server->post, account_removed, server);
	if (!failure)
		failure = open_resolver(server, error);
	if (!failure)
		failure = open_relay(server, settings->blame, error);
	return failure;
}

static struct net_helper *
helper_of(const struct cli_server_settings *settings)
{
	size_t count;
	const struct net_program *programs = cli_attachment_programs(&count);
	if (settings->helper < 0 ||
		!base_config_switch(settings->config, "search.attachments", 0))
		return NULL;
	return net_helper_create(settings->helper, programs, count);
}

static struct cli_server *
server_new(const struct cli_server_settings *settings)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct cli_server *server = ARENA_NEW(arena, struct cli_server);
	server->arena = arena;
	server->config = settings->config;
	server->log = settings->log;
	server->clock = base_clock_create();
	server->metrics = base_metrics_create();
	server->helper = helper_of(settings);
	server->admin = (struct admin){.clock = server->clock,
		.log = server->log,
		.metrics = server->metrics,
		.config = server->config,
		.host_name = cli_host_name(server->config, arena)};
	return server;
}

enum base_failure
cli_server_open(const struct cli_server_settings *settings, struct cli_server **server,
	struct base_error *error)
{
	struct cli_server *opened = server_new(settings);
	*server = NULL;
	enum base_failure failure = open_rooms(opened, settings, error);
	if (failure) {
		cli_server_close(opened);
		return failure;
	}
	make_admin(opened);
	if (!settings->storeless)
		make_contexts(opened);
	*server = opened;
	return BASE_OK;
}

/* --- listeners ---------------------------------------------------------------------------
 */

struct slice
cli_listener_word(struct arena *arena, struct slice protocol, struct slice tls)
{
	return arena_printf(arena, "%.*s %.*s", SLICE_ARG(protocol), SLICE_ARG(tls));
}

static bool
fill_protocol(struct cli_server *server, struct slice name,
	struct net_listener_settings *listener)
{
	const struct {
		struct slice name;
		const struct net_protocol *protocol;
		void *owner;
	} table[] = {{SLICE("smtp"), &smtpd_protocol, &server->exchange},
		{SLICE("submission"), &smtpd_protocol, &server->submission},
		{SLICE("imap"), &imapd_protocol, &server->imap},
		{SLICE("pop3"), &popd_protocol, &server->pop},
		{SLICE("metrics"), &httpd_protocol, &server->http},
		{SLICE("control"), &admin_protocol, &server->admin}};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (slice_equal(name, table[i].name)) {
			listener->protocol = table[i].protocol;
			listener->owner = table[i].owner;
			return true;
		}
	return false;
}

enum base_failure
cli_server_listen(struct cli_server *server, struct slice word, int descriptor,
	struct base_error *error)
{
	SCOPED(scoped_close) int owned = descriptor;
	struct slice tls = word;
	struct slice protocol = slice_cut(&tls, ' ');
	struct net_listener_settings listener = {
		.name = arena_text(server->arena, protocol),
		.descriptor = descriptor,
		.implicit_tls = slice_equal(tls, SLICE("implicit")),
		.offers_tls = slice_equal(tls, SLICE("starttls"))};
	if (!fill_protocol(server, protocol, &listener))
		return base_fail(error, BASE_INVALID, "no protocol is called \"%.*s\"",
			SLICE_ARG(protocol));
	owned = -1;
	return net_listen(server->net, &listener, error);
}

void
cli_server_unlisten(struct cli_server *server, int descriptor)
{
	ASSERT(net_unlisten(server->net, descriptor));
}

enum base_failure
cli_server_adopt_control(
	struct cli_server *server, int descriptor, struct base_error *error)
{
	const struct net_listener_settings control = {.name = "control",
		.descriptor = descriptor,
		.protocol = &admin_protocol,
		.owner = &server->admin};
	return net_adopt(server->net, &control, error);
}

/* --- what goes on beside the sessions ----------------------------------------------------
 */

static void
tick_trace(void *argument)
{
	struct cli_server *server = argument;
	admin_trace_tick(server->admin.trace);
}

static enum base_failure
chores_run(void *argument, struct arena *moved)
{
	struct cli_server *server = argument;
	(void)moved;
	net_carries(server->net, "chore", SLICE("mailboxes"));
	post_chores(server->post);
	return BASE_OK;
}

static enum base_failure
collect_run(void *argument, struct arena *moved)
{
	struct cli_server *server = argument;
	uint64_t freed;
	(void)moved;
	net_carries(server->net, "chore", SLICE("collect"));
	return store_collect(server->store, COLLECT_BUDGET, &freed);
}

/* A chore reads disks, so an errand does it; when its lane is full it waits for next time.
 */
static void
start_errand(struct cli_server *server, net_errand_run *run)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct base_ticket *ticket =
		net_errand(server->net, NET_LANE_STORAGE, run, server, arena);
	if (!ticket)
		arena_destroy(arena);
	base_ticket_drop(ticket);
}

static void
start_chores(void *argument)
{
	start_errand(argument, chores_run);
}

static void
start_collect(void *argument)
{
	start_errand(argument, collect_run);
}

enum base_failure
cli_server_start_quietly(struct cli_server *server, struct base_error *error)
{
	enum base_failure failure = net_start(server->net, error);
	server->started = !failure;
	return failure;
}

enum base_failure
cli_server_start(struct cli_server *server, struct base_error *error)
{
	net_every(server->net, ADMIN_TRACE_PERIOD_MS, tick_trace, server);
	net_every(server->net, CHORES_PERIOD, start_chores, server);
	net_every(server->net, COLLECT_PERIOD, start_collect, server);
	enum base_failure failure = cli_server_start_quietly(server, error);
	if (failure)
		return failure;
	relay_start(server->relay);
	cli_server_watch_resolver(server);
	cli_attachments_watch(server);
	return BASE_OK;
}

/* Something still runs and uses what a close would take away. What was submitted is kept.
 */
static _Noreturn void
leave_at_once(struct cli_server *server)
{
	bool drained = server->store && store_drain(server->store, DRAIN_MOST);
	LOG(server->log, BASE_LOG_ERROR, "serve.left-at-once",
		LOG_STRING("commits", drained ? "durable" : "lost, as in a crash"));
	_exit(drained ? EXIT_SUCCESS : EXIT_FAILURE);
}

void
cli_server_close(struct cli_server *server)
{
	if (!server)
		return;
	relay_stop(server->relay);
	if (server->resolver)
		net_resolver_stop(server->resolver);
	if (server->started && !net_stop(server->net))
		leave_at_once(server);
	relay_close(server->relay);
	admin_trace_close(server->admin.trace);
	door_destroy(server->door);
	post_close(server->post);
	imapd_texts_free(server->imap_texts);
	/* Its last tickets wake sessions, so net's memory outlives it. */
	store_close(server->store);
	/* Nobody is left who would log through it. */
	base_log_set_tap(server->log, NULL, NULL);
	admin_trace_destroy(server->admin.trace);
	net_destroy(server->net);
	net_helper_destroy(server->helper);
	net_resolver_destroy(server->resolver);
	base_metrics_destroy(server->metrics);
	base_clock_destroy(server->clock);
	arena_destroy(server->arena);
}
