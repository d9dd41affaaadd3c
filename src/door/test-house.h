#ifndef DOOR_TEST_HOUSE_H
#define DOOR_TEST_HOUSE_H

#include "door/door.h"
#include <openssl/ssl.h>

/*
 * For tests of door and of front ends: a store in a folder of its own, post, net and door
 * on it, listeners on loopback, the domain troika.test; and a peer that blocks. Everything
 * that fails fails the test.
 */
struct house {
	char folder[64];
	FILE *log_file;
	struct base_clock *clock;
	struct base_log *log;
	struct base_metrics *metrics;
	struct store *store;
	struct post *post;
	struct net *net;
	struct door *door;
	uint16_t port, tls_port; /* with STARTTLS; TLS from the start */
};

struct house_settings {
	bool clear; /* loopback may sign in without TLS */
	uint32_t failures_per_hour;
	unsigned hash_queue; /* of the lane; 0: the usual */
};

void house_open(struct house *house, const struct house_settings *settings);
/* Then its context is made, and: */
void house_listen(struct house *house, const struct net_protocol *protocol, void *owner);
void house_close(struct house *house);

void house_account(struct house *house, const char *address, const char *password);
/* In the INBOX of an account; the text has CRLF. */
void house_deliver(struct house *house, const char *address, struct slice text);
void house_done(struct base_ticket *ticket); /* waits; it must have gone well */
void house_advance(struct house *house, int64_t ms);
/* Everything that was logged; free it. */
char *house_log(struct house *house);
int64_t house_metric(struct house *house, const char *name, const char *labels);

struct peer {
	int descriptor;
	SSL_CTX *context;
	SSL *ssl;
	struct buffer got;  /* received, not asked for yet */
	struct buffer line; /* the last one shown */
};

void peer_dial(struct peer *peer, uint16_t port);
void peer_secure(struct peer *peer);
void peer_send(struct peer *peer, struct slice bytes);
void peer_say(struct peer *peer, const char *line); /* adds CRLF */
/* The next line without its end, as text; valid until the next call. */
const char *peer_line(struct peer *peer);
void peer_expect(struct peer *peer, const char *line);
void peer_expect_start(struct peer *peer, const char *start);
bool peer_at_end(struct peer *peer);
void peer_hang_up(struct peer *peer);

#endif
