#include "net/resolver-internal.h"

#include <stdio.h>

static const struct {
	const char *name, *value;
} fixed_options[] = {
	{"msg-cache-size:", NET_RESOLVER_MESSAGE_CACHE},
	{"rrset-cache-size:", NET_RESOLVER_RECORD_CACHE},
	{"key-cache-size:", NET_RESOLVER_KEY_CACHE},
	{"neg-cache-size:", "1m"},
	/* The local resolver knows the names of private networks; nobody signs them. */
	{"unblock-lan-zones:", "yes"},
	{"insecure-lan-zones:", "yes"},
	{"do-not-query-localhost:", "no"},
	/* Who was silent for a minute counts as dead for so long: 900 s unless it is said.
	 */
	{"infra-host-ttl:", "30"},
};

static enum base_failure
unbound_failed(int failed, const char *what, struct base_error *error)
{
	return base_fail(
		error, BASE_UNAVAILABLE, "resolver, %s: %s", what, ub_strerror(failed));
}

static enum base_failure
set_number(struct ub_ctx *context, const char *option, unsigned value,
	struct base_error *error)
{
	char text[16];

	snprintf(text, sizeof text, "%u", value);
	int failed = ub_ctx_set_option(context, option, text);
	return failed == 0 ? BASE_OK : unbound_failed(failed, option, error);
}

static enum base_failure
set_options(struct ub_ctx *context, struct base_error *error)
{
	for (size_t i = 0; i < sizeof fixed_options / sizeof *fixed_options; i++) {
		int failed = ub_ctx_set_option(
			context, fixed_options[i].name, fixed_options[i].value);
		if (failed != 0)
			return unbound_failed(failed, fixed_options[i].name, error);
	}
	enum base_failure failure =
		set_number(context, "outgoing-range:", NET_RESOLVER_PORTS, error);
	if (failure == BASE_OK)
		failure = set_number(context, "outgoing-num-tcp:", NET_RESOLVER_TCP, error);
	if (failure == BASE_OK)
		failure = set_number(context,
			"num-queries-per-thread:", NET_RESOLVER_WAITING_MOST, error);
	return failure;
}

static enum base_failure
set_validation(struct ub_ctx *context, const struct net_resolver_settings *settings,
	struct base_error *error)
{
	const char *anchor =
		settings->anchor != NULL ? settings->anchor : NET_RESOLVER_ANCHOR_DEFAULT;

	/* Without an anchor the validator still runs, and calls nothing secure. */
	if (!settings->validate)
		return BASE_OK;
	if (access(anchor, R_OK) != 0)
		return base_fail(error, BASE_NOT_FOUND,
			"the root's keys can't be read from %s: %s (package dns-root-data)",
			anchor, strerrordesc_np(errno));
	int failed = ub_ctx_add_ta_file(context, anchor);
	return failed == 0 ? BASE_OK : unbound_failed(failed, anchor, error);
}

static enum base_failure
add_server(
	struct ub_ctx *context, const struct net_address *server, struct base_error *error)
{
	char text[NET_ADDRESS_TEXT_MOST], with_port[NET_ADDRESS_TEXT_MOST + 8];
	struct slice host = net_address_text(server, text);
	unsigned port = net_address_port(server);

	snprintf(with_port, sizeof with_port, "%.*s@%u", SLICE_ARG(host),
		port == 0 ? 53 : port);
	int failed = ub_ctx_set_fwd(context, with_port);
	return failed == 0 ? BASE_OK : unbound_failed(failed, with_port, error);
}

static enum base_failure
set_way(struct ub_ctx *context, const struct net_resolver_settings *settings,
	struct base_error *error)
{
	const char *system =
		settings->resolv_conf != NULL ? settings->resolv_conf : "/etc/resolv.conf";
	enum base_failure failure = BASE_OK;
	int failed = 0;

	if (settings->hosts != NULL && access(settings->hosts, R_OK) == 0)
		failed = ub_ctx_hosts(context, settings->hosts);
	if (failed != 0)
		return unbound_failed(failed, settings->hosts, error);
	if (settings->way == NET_RESOLVE_SYSTEM && access(system, R_OK) == 0)
		failed = ub_ctx_resolvconf(context, system);
	if (failed != 0)
		return unbound_failed(failed, system, error);
	if (settings->way == NET_RESOLVE_SERVERS && settings->server_count == 0)
		return base_fail(error, BASE_INVALID, "resolver: no name server is given");
	if (settings->way == NET_RESOLVE_SERVERS)
		for (size_t i = 0; i < settings->server_count && failure == BASE_OK; i++)
			failure = add_server(context, &settings->servers[i], error);
	return failure;
}

/* Ends the configuration: libunbound takes no options after its first zone. */
static enum base_failure
add_local(struct ub_ctx *context, const struct net_resolver_settings *settings,
	struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);

	for (size_t i = 0; i < settings->zone_count; i++) {
		const char *zone = arena_text(arena, settings->zones[i]);
		if (ub_ctx_zone_add(context, zone, "static") != 0)
			return base_fail(error, BASE_INVALID,
				"resolver: \"%s\" is no name of a zone", zone);
	}
	for (size_t i = 0; i < settings->record_count; i++) {
		const char *record = arena_text(arena, settings->records[i]);
		if (ub_ctx_data_add(context, record) != 0)
			return base_fail(error, BASE_INVALID,
				"resolver: \"%s\" is no record; one looks like "
				"\"mail.example.test. 300 IN A 127.0.0.1\"",
				record);
	}
	return BASE_OK;
}

static enum base_failure
configure(struct ub_ctx *context, const struct net_resolver_settings *settings,
	struct base_error *error)
{
	enum base_failure failure;

	/* It would write to standard error, past the log. */
	ub_ctx_debugout(context, NULL);
	if (ub_ctx_async(context, 1) != 0)
		return base_fail(error, BASE_UNAVAILABLE, "libunbound without threads");
	if ((failure = set_options(context, error)) != BASE_OK ||
		(failure = set_validation(context, settings, error)) != BASE_OK ||
		(failure = set_way(context, settings, error)) != BASE_OK)
		return failure;
	return add_local(context, settings, error);
}

static void
keep_zones(struct net_resolver *resolver, const struct net_resolver_settings *settings)
{
	resolver->zones = ARENA_MANY(resolver->arena, struct slice, settings->zone_count);
	for (size_t i = 0; i < settings->zone_count; i++) {
		struct slice zone = arena_lower(resolver->arena, settings->zones[i]);
		if (slice_ends(zone, SLICE(".")))
			zone.length--;
		resolver->zones[resolver->zone_count++] = zone;
	}
}

static void
register_metrics(struct net_resolver *resolver, struct base_metrics *metrics)
{
	for (int i = 0; i <= NET_DNS_UNAVAILABLE; i++) {
		char label[40];
		snprintf(label, sizeof label, "status=\"%s\"",
			net_dns_status_name((enum net_dns_status)i));
		resolver->answers[i] =
			base_metrics_counter(metrics, "troika_net_resolver_answers_total",
				label, "Look-ups, by outcome.");
	}
	resolver->seconds = base_metrics_seconds(
		metrics, "troika_net_resolver_seconds", "", "How long look-ups took.");
}

enum base_failure
net_resolver_create(const struct net_resolver_settings *settings,
	struct net_resolver **resolver, struct base_error *error)
{
	struct net_resolver *fresh = calloc(1, sizeof *fresh);
	enum base_failure failure;

	*resolver = NULL;
	if (fresh == NULL)
		return base_fail(error, BASE_UNAVAILABLE, "no memory for the resolver");
	fresh->arena = arena_create(ARENA_NO_CEILING);
	fresh->clock = settings->clock;
	keep_zones(fresh, settings);
	register_metrics(fresh, settings->metrics);
	fresh->context = ub_ctx_create();
	if (fresh->context == NULL)
		failure = base_fail(error, BASE_UNAVAILABLE, "no memory for the resolver");
	else
		failure = configure(fresh->context, settings, error);
	if (failure == BASE_OK)
		failure = resolver_start(fresh, error);
	if (failure == BASE_OK)
		*resolver = fresh;
	else
		net_resolver_destroy(fresh);
	return failure;
}

void
net_resolver_destroy(struct net_resolver *resolver)
{
	if (resolver == NULL)
		return;
	resolver_end(resolver);
	ub_ctx_delete(resolver->context);
	arena_destroy(resolver->arena);
	free(resolver);
}
