#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/base.h"
#include "net/address.h"
#include "net/resolver.h"

/*
 * Client connections for errands: linear blocking code, in which nothing waits for ever.
 *
 *	SCOPED(net_stream_release) struct net_stream *stream = NULL;
 *	if (net_stream_dial(&settings, &address, NULL, 30000, &stream, error))
 *		return …;
 *	if (net_stream_read_line(stream, 300000, &line))
 *		return … net_stream_error(stream)->text …;
 *
 * Every call takes its time limit in ms, for the whole call and not for each byte, by the
 * settings' clock. `cancelled` is asked each NET_STREAM_CANCEL_MS while waiting. The
 * failures of all calls:
 *
 *	BASE_UNAVAILABLE  refused, reset, closed in the middle, too late, too slow, no TLS
 *	                  that both speak
 *	BASE_CANCELLED    the caller's `cancelled` said so
 *	BASE_TOO_LARGE    a line longer than line_most
 *	BASE_DENIED       TLS: the peer is not who it should be
 *	BASE_INVALID      bytes before the TLS handshake: injected answers
 *
 * After a failure the stream is broken: every later call fails the same way; close it.
 * One thread at a time. 128 KiB of stack are enough. The process ignores SIGPIPE (the
 * child of net/parent.h does).
 */
struct net_stream;

#define NET_STREAM_CANCEL_MS   250
#define NET_STREAM_LINE_MOST   (8 * 1024)  /* when line_most is 0 */
#define NET_STREAM_RATE_MS     (10 * 1000) /* least_rate is judged over this much waiting */
#define NET_STREAM_BLOCK       (16 * 1024) /* one TLS record; sources are sent in these */
#define NET_STREAM_SLICES_MOST 64          /* of one net_stream_write */

struct net_stream_settings {
	struct base_clock *clock;
	bool (*cancelled)(void *argument); /* NULL: never; say net_stopping(net) here */
	void *cancel_argument;
	/*
	 * Bytes per second; 0: no bound. Judged while our output waits, and while more of
	 * a line or answer that has begun is awaited; a peer that thinks is not slow.
	 */
	uint32_t least_rate;
	size_t line_most; /* with its line end; 0: NET_STREAM_LINE_MOST */
};

/* source: bind to this address first, or NULL; must be of the same family. */
enum base_failure net_stream_dial(const struct net_stream_settings *settings,
	const struct net_address *to, const struct net_address *source, uint64_t within_ms,
	struct net_stream **stream, struct base_error *error) MUST_CHECK;
/* A UNIX socket (milters, directories on this machine). */
enum base_failure net_stream_dial_path(const struct net_stream_settings *settings,
	const char *path, uint64_t within_ms, struct net_stream **stream,
	struct base_error *error) MUST_CHECK;
/* Takes over a connected descriptor. */
struct net_stream *net_stream_over(
	const struct net_stream_settings *settings, int descriptor);

/* Closes at once; under TLS a close_notify is tried, not waited for. NULL is fine. */
void net_stream_close(struct net_stream *stream);
void net_stream_release(struct net_stream **stream); /* for SCOPED */

/*
 * The next line without its end. It ends at LF; one CR before it belongs to the end (a few
 * servers answer with LF alone, and in a client that cannot smuggle anything).
 * The line is valid until the next call.
 */
enum base_failure net_stream_read_line(
	struct net_stream *stream, uint64_t within_ms, struct slice *line) MUST_CHECK;
/* At least one byte, at most room; *got 0 is the peer's orderly end. */
enum base_failure net_stream_read(struct net_stream *stream, char *into, size_t room,
	uint64_t within_ms, size_t *got) MUST_CHECK;
/* Exactly so many bytes. */
enum base_failure net_stream_read_all(
	struct net_stream *stream, char *into, size_t count, uint64_t within_ms) MUST_CHECK;
/* Is something there to be read now, buffered or by the kernel? The end counts too. */
bool net_stream_readable(struct net_stream *stream);

/* All of them, in order. The limit holds for the whole call: write blocks, not gigabytes.
 */
enum base_failure net_stream_write(struct net_stream *stream, const struct slice *slices,
	size_t count, uint64_t within_ms) MUST_CHECK;
enum base_failure net_stream_put(
	struct net_stream *stream, struct slice s, uint64_t within_ms) MUST_CHECK;
/*
 * The source to its end, in blocks; the limit holds for each block (RFC 5321 4.5.3.2.5).
 * Takes the source over and closes it, also on failure. A source that fails breaks the
 * stream with BASE_DAMAGED, as half a message is under way.
 */
enum base_failure net_stream_send(struct net_stream *stream, struct base_source *source,
	uint64_t within_ms) MUST_CHECK;

const struct base_error *net_stream_error(const struct net_stream *stream);
const struct net_address *net_stream_peer(const struct net_stream *stream);
const struct net_address *net_stream_local(const struct net_stream *stream);

/* --- TLS ---------------------------------------------------------------------------- */

/*
 * What all streams share: the roots, and sessions to resume. Any thread. The roots'
 * folder is looked into when a certificate needs it, so that it may change.
 */
struct net_tls_client;

#define NET_TLS_SESSIONS_MOST   1024
#define NET_TLS_SESSION_BYTES   (16 * 1024) /* larger ones are not kept */
#define NET_TLS_SESSION_LIFE_MS (60 * 60 * 1000)
#define NET_TLS_ROOTS_DEFAULT   "/etc/ssl/certs"
#define NET_TLS_NAMES_MOST      64
#define NET_TLS_RECORDS_MOST    64 /* TLSA records looked at */

struct net_tls_client_settings {
	const char *roots_folder; /* hashed, as Debian's; NULL: NET_TLS_ROOTS_DEFAULT */
	struct slice roots;       /* more roots, PEM: an organisation's own */
	size_t sessions;          /* kept for resumption; 0: none */
	struct base_clock *clock;
};
enum base_failure net_tls_client_create(const struct net_tls_client_settings *settings,
	struct net_tls_client **client, struct base_error *error) MUST_CHECK;
void net_tls_client_destroy(struct net_tls_client *client); /* after its streams */

enum net_tls_check {
	NET_TLS_ANY,   /* opportunistic (RFC 7435): any certificate; looks, requires nothing
			*/
	NET_TLS_NAMES, /* a chain to a root, and one of the names in the certificate */
	NET_TLS_DANE /* one of the TLSA records (RFC 7672); expiry and roots don't matter */
};

struct net_tls_wish {
	struct slice server_name; /* for SNI, and the name checked when `names` is empty */
	const struct slice *names;
	size_t name_count;
	enum net_tls_check check;
	const struct net_tlsa *records; /* NET_TLS_DANE: from a secure answer only */
	size_t record_count;
};

/* RFC 8460 4.3: what a TLS report says. */
enum net_tls_verdict {
	NET_TLS_UNCHECKED, /* no TLS yet */
	NET_TLS_VERIFIED,
	NET_TLS_HOST_MISMATCH,
	NET_TLS_EXPIRED,
	NET_TLS_NOT_TRUSTED,
	NET_TLS_TLSA_INVALID, /* no TLSA record matches */
	NET_TLS_FAILED        /* no common version or cipher, broken handshake */
};
const char *net_tls_verdict_name(enum net_tls_verdict verdict); /* as the report says it */

struct net_tls_facts {
	enum net_tls_verdict verdict; /* with NET_TLS_ANY too */
	bool resumed;
	bool dane_unusable;   /* no record was usable: encrypted, unauthenticated */
	struct slice version; /* "TLSv1.3" */
	struct slice cipher;  /* "TLS_AES_256_GCM_SHA384" */
	struct slice subject; /* the certificate's, for logs; foreign text */
	struct slice issuer;
	struct slice digest; /* SHA-256 of the certificate, hex */
};

/*
 * The handshake, TLS 1.2 or newer. Bytes that came before it and were not read are an
 * attacker's (answers injected behind "220 ready"): BASE_INVALID, nothing is sent.
 * NET_TLS_DANE with records none of which is usable encrypts without authentication, as
 * RFC 7672 2.2 wants, and says so in the facts.
 */
enum base_failure net_stream_start_tls(struct net_stream *stream,
	struct net_tls_client *client, const struct net_tls_wish *wish,
	uint64_t within_ms) MUST_CHECK;
/* Valid until close; after a failed handshake too, as far as known. */
const struct net_tls_facts *net_stream_tls(const struct net_stream *stream);

#endif
