#ifndef NET_STREAM_INTERNAL_H
#define NET_STREAM_INTERNAL_H

#include "net/stream.h"
#include <openssl/ssl.h>

/*
 * stream.c moves bytes and keeps time; stream-dial.c connects; stream-tls.c shakes hands
 * and says what came of it; tls-client.c holds what all streams share.
 *
 * The descriptor never blocks: every wait is stream_wait, where the deadline, the least
 * rate and the cancel are looked at.
 */
struct net_stream {
	struct net_stream_settings settings;
	int descriptor;
	bool broken;
	struct base_error error;
	struct net_address peer, local;

	char *input; /* line_most bytes */
	size_t input_start, input_end;

	/* For the least rate: waited so long for so many bytes. */
	uint64_t slow_ms;
	uint64_t slow_bytes;

	SSL *tls;
	struct net_tls_client *tls_client;
	uint8_t session_key[BASE_SHA256_SIZE]; /* what a session is kept under */
	char *record; /* NET_STREAM_BLOCK bytes, to gather slices under TLS */
	struct arena *facts_arena;
	struct net_tls_facts facts;
};

/* One call's limits. */
struct stream_patience {
	uint64_t until;  /* steady ms */
	uint64_t within; /* for the text */
	bool rated;      /* the least rate counts now */
	bool ended;      /* only what is there already counts */
};

struct stream_patience stream_patience(const struct net_stream *stream, uint64_t within_ms);

/* events: POLLIN or POLLOUT. BASE_OK when it may be tried again. */
enum base_failure stream_wait(
	struct net_stream *stream, struct stream_patience *patience, short events);
void stream_moved(struct net_stream *stream, size_t bytes);

/* Marks the stream broken and gives the failure back. */
enum base_failure stream_fail(struct net_stream *stream, enum base_failure failure,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/* One try over TLS. WANT: wait for *events, then try again. */
enum stream_try { STREAM_DONE, STREAM_WANT, STREAM_END, STREAM_FAILED };
enum stream_try stream_tls_read(
	struct net_stream *stream, char *into, size_t room, size_t *got, short *events);
enum stream_try stream_tls_write(
	struct net_stream *stream, struct slice s, size_t *wrote, short *events);
void stream_tls_close(struct net_stream *stream);

/* --- what streams share ------------------------------------------------------------- */

SSL_CTX *tls_client_context(const struct net_tls_client *client);
/*
 * A session kept under this key, or NULL; the caller frees it. One of TLS 1.3 is taken
 * out: its ticket is used once (RFC 8446 C.4). Sessions come back by themselves: the
 * context hands them to the stream's client.
 */
SSL_SESSION *tls_client_session(
	struct net_tls_client *client, const uint8_t key[BASE_SHA256_SIZE]);

#endif
