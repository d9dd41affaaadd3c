#include "relay/route.h"

/* --- what a route says ----------------------------------------------------------- */

static enum base_failure
no_route(struct slice text, struct base_error *error)
{
	return base_fail(error, BASE_INVALID,
		"\"%.*s\" is no route; write \"smtp://host:port\", \"smtps://host\" or "
		"\"mx\"",
		SLICE_ARG(slice_first(text, 80)));
}

/* Bytes of names and addresses; what they mean is the resolver's to say. */
static bool
is_host(struct slice host)
{
	static const struct slice marks = SLICE_INIT(".-_:");
	for (size_t i = 0; i < host.length; i++)
		if (!byte_is_alpha(host.data[i]) && !byte_is_digit(host.data[i]) &&
			slice_find_byte(marks, host.data[i]) == marks.length)
			return false;
	return host.length > 0 && host.length <= 255;
}

/* ":25" or nothing. */
static bool
take_port(struct slice text, uint16_t *port)
{
	uint32_t number;
	if (slice_empty(text))
		return true;
	if (text.data[0] != ':' || !slice_to_u32(slice_from(text, 1), &number) ||
		number == 0 || number > UINT16_MAX)
		return false;
	*port = (uint16_t)number;
	return true;
}

static bool
split_host(struct slice text, struct slice *host, struct slice *port)
{
	size_t end = slice_find_byte(text, ':');
	*host = slice_first(text, end);
	*port = slice_from(text, end);
	if (!slice_starts(text, SLICE("[")))
		return true;
	end = slice_find_byte(text, ']');
	*host = slice_part(text, 1, end - 1);
	*port = slice_from(text, end + 1);
	return end < text.length;
}

enum base_failure
relay_target_parse(struct slice text, uint16_t default_port, struct relay_target *target,
	struct base_error *error)
{
	static const struct slice SMTP = SLICE_INIT("smtp://"),
				  SMTPS = SLICE_INIT("smtps://");
	struct slice port;
	*target = (struct relay_target){.way = RELAY_WAY_MX};
	if (slice_equal_nocase(text, SLICE("mx")))
		return BASE_OK;
	target->way = RELAY_WAY_HOST;
	target->implicit_tls = slice_starts_nocase(text, SMTPS);
	if (!target->implicit_tls && !slice_starts_nocase(text, SMTP))
		return no_route(text, error);
	target->port = target->implicit_tls ? RELAY_PORT_SMTPS : default_port;
	struct slice rest =
		slice_from(text, target->implicit_tls ? SMTPS.length : SMTP.length);
	if (slice_ends(rest, SLICE("/")))
		rest = slice_first(rest, rest.length - 1);
	if (!split_host(rest, &target->host, &port) || !is_host(target->host) ||
		!take_port(port, &target->port))
		return no_route(text, error);
	return BASE_OK;
}

/* --- the table ------------------------------------------------------------------- */

struct route {
	size_t length;
	char target[];
};

struct relay_route_table {
	struct map *routes;
};

struct relay_route_table *
relay_route_table_create(void)
{
	struct relay_route_table *table = calloc(1, sizeof *table);
	ASSERT(table);
	table->routes = map_create();
	return table;
}

void
relay_route_table_destroy(struct relay_route_table *table)
{
	size_t position = 0;
	struct slice domain;
	void *route;
	if (!table)
		return;
	while (map_next(table->routes, &position, &domain, &route))
		free(route);
	map_destroy(table->routes);
	free(table);
}

void
relay_route_table_set(
	struct relay_route_table *table, struct slice domain, struct slice target)
{
	if (slice_absent(target)) {
		free(map_remove(table->routes, domain));
		return;
	}
	struct route *route = malloc(sizeof *route + target.length);
	ASSERT(route);
	route->length = target.length;
	memcpy(route->target, target.data, target.length);
	free(map_put(table->routes, domain, route));
}

struct slice
relay_route_table_own(const struct relay_route_table *table, struct slice domain)
{
	const struct route *route = map_get(table->routes, domain);
	return route ? slice_of(route->target, route->length) : SLICE_NONE;
}

struct slice
relay_route_table_find(const struct relay_route_table *table, struct slice domain)
{
	struct slice own = relay_route_table_own(table, domain);
	return slice_absent(own) ? relay_route_table_own(table, SLICE("*")) : own;
}

bool
relay_route_table_next(const struct relay_route_table *table, size_t *position,
	struct slice *domain, struct slice *target)
{
	void *value;
	if (!map_next(table->routes, position, domain, &value))
		return false;
	const struct route *route = value;
	*target = slice_of(route->target, route->length);
	return true;
}
