#include "relay/relay.h"
#include "relay/manage.h"
#include "relay/settle.h"

int64_t
relay_now(const struct relay *relay)
{
	return base_clock_wall_ms(relay->settings.clock);
}

unsigned
relay_space_of(struct slice id)
{
	static const uint8_t key[16];
	return (unsigned)(base_siphash(id, key) % RELAY_QUEUE_SPACES);
}

bool
relay_is_stopping(const struct relay *relay)
{
	return atomic_load(&relay->stopping) || net_stopping(relay->settings.net);
}

bool
relay_has_stopped(const struct relay *relay)
{
	return relay_is_stopping(relay) && base_clock_steady_ms(relay->settings.clock) >=
						   atomic_load(&relay->answers_until_ms);
}

/* --- opening --------------------------------------------------------------------- */

static void
fill_defaults(struct relay *relay)
{
	struct relay_settings *settings = &relay->settings;
	settings->host_name = arena_copy(relay->arena, settings->host_name);
	if (!settings->expire_ms)
		settings->expire_ms = RELAY_EXPIRE_MS;
	if (!settings->warn_ms)
		settings->warn_ms = RELAY_WARN_MS;
	if (!settings->connections_most)
		settings->connections_most = RELAY_CONNECTIONS_MOST;
	if (!settings->connections_per_destination)
		settings->connections_per_destination = RELAY_CONNECTIONS_PER_DESTINATION;
	if (!settings->port)
		settings->port = RELAY_PORT;
	if (!settings->clock_step_ms)
		settings->clock_step_ms = RELAY_CLOCK_STEP_MS;
	relay->schedule = (struct relay_schedule){
		.expire_ms = settings->expire_ms, .warn_ms = settings->warn_ms};
}

static struct relay_metrics
register_metrics(struct base_metrics *metrics)
{
	return (struct relay_metrics){
		.queued = base_metrics_counter(metrics, "troika_relay_queued_total", "",
			"Recipients put into the queue."),
		.delivered = base_metrics_counter(metrics, "troika_relay_delivered_total",
			"", "Recipients whose server took the letter."),
		.deferred = base_metrics_counter(metrics, "troika_relay_deferred_total", "",
			"Tries that are to be repeated."),
		.bounced = base_metrics_counter(
			metrics, "troika_relay_bounced_total", "", "Recipients given up."),
		.reports = base_metrics_counter(metrics, "troika_relay_reports_total", "",
			"Delivery reports sent."),
		.rows = base_metrics_gauge(
			metrics, "troika_relay_rows", "", "Recipients in the queue."),
		.connections = base_metrics_gauge(
			metrics, "troika_relay_connections", "", "Deliveries under way."),
		.unanswered = base_metrics_counter(metrics, "troika_relay_unanswered_total",
			"", "Look-ups of names that had no answer."),
		.silent = base_metrics_gauge(metrics, "troika_relay_names_silent", "",
			"1 while no name server answers."),
		.delay = base_metrics_seconds(metrics, "troika_relay_delay_seconds", "",
			"From arrival to the other server's yes."),
	};
}

static struct relay *
relay_new(const struct relay_settings *settings)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct relay *relay = ARENA_NEW(arena, struct relay);
	*relay = (struct relay){.settings = *settings,
		.arena = arena,
		.store = post_store(settings->post),
		.metrics = register_metrics(settings->metrics),
		.routes = relay_route_table_create()};
	fill_defaults(relay);
	relay_queue_init(&relay->queue);
	TAILQ_INIT(&relay->unsaved);
	TAILQ_INIT(&relay->wishing);
	ASSERT(pthread_mutex_init(&relay->lock, NULL) == 0);
	ASSERT(pthread_rwlock_init(&relay->routes_lock, NULL) == 0);
	pthread_condattr_t monotonic;
	ASSERT(pthread_condattr_init(&monotonic) == 0);
	ASSERT(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	ASSERT(pthread_cond_init(&relay->settled, &monotonic) == 0);
	pthread_condattr_destroy(&monotonic);
	relay->wall_ms = relay_now(relay);
	relay->since_ms = (int64_t)base_clock_steady_ms(settings->clock);
	return relay;
}

static void
open_spaces(struct relay *relay)
{
	for (unsigned i = 0; i < RELAY_QUEUE_SPACES; i++)
		relay->spaces[i] =
			store_space_open(relay->store, POST_SPACE_QUEUE_FIRST + i);
	relay->routes_space = store_space_open(relay->store, RELAY_SPACE_ROUTES);
}

enum base_failure
relay_open(const struct relay_settings *settings, struct relay **relay,
	struct base_error *error)
{
	struct relay *opened = relay_new(settings);
	*relay = NULL;
	open_spaces(opened);
	enum base_failure failure = net_tls_client_create(
		&(struct net_tls_client_settings){
			.sessions = NET_TLS_SESSIONS_MOST, .clock = settings->clock},
		&opened->tls, error);
	if (!failure && (failure = relay_read_routes(opened)))
		base_fail(error, failure, "the routes can't be read: %s",
			base_failure_name(failure));
	if (!failure && (failure = relay_read_queue(opened)))
		base_fail(error, failure, "the queue can't be read: %s",
			base_failure_name(failure));
	if (failure) {
		relay_close(opened);
		return failure;
	}
	*relay = opened;
	return BASE_OK;
}

void
relay_start(struct relay *relay)
{
	net_every(relay->settings.net, relay->settings.clock_step_ms, relay_tick, relay);
	pthread_mutex_lock(&relay->lock);
	relay->started = true;
	relay_dispatch(relay);
	pthread_mutex_unlock(&relay->lock);
}

/* --- closing --------------------------------------------------------------------- */

void
relay_stop(struct relay *relay)
{
	if (!relay)
		return;
	atomic_store(&relay->answers_until_ms,
		base_clock_steady_ms(relay->settings.clock) + RELAY_STOP_ANSWER_MS);
	atomic_store(&relay->stopping, true);
}

static void
wait_for_commits(struct relay *relay)
{
	pthread_mutex_lock(&relay->lock);
	relay->started = false;
	while (relay->under_way > 0)
		pthread_cond_wait(&relay->settled, &relay->lock);
	pthread_mutex_unlock(&relay->lock);
}

/* What the store took neither before nor now is tried again after the next start. */
static void
drop_unsaved(struct relay *relay)
{
	struct relay_settle *settle;
	relay_settle_unsaved(relay);
	wait_for_commits(relay);
	while ((settle = relay_settle_take_unsaved(relay)))
		relay_settle_destroy(settle);
}

void
relay_close(struct relay *relay)
{
	if (!relay)
		return;
	wait_for_commits(relay);
	relay_grant_wishes(relay);
	drop_unsaved(relay);
	relay_queue_free(&relay->queue);
	relay_route_table_destroy(relay->routes);
	net_tls_client_destroy(relay->tls);
	for (unsigned i = 0; i < RELAY_QUEUE_SPACES; i++)
		store_space_close(relay->spaces[i]);
	store_space_close(relay->routes_space);
	pthread_cond_destroy(&relay->settled);
	pthread_mutex_destroy(&relay->lock);
	pthread_rwlock_destroy(&relay->routes_lock);
	arena_destroy(relay->arena);
}
