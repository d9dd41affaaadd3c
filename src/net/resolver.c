#include "net/resolver.h"

#include "net/dns-records.h"
#include "net/resolver-internal.h"
#include <stdio.h>

#define TYPE_NS 2

/* --- how it is set up --------------------------------------------------------------- */

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

/* --- answers ------------------------------------------------------------------------ */

static bool
in_zone(const struct net_resolver *resolver, struct slice name)
{
	for (size_t i = 0; i < resolver->zone_count; i++) {
		struct slice zone = resolver->zones[i];
		if (slice_empty(zone) || slice_equal_nocase(name, zone))
			return true;
		if (name.length > zone.length && slice_ends_nocase(name, zone) &&
			name.data[name.length - zone.length - 1] == '.')
			return true;
	}
	return false;
}

static struct slice
without_last_dot(struct slice name)
{
	return slice_ends(name, SLICE(".")) ? slice_first(name, name.length - 1) : name;
}

static bool
fits(const struct ub_result *result, const struct arena *arena)
{
	size_t need = DNS_NAME_TEXT_MOST, count = 0;

	for (; result->data[count] != NULL && count < NET_ANSWER_RECORDS_MOST; count++)
		need += DNS_RECORD_ROOM((size_t)result->len[count]) +
			sizeof(struct net_dns_record);
	return arena_has_room(arena, need);
}

static void
sort_by_preference(struct net_dns_record *records, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t j = i;
			j > 0 && records[j].preference < records[j - 1].preference; j--) {
			struct net_dns_record swap = records[j];
			records[j] = records[j - 1];
			records[j - 1] = swap;
		}
}

static void
take_records(const struct ub_result *result, enum net_dns_type type, struct arena *arena,
	struct net_answer *answer)
{
	size_t most = 0;

	while (result->data[most] != NULL && most < NET_ANSWER_RECORDS_MOST)
		most++;
	answer->records = ARENA_MANY(arena, struct net_dns_record, most);
	for (size_t i = 0; i < most; i++) {
		struct slice data = slice_of(result->data[i], (size_t)result->len[i]);
		if (dns_record_parse(type, data, arena, &answer->records[answer->count]))
			answer->count++;
	}
	if (type == NET_DNS_MX)
		sort_by_preference(answer->records, answer->count);
}

static void
unavailable(struct net_answer *answer, const char *why)
{
	answer->status = NET_DNS_UNAVAILABLE;
	answer->secure = false;
	answer->why = why;
}

static void
take_result(const struct ub_result *result, enum net_dns_type type, struct arena *arena,
	struct net_answer *answer)
{
	answer->secure = result->secure;
	answer->ttl = result->ttl > 0 ? (uint32_t)result->ttl : 0;
	if (result->bogus) {
		answer->status = NET_DNS_BOGUS;
		answer->why = arena_text(arena, slice_of_text(result->why_bogus));
	} else if (result->nxdomain) {
		answer->status = NET_DNS_NO_NAME;
	} else if (result->rcode != 0) {
		unavailable(answer, "the name servers failed (SERVFAIL)");
	} else if (!result->havedata) {
		answer->status = NET_DNS_EMPTY;
	} else {
		take_records(result, type, arena, answer);
		answer->status = NET_DNS_FOUND;
		if (answer->count == 0)
			unavailable(answer, "no record of the answer can be read");
	}
}

/* One question, without following aliases through local data. */
static void
ask_once(struct net_resolver *resolver, const char *name, enum net_dns_type type,
	uint64_t until, struct arena *arena, struct net_answer *answer)
{
	SCOPED(resolver_release_result) struct ub_result *result = NULL;
	const char *why = resolver_exchange(resolver, name, (int)type, until, &result);

	*answer = (struct net_answer){.canonical = slice_of_text(name)};
	if (why != NULL) {
		unavailable(answer, why);
	} else if (!fits(result, arena)) {
		unavailable(answer, "the answer is too large");
	} else {
		take_result(result, type, arena, answer);
		if (result->canonname != NULL)
			answer->canonical = arena_lower(
				arena, without_last_dot(slice_of_text(result->canonname)));
	}
	if (in_zone(resolver, slice_of_text(name)) && answer->status != NET_DNS_UNAVAILABLE)
		answer->secure = true;
}

/* Local data gives an alias without what it stands for. */
static bool
is_local_alias(struct net_resolver *resolver, const char *name, enum net_dns_type type,
	const struct net_answer *answer)
{
	return answer->status == NET_DNS_EMPTY && type != NET_DNS_CNAME &&
	       in_zone(resolver, slice_of_text(name)) &&
	       !slice_equal_nocase(answer->canonical, slice_of_text(name));
}

static void
ask(struct net_resolver *resolver, struct slice name, enum net_dns_type type,
	uint64_t until, struct arena *arena, struct net_answer *answer)
{
	bool secure = true;

	*answer = (struct net_answer){.status = NET_DNS_NO_NAME};
	if (!dns_name_is_askable(name))
		return;
	for (unsigned aliases = 0;; aliases++) {
		const char *text =
			slice_equal(name, SLICE("."))
				? "."
				: arena_text(arena,
					  arena_lower(arena, without_last_dot(name)));
		ask_once(resolver, text, type, until, arena, answer);
		answer->secure = secure = secure && answer->secure;
		if (!is_local_alias(resolver, text, type, answer))
			return;
		if (aliases == NET_ANSWER_ALIASES_MOST) {
			unavailable(answer, "an alias leads to aliases without end");
			return;
		}
		name = answer->canonical;
	}
}

void
net_resolver_ask(struct net_resolver *resolver, struct slice name, enum net_dns_type type,
	uint64_t within_ms, struct arena *arena, struct net_answer *answer)
{
	uint64_t begin = base_clock_steady_ms(resolver->clock);

	if (within_ms > NET_RESOLVER_DEADLINE_MOST)
		within_ms = NET_RESOLVER_DEADLINE_MOST;
	ask(resolver, name, type, begin + within_ms, arena, answer);
	base_metric_add(resolver->answers[answer->status], 1);
	base_metric_observe_ms(
		resolver->seconds, base_clock_steady_ms(resolver->clock) - begin);
}

enum net_resolver_health
net_resolver_check(
	struct net_resolver *resolver, uint64_t within_ms, struct base_error *why)
{
	SCOPED(resolver_release_result) struct ub_result *result = NULL;
	uint64_t until = base_clock_steady_ms(resolver->clock) + within_ms;
	const char *failed = resolver_exchange(resolver, ".", TYPE_NS, until, &result);

	if (failed == NULL && !result->bogus && (result->rcode != 0 || !result->havedata))
		failed = "the name servers don't know the root";
	if (failed != NULL) {
		base_fail(why, BASE_UNAVAILABLE, "no name server answers: %s", failed);
		return NET_RESOLVER_UNREACHABLE;
	}
	if (result->secure)
		return NET_RESOLVER_VALIDATES;
	base_fail(why, BASE_DAMAGED, "answers are not validated, so DANE never applies: %s",
		result->bogus ? result->why_bogus : "the root's keys are not used");
	return NET_RESOLVER_DOES_NOT_VALIDATE;
}

bool
net_answer_is_null_mx(const struct net_answer *answer)
{
	return answer->status == NET_DNS_FOUND && answer->count == 1 &&
	       answer->records[0].preference == 0 && slice_empty(answer->records[0].name) &&
	       !slice_absent(answer->records[0].name);
}
