#ifndef RELAY_CLIENT_H
#define RELAY_CLIENT_H

#include "net/stream.h"
#include "relay/parcel.h"
#include "relay/slow.h"

/*
 * The other side of SMTP: one connection to one server, and letters over it, one after the
 * other. Linear code of an errand. RFC 5321, and of extensions what the server offers.
 */

/* RFC 5321 4.5.3.2, in ms. */
#define RELAY_WAIT_CONNECT    ((uint64_t)30 * 1000)
#define RELAY_WAIT_GREETING   ((uint64_t)5 * 60 * 1000)
#define RELAY_WAIT_COMMAND    ((uint64_t)5 * 60 * 1000)
#define RELAY_WAIT_HANDSHAKE  ((uint64_t)60 * 1000)
#define RELAY_WAIT_DATA       ((uint64_t)2 * 60 * 1000)
#define RELAY_WAIT_DATA_BLOCK ((uint64_t)3 * 60 * 1000)
#define RELAY_WAIT_DATA_END   ((uint64_t)10 * 60 * 1000)
#define RELAY_WAIT_QUIT       ((uint64_t)2 * 1000)
#define RELAY_LEAST_RATE      64 /* bytes a second */

struct relay_peer {
	struct net_address address;
	struct slice name;   /* the host's; empty for an address literal */
	struct slice domain; /* the mail's, for DANE's names; may be empty */
	bool from_mx;        /* found in the DNS: then it must not be ourselves */
	bool implicit_tls;
	bool must_secure; /* never in the clear */
	enum net_tls_check check;
	const struct net_tlsa *records; /* of NET_TLS_DANE */
	size_t record_count;
};

struct relay_client {
	struct relay *relay;
	struct relay_patience *patience; /* with the server; the delivery's */
	struct arena *arena;             /* of the connection */
	const struct relay_peer *peer;
	struct net_stream *stream;
	struct wire_smtp_reply reply; /* the last one */
	struct wire_smtp_offers offers;
	struct buffer out;
	struct slice server; /* who answers, for reports: the name, else the address */
	struct slice label;  /* for logs: "mx.example.net [192.0.2.1]:25" */
	struct slice tls;    /* "TLSv1.3 TLS_AES_256_GCM_SHA384", or "" */
	unsigned letters;    /* taken, accepted or not */
	bool unreset;        /* a transaction was left open: RSET goes before the next */
	bool sent;           /* a letter, whole: only the answer tells who has it now */
	bool endless;        /* line came after line, but no end of the reply */
};

/*
 * Connected, greeted, secured where it can be. NULL with a verdict that postpones; if
 * *loop, the server is ourselves.
 */
struct relay_client *relay_client_open(struct relay_patience *patience,
	const struct relay_peer *peer, struct arena *arena, struct relay_verdict *why,
	bool *loop);
/* Says QUIT if it can. NULL is fine. */
void relay_client_close(struct relay_client *client);

/*
 * Brings the parcel; its rows have verdicts afterwards. False: the connection is of no use
 * any more. A connection that served letters before, and was gone when this one came,
 * leaves all rows untried.
 */
bool relay_client_deliver(struct relay_client *client, struct relay_parcel *parcel);

/* --- inside: client.c, transaction.c --------------------------------------------- */

/* So much is put in `out` before it must go: of the commands that go together, most. */
#define RELAY_OUT_FULL ((size_t)64 * 1024)
/* What is put in `out` goes, at once. */
enum base_failure relay_client_flush(struct relay_client *client) MUST_CHECK;
/* One whole reply. BASE_INVALID: that is no SMTP. */
enum base_failure relay_client_hear(
	struct relay_client *client, uint64_t within_ms) MUST_CHECK;
/* Why the connection failed, as a verdict that postpones. */
struct relay_verdict relay_client_failure(struct relay_client *client, struct arena *arena);
static inline bool
relay_client_offers(const struct relay_client *client, enum wire_smtp_offer offer)
{
	return client->offers.offers & offer;
}

#endif
