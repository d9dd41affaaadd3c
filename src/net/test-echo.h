#ifndef NET_TEST_ECHO_H
#define NET_TEST_ECHO_H

#include "net/net.h"
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <zlib.h>

/*
 * For the tests of the runtime: a protocol of lines that uses all of net.h, a server that
 * speaks it, and a blocking peer.
 *
 *	anything          comes back
 *	DATA n            takes n octets, answers their sum
 *	BIG n             n bytes of a source
 *	MANY n            n lines of 1 KiB, by NET_MORE
 *	ERRAND ms         waits for an errand that sleeps so long
 *	DONE              waits for a ticket that is complete already
 *	WAIT              waits to be woken by echo_wake, or for a line
 *	DRAIN             a source of 1 MiB, then a line once it has drained
 *	COMPRESS          "go", then deflate both ways
 *	MEMORY            what that holds
 *	STARTTLS          the handshake, then "secured"
 *	SLOW              from now on at least 100 bytes a second
 *	SHORT ms          deadlines of so many ms from now on
 *	BUSY              holds its worker for 20 ms
 *	CARRIED           what the blame page says
 *	ACCOUNT name      at most two sessions of a name
 *	QUIT
 */
struct echo_server {
	struct base_clock *clock;
	struct base_log *log;
	struct base_metrics *metrics;
	struct net_blame *blame;
	struct net *net;
	uint16_t port, tls_port;
	atomic_int greeted, closed, sources_open;
	atomic_int ended, deadlines, stoppings;
	atomic_int data, errands;  /* begun */
	atomic_size_t octets;      /* of DATA, taken */
	struct net_handle waiting; /* the last session that said WAIT; waits tells when */
	atomic_int waits;
	struct net_protocol protocol;
};

/* Zero the settings for defaults; clock and metrics are filled in. Listens on 127.0.0.1. */
void echo_create(struct echo_server *server, struct net_settings settings);
void echo_go(struct echo_server *server); /* accepts what has connected since create */
void echo_start(struct echo_server *server, struct net_settings settings); /* both */
void echo_stop(struct echo_server *server);
void echo_wake(struct echo_server *server, unsigned why);
void echo_advance(struct echo_server *server, int64_t ms);
/* Waits until the condition holds; fails the test after 20 s. */
#define ECHO_UNTIL(condition)                          \
	do {                                           \
		for (int i_ = 0; !(condition); i_++) { \
			assert_true(i_ < 20000);       \
			echo_sleep_ms(1);              \
		}                                      \
	} while (0)
void echo_sleep_ms(unsigned ms);

struct peer {
	int descriptor;
	SSL_CTX *context;
	SSL *ssl;
	struct buffer got;  /* received, not yet asked for */
	char *line;         /* the last one shown */
	z_stream *out, *in; /* after peer_compress */
	char packed[4096];
};

void peer_dial(struct peer *peer, uint16_t port);
bool peer_secure(struct peer *peer, const char *server_name); /* false: it failed */
void peer_compress(struct peer *peer); /* from here on, with zlib's largest window */
void peer_send(struct peer *peer, struct slice s);
void peer_say(struct peer *peer, const char *line); /* adds CRLF */
/* The next line without its end; valid until the next call. Fails the test at the end. */
struct slice peer_line(struct peer *peer);
void peer_expect(struct peer *peer, const char *line);
/* Receives and counts so many bytes. */
void peer_swallow(struct peer *peer, size_t count);
bool peer_at_end(struct peer *peer); /* waits for the orderly end */
void peer_half_close(struct peer *peer);
void peer_hang_up(struct peer *peer);

#endif
