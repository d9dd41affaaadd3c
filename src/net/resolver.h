#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include "base/base.h"
#include "net/address.h"

/*
 * Names to answers, validated by DNSSEC (RFC 4033-4035), over libunbound. One resolver
 * serves all errands; a look-up blocks its thread until the answer or the deadline, so a
 * worker never calls it. Answers are cached inside, up to the ceilings below.
 *
 *	struct net_answer mx;
 *	net_resolver_ask(resolver, SLICE("example.net"), NET_DNS_MX, 10000, arena, &mx);
 *	switch (mx.status) …
 *
 * Where no name server can be reached the status is NET_DNS_UNAVAILABLE: temporary.
 */
struct net_resolver;

#define NET_RESOLVER_DEADLINE_MOST  (60 * 1000) /* ms; longer ones are cut to this */
#define NET_RESOLVER_WAITING_MOST   1024        /* questions under way; more are refused */
#define NET_RESOLVER_PORTS          256         /* UDP sockets at once */
#define NET_RESOLVER_TCP            32          /* TCP sockets at once */
#define NET_RESOLVER_MESSAGE_CACHE  "8m"
#define NET_RESOLVER_RECORD_CACHE   "16m"
#define NET_RESOLVER_KEY_CACHE      "4m"
#define NET_RESOLVER_ANCHOR_DEFAULT "/usr/share/dns/root.key" /* of dns-root-data */
#define NET_ANSWER_RECORDS_MOST     256 /* more records of one answer are left out */
#define NET_ANSWER_ALIASES_MOST     8   /* CNAMEs followed through local data */

/* Where questions go. */
enum net_resolver_way {
	NET_RESOLVE_SYSTEM,   /* those of resolv.conf; without that file as RECURSIVE */
	NET_RESOLVE_SERVERS,  /* those of `servers` */
	NET_RESOLVE_RECURSIVE /* none: asks the root servers itself */
};

struct net_resolver_settings {
	enum net_resolver_way way;
	const char *resolv_conf;           /* NULL: /etc/resolv.conf */
	const char *hosts;                 /* "/etc/hosts" to use it too; NULL: not */
	const struct net_address *servers; /* of NET_RESOLVE_SERVERS, with port (0: 53) */
	size_t server_count;

	/*
	 * Without validation nothing is ever secure, and DANE never applies. With it, and
	 * behind a name server that drops signatures, everything signed is bogus: ask
	 * net_resolver_check after the start, and see net_resolver_trust.
	 */
	bool validate;
	const char *anchor; /* file of the root's keys; NULL: NET_RESOLVER_ANCHOR_DEFAULT */

	/*
	 * The administrator's own word, asked of no server. Records are in zone file form,
	 * "mail.example.test. 300 IN A 127.0.0.1"; a zone ("example.test") is answered from
	 * records only: names not in it do not exist. What stands in a zone counts as
	 * secure, so that DANE can be tried without a network.
	 */
	const struct slice *zones;
	size_t zone_count;
	const struct slice *records;
	size_t record_count;

	struct base_clock *clock;
	struct base_metrics *metrics; /* may be NULL */
};

/* Starts the resolver's threads: after the walls rose. */
enum base_failure net_resolver_create(const struct net_resolver_settings *settings,
	struct net_resolver **resolver, struct base_error *error) MUST_CHECK;
/* No look-up may be under way. NULL is fine. */
void net_resolver_destroy(struct net_resolver *resolver);

/*
 * Ends all look-ups under way with NET_DNS_UNAVAILABLE and refuses new ones: at a stop,
 * before the errands are waited for. Any thread.
 */
void net_resolver_stop(struct net_resolver *resolver);

enum net_dns_type {
	NET_DNS_A = 1,
	NET_DNS_CNAME = 5,
	NET_DNS_PTR = 12,
	NET_DNS_MX = 15,
	NET_DNS_TXT = 16,
	NET_DNS_AAAA = 28,
	NET_DNS_TLSA = 52
};

enum net_dns_status {
	NET_DNS_FOUND,      /* at least one record */
	NET_DNS_EMPTY,      /* the name exists, without records of this type */
	NET_DNS_NO_NAME,    /* NXDOMAIN: the name does not exist */
	NET_DNS_BOGUS,      /* validation failed: treat as temporary, never as absent */
	NET_DNS_UNAVAILABLE /* no answer, SERVFAIL, deadline, stop: temporary */
};

/* TLSA, RFC 6698 2.1. */
struct net_tlsa {
	uint8_t usage;    /* 2 DANE-TA, 3 DANE-EE; 0 and 1 are unusable for SMTP */
	uint8_t selector; /* 0 certificate, 1 public key */
	uint8_t matching; /* 0 whole, 1 SHA-256, 2 SHA-512 */
	struct slice data;
};

/* Which member is set follows from the type that was asked. */
struct net_dns_record {
	struct net_address address; /* A, AAAA; port 0 */
	struct slice name;   /* MX, CNAME, PTR: lower case, no last dot; "" the root */
	uint16_t preference; /* MX */
	struct slice text;   /* TXT: its strings joined (RFC 7208 3.3) */
	struct net_tlsa tlsa;
};

struct net_answer {
	enum net_dns_status status;
	bool secure;            /* validated from the root; for an absence too: proven */
	uint32_t ttl;           /* seconds */
	struct slice canonical; /* the name that holds the records, after CNAMEs */
	struct net_dns_record *records;
	size_t count;
	const char *why; /* for BOGUS and UNAVAILABLE: for a person; in the arena */
};

/*
 * Names are ASCII (IDNs as A-labels), with or without the last dot. A text that can't be a
 * name gives NET_DNS_NO_NAME. MX come sorted by preference, otherwise in the
 * order received. All of the answer lives in the arena.
 */
void net_resolver_ask(struct net_resolver *resolver, struct slice name,
	enum net_dns_type type, uint64_t within_ms, struct arena *arena,
	struct net_answer *answer);

/* The name that holds an address's PTR: "1.2.0.192.in-addr.arpa". */
struct slice net_resolver_reverse_name(
	const struct net_address *address, struct arena *arena);

/*
 * "MX 0 ." alone: the domain takes no mail (RFC 7505 3). Any preference means it, as nobody
 * could be asked.
 */
bool net_answer_is_null_mx(const struct net_answer *answer);

/*
 * Asks for the root's own name servers and says what the answer proves. For the start-up
 * log and `dns check`.
 */
enum net_resolver_health {
	NET_RESOLVER_VALIDATES,
	NET_RESOLVER_DOES_NOT_VALIDATE, /* answers, but unsigned or bogus: DANE never
					   applies */
	NET_RESOLVER_UNREACHABLE
};
enum net_resolver_health net_resolver_check(
	struct net_resolver *resolver, uint64_t within_ms, struct base_error *why);

/*
 * Whether name servers answer at all, now: a question that no cache knows, as
 * net_resolver_check's answer may be a day old. Which answer, is all the same.
 */
bool net_resolver_probe(
	struct net_resolver *resolver, uint64_t within_ms, struct base_error *why);

/*
 * On: answers that fail validation are taken as if nobody had signed them, never as secure.
 * For name servers that drop signatures, where otherwise all mail would wait. Any thread.
 */
void net_resolver_trust(struct net_resolver *resolver, bool on);

const char *net_dns_type_name(enum net_dns_type type);
const char *net_dns_status_name(enum net_dns_status status);

#endif
