#include "net/resolver.h"

#include "net/dns-records.h"
#include "net/resolver-internal.h"
#include <inttypes.h>
#include <stdio.h>

#define TYPE_NS 2

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
take_result(const struct ub_result *result, bool trusting, enum net_dns_type type,
	struct arena *arena, struct net_answer *answer)
{
	answer->secure = result->secure;
	answer->ttl = result->ttl > 0 ? (uint32_t)result->ttl : 0;
	if (result->bogus && !trusting) {
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
		take_result(result, atomic_load(&resolver->trusting), type, arena, answer);
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

/* A name that is nobody's, in a zone that is always asked. */
bool
net_resolver_probe(
	struct net_resolver *resolver, uint64_t within_ms, struct base_error *why)
{
	SCOPED(resolver_release_result) struct ub_result *result = NULL;
	uint64_t until = base_clock_steady_ms(resolver->clock) + within_ms;
	char name[32];
	snprintf(name, sizeof name, "x%016" PRIx64 ".com", base_random_u64());
	const char *failed = resolver_exchange(resolver, name, NET_DNS_A, until, &result);
	if (!failed && !result->bogus && !result->nxdomain && result->rcode != 0)
		failed = "they fail (SERVFAIL)";
	if (failed)
		base_fail(why, BASE_UNAVAILABLE, "no name server answers: %s", failed);
	return !failed;
}

void
net_resolver_trust(struct net_resolver *resolver, bool on)
{
	atomic_store(&resolver->trusting, on);
}

bool
net_answer_is_null_mx(const struct net_answer *answer)
{
	if (answer->status != NET_DNS_FOUND)
		return false;
	for (size_t i = 0; i < answer->count; i++)
		if (slice_absent(answer->records[i].name) ||
			!slice_empty(answer->records[i].name))
			return false;
	return answer->count > 0;
}
