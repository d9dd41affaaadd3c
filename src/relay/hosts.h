#ifndef RELAY_HOSTS_H
#define RELAY_HOSTS_H

#include "relay/client.h"

/*
 * Which servers take a destination's mail, in which order (RFC 5321 5.1, RFC 7505), and at
 * which addresses. Asked of the resolver, so only in an errand.
 */
#define RELAY_HOSTS_MOST     16 /* MX looked at */
#define RELAY_ADDRESSES_MOST 10 /* tried, of all hosts together */
#define RELAY_HOST_MOST      4  /* of one, when there are others after it */
#define RELAY_WAIT_RESOLVER  ((uint64_t)20 * 1000)

struct relay_host {
	struct slice name; /* empty: the address is given */
	uint16_t preference;
	struct net_address address; /* of a literal */
};

struct relay_hosts {
	struct relay_host list[RELAY_HOSTS_MOST];
	size_t count;
	bool secure; /* DNSSEC says that these are the ones */
};

/*
 * Pure: MX records (sorted by preference) as hosts; ties in an order that chance decides.
 * Of own_name's preference and worse nobody is asked, as they would bring it back to us
 * (RFC 5321 5.1); without anybody left it is a loop, and count is 0. The root, which null
 * MX name (RFC 7505), is nobody.
 */
void relay_hosts_order(const struct net_answer *mx, struct slice own_name, uint64_t chance,
	struct relay_hosts *hosts);

/* False with a verdict: no such domain, no mail taken, no answer now. */
bool relay_hosts_find(struct relay_patience *patience, struct arena *arena,
	struct relay_hosts *hosts, struct relay_verdict *why);

/*
 * Pure: how many addresses of a host are tried, so that one with many leaves some to those
 * after it. RFC 5321 5.1 wants two at least.
 */
size_t relay_hosts_tries(size_t hosts_left, size_t tries_left);

/*
 * Pure: what the answers about a host's addresses prove together. One that is not to be had
 * proves nothing, and takes nothing away: else who swallows the answer about IPv6 would
 * keep us from asking for TLSA records at all (RFC 7672 1.3.1).
 */
struct relay_proof {
	bool secure;     /* every answer was; true to begin with */
	bool temporary;  /* an answer is still to be had */
	bool unanswered; /* as there was none */
};
void relay_proof_note(struct relay_proof *proof, const struct net_answer *answer);

/*
 * The host's addresses as peers, one of each family in turn (RFC 8305 4), so that those of
 * a family that this machine does not have leave room for the others; at most `most`. count
 * 0: none, with a verdict, which is final (RELAY_REFUSED) when there will be none tomorrow
 * either. Of a delivery that is given up meanwhile (slow.h) nothing more is asked.
 */
size_t relay_host_peers(struct relay_patience *patience, const struct relay_hosts *hosts,
	size_t index, struct arena *arena, struct relay_peer *peers, size_t most,
	struct relay_verdict *why);

#endif
