#include "relay/hosts.h"
#include "relay/names.h"

/* --- order ----------------------------------------------------------------------- */

static bool
is_own(const struct net_dns_record *record, struct slice own_name)
{
	return slice_equal_nocase(record->name, own_name);
}

/* Hosts of the same preference from start on, shuffled (Fisher-Yates). */
static void
shuffle(struct relay_host *hosts, size_t count, uint64_t *chance)
{
	for (size_t left = count; left > 1; left--) {
		size_t other = *chance % left;
		struct relay_host last = hosts[left - 1];
		*chance = *chance * 6364136223846793005U + 1442695040888963407U;
		hosts[left - 1] = hosts[other];
		hosts[other] = last;
	}
}

static void
shuffle_ties(struct relay_hosts *hosts, uint64_t chance)
{
	for (size_t start = 0, end; start < hosts->count; start = end) {
		end = start + 1;
		while (end < hosts->count &&
			hosts->list[end].preference == hosts->list[start].preference)
			end++;
		chance ^= chance >> 29;
		shuffle(hosts->list + start, end - start, &chance);
	}
}

void
relay_hosts_order(const struct net_answer *mx, struct slice own_name, uint64_t chance,
	struct relay_hosts *hosts)
{
	uint32_t limit = UINT32_MAX;
	hosts->count = 0;
	for (size_t i = 0; i < mx->count; i++)
		if (is_own(&mx->records[i], own_name) && mx->records[i].preference < limit)
			limit = mx->records[i].preference;
	for (size_t i = 0; i < mx->count && hosts->count < RELAY_HOSTS_MOST; i++)
		if (mx->records[i].preference < limit && !slice_empty(mx->records[i].name))
			hosts->list[hosts->count++] =
				(struct relay_host){.name = mx->records[i].name,
					.preference = mx->records[i].preference};
	shuffle_ties(hosts, chance);
}

size_t
relay_hosts_tries(size_t hosts_left, size_t tries_left)
{
	if (hosts_left <= 1 || tries_left <= RELAY_HOST_MOST)
		return tries_left;
	return RELAY_HOST_MOST;
}

/* --- asking ---------------------------------------------------------------------- */

static void
look_up(struct relay_patience *patience, struct slice name, enum net_dns_type type,
	struct arena *arena, struct net_answer *answer)
{
	struct relay *relay = patience->relay;
	uint64_t begun = base_clock_steady_ms(relay->settings.clock);
	net_resolver_ask(
		relay->settings.resolver, name, type, RELAY_WAIT_RESOLVER, arena, answer);
	relay_patience_asked(patience, base_clock_steady_ms(relay->settings.clock) - begun);
	if (answer->status == NET_DNS_UNAVAILABLE)
		relay_names_doubt(relay);
}

/* --- the domain's servers -------------------------------------------------------- */

static void
only_host(struct relay_hosts *hosts, struct slice name)
{
	hosts->list[0] = (struct relay_host){.name = name};
	hosts->count = 1;
}

/* "[192.0.2.1]" or "[IPv6:2001:db8::1]" (RFC 5321 4.1.3), and addresses in routes. */
static bool
take_literal(struct slice text, uint16_t port, struct relay_hosts *hosts)
{
	if (slice_starts(text, SLICE("[")) && slice_ends(text, SLICE("]")))
		text = slice_part(text, 1, text.length - 2);
	if (slice_starts_nocase(text, SLICE("IPv6:")))
		text = slice_from(text, 5);
	only_host(hosts, SLICE(""));
	return net_address_parse(text, port, &hosts->list[0].address);
}

static bool
is_literal(struct slice domain)
{
	return slice_starts(domain, SLICE("["));
}

static bool
refuse(struct relay_verdict *why, struct relay_verdict verdict)
{
	*why = verdict;
	return false;
}

static bool
of_records(struct relay *relay, struct slice domain, const struct net_answer *mx,
	struct arena *arena, struct relay_hosts *hosts, struct relay_verdict *why)
{
	if (net_answer_is_null_mx(mx))
		return refuse(
			why, relay_verdict_own(arena, RELAY_REFUSED, "5.1.10",
				     "%.*s takes no mail (null MX)", SLICE_ARG(domain)));
	relay_hosts_order(mx, relay->settings.host_name, base_random_u64(), hosts);
	if (hosts->count > 0)
		return true;
	return refuse(why, relay_verdict_own(arena, RELAY_REFUSED, "5.4.6",
				   "mail to %.*s would come back to this server, as its MX "
				   "says, but this server does not know the domain",
				   SLICE_ARG(domain)));
}

static bool
of_domain(struct relay_patience *patience, struct arena *arena, struct relay_hosts *hosts,
	struct relay_verdict *why)
{
	struct net_answer mx;
	struct slice domain = patience->destination->domain;
	look_up(patience, domain, NET_DNS_MX, arena, &mx);
	hosts->secure = mx.secure;
	switch (mx.status) {
	case NET_DNS_FOUND:
		return of_records(patience->relay, domain, &mx, arena, hosts, why);
	case NET_DNS_EMPTY:
		/* RFC 5321 5.1: the implicit MX. */
		only_host(hosts, domain);
		return true;
	case NET_DNS_NO_NAME:
		return refuse(why, relay_verdict_own(arena, RELAY_REFUSED, "5.1.2",
					   "there is no domain %.*s", SLICE_ARG(domain)));
	case NET_DNS_BOGUS:
	case NET_DNS_UNAVAILABLE:
		break;
	}
	*why = relay_verdict_own(arena, RELAY_POSTPONED, "4.4.3",
		"the MX of %.*s can't be found out now: %s", SLICE_ARG(domain),
		mx.why ? mx.why : "no answer");
	why->unanswered = mx.status == NET_DNS_UNAVAILABLE;
	return false;
}

bool
relay_hosts_find(struct relay_patience *patience, struct arena *arena,
	struct relay_hosts *hosts, struct relay_verdict *why)
{
	const struct relay_destination *destination = patience->destination;
	const struct relay_target *target = &destination->target;
	*hosts = (struct relay_hosts){0};
	if (target->way == RELAY_WAY_HOST) {
		if (take_literal(target->host, target->port, hosts))
			return true;
		only_host(hosts, target->host);
		hosts->secure =
			!target->implicit_tls; /* a person said that it is this one */
		return true;
	}
	if (!is_literal(destination->domain))
		return of_domain(patience, arena, hosts, why);
	if (take_literal(destination->domain, patience->relay->settings.port, hosts))
		return true;
	return refuse(why, relay_verdict_own(arena, RELAY_REFUSED, "5.1.2",
				   "%.*s is no address", SLICE_ARG(destination->domain)));
}

/* --- a server's addresses -------------------------------------------------------- */

struct addressing {
	struct relay_patience *patience;
	struct slice host;
	struct arena *arena;
	uint16_t port;
	struct relay_peer *peers;
	size_t count, most;
	struct relay_proof proof;
};

void
relay_proof_note(struct relay_proof *proof, const struct net_answer *answer)
{
	proof->unanswered |= answer->status == NET_DNS_UNAVAILABLE;
	if (answer->status == NET_DNS_BOGUS || answer->status == NET_DNS_UNAVAILABLE)
		proof->temporary = true;
	else
		proof->secure &= answer->secure;
}

static void
ask_for(struct addressing *addressing, struct slice name, enum net_dns_type type,
	struct net_answer *answer)
{
	*answer = (struct net_answer){.status = NET_DNS_UNAVAILABLE};
	if (!relay_patience_is_over(addressing->patience, true))
		look_up(addressing->patience, name, type, addressing->arena, answer);
}

static void
ask(struct addressing *addressing, enum net_dns_type type, struct net_answer *answer)
{
	ask_for(addressing, addressing->host, type, answer);
	relay_proof_note(&addressing->proof, answer);
}

static void
add_peer(struct addressing *addressing, const struct net_answer *answer, size_t index)
{
	char text[NET_ADDRESS_TEXT_MOST];
	if (index >= answer->count || addressing->count == addressing->most)
		return;
	struct relay_peer *peer = &addressing->peers[addressing->count];
	*peer = (struct relay_peer){.name = addressing->host};
	if (net_address_parse(net_address_text(&answer->records[index].address, text),
		    addressing->port, &peer->address))
		addressing->count++;
}

static void
ask_addresses(struct addressing *addressing)
{
	struct net_answer six, four;
	ask(addressing, NET_DNS_AAAA, &six);
	ask(addressing, NET_DNS_A, &four);
	for (size_t i = 0; i < six.count || i < four.count; i++) {
		add_peer(addressing, &six, i);
		add_peer(addressing, &four, i);
	}
}

/*
 * RFC 7672 2.2: where addresses and TLSA records are proven, TLS is a must and the records
 * say whose. False: whether there are such records can't be found out, so the host is not
 * asked at all (2.2, "SERVFAIL").
 */
static bool
ask_tlsa(struct addressing *addressing, struct relay_verdict *why)
{
	struct net_answer answer;
	struct slice name = arena_printf(addressing->arena, "_%u._tcp.%.*s",
		addressing->port, SLICE_ARG(addressing->host));
	ask_for(addressing, name, NET_DNS_TLSA, &answer);
	if (answer.status == NET_DNS_BOGUS || answer.status == NET_DNS_UNAVAILABLE) {
		*why = relay_verdict_own(addressing->arena, RELAY_POSTPONED, "4.7.5",
			"the TLSA records of %.*s can't be had",
			SLICE_ARG(addressing->host));
		why->unanswered = answer.status == NET_DNS_UNAVAILABLE;
		return false;
	}
	if (answer.status != NET_DNS_FOUND || !answer.secure)
		return true;
	struct net_tlsa *records =
		ARENA_MANY(addressing->arena, struct net_tlsa, answer.count);
	for (size_t i = 0; i < answer.count; i++)
		records[i] = answer.records[i].tlsa;
	for (size_t i = 0; i < addressing->count; i++) {
		struct relay_peer *peer = &addressing->peers[i];
		peer->must_secure = true;
		peer->check = NET_TLS_DANE;
		peer->records = records;
		peer->record_count = answer.count;
	}
	return true;
}

static void
no_addresses(const struct addressing *addressing, struct relay_verdict *why)
{
	/* A route that leads nowhere is a person's mistake, which he will put right. */
	const struct relay_target *target = &addressing->patience->destination->target;
	bool wait = addressing->proof.temporary || target->way == RELAY_WAY_HOST;
	*why = relay_verdict_own(addressing->arena, wait ? RELAY_POSTPONED : RELAY_REFUSED,
		wait ? "4.4.3" : "5.4.4", "%.*s has no address%s",
		SLICE_ARG(addressing->host),
		addressing->proof.temporary ? " that can be found out now" : "");
	why->unanswered = addressing->proof.unanswered;
}

static void
mark(struct addressing *addressing)
{
	const struct relay_destination *destination = addressing->patience->destination;
	const struct relay_target *target = &destination->target;
	for (size_t i = 0; i < addressing->count; i++) {
		struct relay_peer *peer = &addressing->peers[i];
		peer->from_mx = target->way == RELAY_WAY_MX && !slice_empty(peer->name);
		peer->domain = destination->domain;
		if (!target->implicit_tls)
			continue;
		peer->implicit_tls = peer->must_secure = true;
		peer->check = slice_empty(peer->name) ? NET_TLS_ANY : NET_TLS_NAMES;
	}
}

size_t
relay_host_peers(struct relay_patience *patience, const struct relay_hosts *hosts,
	size_t index, struct arena *arena, struct relay_peer *peers, size_t most,
	struct relay_verdict *why)
{
	const struct relay_host *host = &hosts->list[index];
	const struct relay_target *target = &patience->destination->target;
	struct addressing addressing = {.patience = patience,
		.host = host->name,
		.arena = arena,
		.port = target->way == RELAY_WAY_HOST ? target->port
						      : patience->relay->settings.port,
		.peers = peers,
		.most = most,
		.proof = {.secure = true}};
	if (slice_empty(host->name)) {
		peers[0] = (struct relay_peer){.name = SLICE(""), .address = host->address};
		addressing.count = 1;
		mark(&addressing);
		return 1;
	}
	ask_addresses(&addressing);
	mark(&addressing);
	if (addressing.count == 0)
		no_addresses(&addressing, why);
	else if (hosts->secure && addressing.proof.secure && !ask_tlsa(&addressing, why))
		return 0;
	return addressing.count;
}
