#include "relay/relay-internal.h"
#include "wire/address.h"

/* Routes in the store: the domain is the key, format and target the value. */

#define ROUTE_FORMAT 1

struct route_change {
	struct relay *relay;
	struct arena *arena;
	struct slice domain, target; /* absent: removed */
};

/* Waiting rows are looked at again as well: the new route holds for them. */
static void
reroute_all(struct relay *relay)
{
	struct relay_queued *letter;
	struct relay_entry *row;
	pthread_mutex_lock(&relay->lock);
	TAILQ_FOREACH(letter, &relay->queue.by_arrival, of_queue)
	TAILQ_FOREACH(row, &letter->rows, of_letter)
	{
		if (row->place == RELAY_ROW_LEASED)
			continue;
		relay_route_entry(relay, row);
		relay_place(relay, row->consignment);
	}
	relay_dispatch(relay);
	pthread_mutex_unlock(&relay->lock);
}

/* On the committer's thread, before anybody sees the ticket complete. */
static void
durable(void *argument)
{
	const struct route_change *change = argument;
	struct relay *relay = change->relay;
	pthread_rwlock_wrlock(&relay->routes_lock);
	relay_route_table_set(relay->routes, change->domain, change->target);
	pthread_rwlock_unlock(&relay->routes_lock);
	reroute_all(relay);
}

static void
settled(void *argument, enum base_failure outcome)
{
	struct route_change *change = argument;
	struct relay *relay = change->relay;
	(void)outcome;
	pthread_mutex_lock(&relay->lock);
	relay->under_way--;
	pthread_cond_broadcast(&relay->settled);
	pthread_mutex_unlock(&relay->lock);
	arena_destroy(change->arena);
}

static void
put_route(struct store_turn *turn, const struct route_change *change)
{
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_KEY_MOST * 2);
	if (slice_absent(change->target)) {
		store_delete(turn, change->domain);
		return;
	}
	buffer_put_byte(&value, ROUTE_FORMAT);
	buffer_put(&value, change->target);
	store_put(turn, change->domain, buffer_slice(&value));
}

static struct base_ticket *
submit(struct route_change *change, struct base_error *error)
{
	struct relay *relay = change->relay;
	struct store_turn *turn;
	enum base_failure failure = store_begin(relay->routes_space, STORE_CHANGE, &turn);
	if (failure) {
		base_fail(error, failure, "the store can't take it now: %s",
			base_failure_name(failure));
		arena_destroy(change->arena);
		return NULL;
	}
	pthread_mutex_lock(&relay->lock);
	relay->under_way++;
	pthread_mutex_unlock(&relay->lock);
	put_route(turn, change);
	store_on_durable(turn, durable, change);
	struct base_ticket *ticket = store_submit(&turn);
	base_ticket_then(ticket, settled, change);
	return ticket;
}

/* A domain as a person writes it, or "*". */
static enum base_failure
route_domain(struct arena *arena, struct slice text, struct slice *domain,
	struct base_error *error)
{
	*domain = SLICE("*");
	if (slice_equal(text, *domain))
		return BASE_OK;
	if (wire_domain_canonical(arena, text, domain) == BASE_OK)
		return BASE_OK;
	return base_fail(error, BASE_INVALID, "\"%.*s\" is no domain",
		SLICE_ARG(slice_first(text, 80)));
}

static struct route_change *
change_new(struct relay *relay, struct slice domain, struct base_error *error)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct route_change *change = ARENA_NEW(arena, struct route_change);
	*change =
		(struct route_change){.relay = relay, .arena = arena, .target = SLICE_NONE};
	if (route_domain(arena, domain, &change->domain, error) == BASE_OK)
		return change;
	arena_destroy(arena);
	return NULL;
}

/* The whole form, so that two spellings are one destination. */
static struct slice
canonical_target(struct arena *arena, const struct relay_target *target)
{
	if (target->way == RELAY_WAY_MX)
		return SLICE("mx");
	bool brackets = slice_find_byte(target->host, ':') < target->host.length;
	return arena_printf(arena, "%s://%s%.*s%s:%u",
		target->implicit_tls ? "smtps" : "smtp", brackets ? "[" : "",
		SLICE_ARG(arena_lower(arena, target->host)), brackets ? "]" : "",
		target->port);
}

struct base_ticket *
relay_route_add(struct relay *relay, struct slice domain, struct slice target,
	struct base_error *error)
{
	struct relay_target parsed;
	if (relay_target_parse(target, relay->settings.port, &parsed, error))
		return NULL;
	struct route_change *change = change_new(relay, domain, error);
	if (!change)
		return NULL;
	change->target = canonical_target(change->arena, &parsed);
	return submit(change, error);
}

static bool
has_route(struct relay *relay, struct slice domain)
{
	pthread_rwlock_rdlock(&relay->routes_lock);
	bool has = !slice_absent(relay_route_table_own(relay->routes, domain));
	pthread_rwlock_unlock(&relay->routes_lock);
	return has;
}

struct base_ticket *
relay_route_remove(struct relay *relay, struct slice domain, struct base_error *error)
{
	struct route_change *change = change_new(relay, domain, error);
	if (!change)
		return NULL;
	if (has_route(relay, change->domain))
		return submit(change, error);
	base_fail(error, BASE_NOT_FOUND, "there is no route for %.*s",
		SLICE_ARG(change->domain));
	arena_destroy(change->arena);
	return NULL;
}

static int
compare_routes(const void *a, const void *b)
{
	const struct relay_route_info *left = a, *right = b;
	return slice_compare(left->domain, right->domain);
}

size_t
relay_routes(struct relay *relay, struct arena *arena, struct relay_route_info **routes)
{
	size_t count = 0, position = 0;
	struct slice domain, target;
	pthread_rwlock_rdlock(&relay->routes_lock);
	while (relay_route_table_next(relay->routes, &position, &domain, &target))
		count++;
	*routes = ARENA_MANY(arena, struct relay_route_info, count);
	position = count = 0;
	while (relay_route_table_next(relay->routes, &position, &domain, &target))
		(*routes)[count++] =
			(struct relay_route_info){.domain = arena_copy(arena, domain),
				.target = arena_copy(arena, target)};
	pthread_rwlock_unlock(&relay->routes_lock);
	if (count > 0)
		qsort(*routes, count, sizeof **routes, compare_routes);
	return count;
}

/* --- at the start ---------------------------------------------------------------- */

static bool
read_row(void *argument, struct slice domain, struct slice value)
{
	struct relay *relay = argument;
	struct relay_target target;
	uint8_t format;
	if (take_byte(&value, &format) && format == ROUTE_FORMAT &&
		relay_target_parse(value, RELAY_PORT, &target, NULL) == BASE_OK)
		relay_route_table_set(relay->routes, domain, value);
	else
		LOG(relay->settings.log, BASE_LOG_ERROR, "relay.damaged-route",
			LOG_TEXT("domain", domain));
	return true;
}

enum base_failure
relay_read_routes(struct relay *relay)
{
	const struct store_range all = {.from = SLICE(""), .until = SLICE_NONE};
	return store_scan(relay->routes_space, &all, read_row, relay, NULL);
}
