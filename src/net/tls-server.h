#ifndef NET_TLS_SERVER_H
#define NET_TLS_SERVER_H

#include "net/net.h"
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

/*
 * Inside net: the server's side of TLS. A set of certificates is immutable and counted: a
 * reload makes a new one, handshakes under way finish with theirs. Session tickets are
 * sealed with keys drawn at the start, so that they outlive a reload, not the process.
 */
#define NET_TICKET_KEYS_MOST 128

struct net_certificates;
struct net_session;

struct net_tls {
	pthread_mutex_t lock;
	struct net_certificates *current;
	unsigned char ticket_keys[NET_TICKET_KEYS_MOST];
};

void net_tls_start(struct net_tls *tls);
void net_tls_stop(struct net_tls *tls);
bool net_tls_ready(struct net_tls *tls); /* has certificates */
/* A reference, or NULL. */
struct net_certificates *net_tls_hold(struct net_tls *tls);
void net_certificates_drop(struct net_certificates *certificates); /* NULL is fine */
SSL_CTX *net_certificates_default(const struct net_certificates *certificates);

enum net_shaken { NET_SHAKEN, NET_SHAKING, NET_SHAKE_FAILED };
/*
 * Goes on with the session's handshake, or begins it; SHAKING says in *events what it
 * waits for.
 */
enum net_shaken net_tls_shake(struct net_session *session, unsigned *events);
/* close_notify, without waiting for the peer's; frees. */
void net_tls_end(struct net_session *session);
/* OpenSSL's reason, of this thread; for logs. */
struct slice net_tls_reason(char into[256]);

#endif
