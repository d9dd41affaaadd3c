#ifndef RELAY_ROUTE_H
#define RELAY_ROUTE_H

#include "base/base.h"

/*
 * Where mail to a domain goes: what an administrator may write, and the table of it.
 *
 * The table is a copy in memory of what is durable in the space of routes; it has no lock
 * of its own (relay.c's routes_lock). Domains are canonical, "*" stands for all others.
 */
enum relay_way {
	RELAY_WAY_MX,   /* as the domain's own DNS says */
	RELAY_WAY_HOST, /* to one named server */
	RELAY_WAY_LOCAL /* a mailbox of ours that could not take it at once */
};

struct relay_target {
	enum relay_way way;
	bool implicit_tls; /* "smtps:": TLS from the first byte, the certificate is checked
			    */
	struct slice host; /* a name, or an address without brackets */
	uint16_t port;
};

#define RELAY_PORT_SMTPS 465

/*
 * "mx", "smtp://host:port", "smtps://host"; an IPv6 address stands in brackets. Slices
 * point into text. Without a port it is default_port, of smtps 465.
 */
enum base_failure relay_target_parse(struct slice text, uint16_t default_port,
	struct relay_target *target, struct base_error *error) MUST_CHECK;

struct relay_route_table;

struct relay_route_table *relay_route_table_create(void);
void relay_route_table_destroy(struct relay_route_table *table);
/* target absent: takes the route away. */
void relay_route_table_set(
	struct relay_route_table *table, struct slice domain, struct slice target);
/* The domain's own, else the one of "*", else absent; valid until the next set. */
struct slice relay_route_table_find(
	const struct relay_route_table *table, struct slice domain);
struct slice relay_route_table_own(
	const struct relay_route_table *table, struct slice domain);
/* Walks in no order; start with *position = 0. */
bool relay_route_table_next(const struct relay_route_table *table, size_t *position,
	struct slice *domain, struct slice *target);

#endif
