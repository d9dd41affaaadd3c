#ifndef NET_TEST_TLS_PEER_H
#define NET_TEST_TLS_PEER_H

#include "net/address.h"
#include "net/certificate.h"
#include <openssl/ssl.h>
#include <pthread.h>

/*
 * For tests: a server on loopback, a thread that does for each connection what its script
 * says and notes how much it heard.
 */
enum tls_peer_script {
	TLS_PEER_ECHO,         /* handshake, then echo */
	TLS_PEER_INJECT,       /* "220 ready" and an answer more, in the clear */
	TLS_PEER_INJECT_LATER, /* the same, once a byte comes in the pipe `go` */
	TLS_PEER_SILENCE,      /* nothing at all */
	TLS_PEER_GARBAGE,      /* no TLS */
	TLS_PEER_NO_GOODBYE    /* handshake, half a line, the connection is cut */
};

struct tls_peer {
	SSL_CTX *context;
	int listening;
	struct net_address at;
	pthread_t thread;
	bool running;
	enum tls_peer_script script;
	int go[2];
	size_t heard;            /* bytes; after the stop */
	struct slice chain, key; /* its self-signed certificate, PEM */
};

bool tls_peer_start(struct tls_peer *server, enum tls_peer_script script, struct slice name,
	struct net_certificate_times times, struct arena *arena);
void tls_peer_stop(struct tls_peer *server); /* the thread; may be done twice */
void tls_peer_destroy(struct tls_peer *server);

#endif
