#ifndef RELAY_TEST_SERVER_H
#define RELAY_TEST_SERVER_H

#include "base/base.h"
#include <pthread.h>

/*
 * For tests: an SMTP server on loopback that does as it is told. Threads, one a connection.
 * By default it takes everything. A rule answers commands that begin with `on` instead; the
 * first one that fits and is not used up counts. "GREETING" and "END" (of data) can be
 * answered too.
 */
enum server_deed {
	SERVER_GOES_ON,
	SERVER_HANGS_UP,     /* after the reply */
	SERVER_SAYS_NOTHING, /* until the client is gone */
	SERVER_NEVER_ENDS,   /* one line after the other, in the clear, until it is gone */
	SERVER_BREAKS_DATA   /* of DATA: reads some bytes, hangs up */
};

struct server_rule {
	const char *on;
	const char *reply; /* without the last CRLF; NULL: the usual one */
	enum server_deed then;
	int times;    /* 0: always */
	int after_ms; /* of the server's clock, which it turns on */
};

#define SERVER_RULES_MOST      16
#define SERVER_MESSAGES_MOST   8192
#define SERVER_RECIPIENTS_MOST 128

struct server_message {
	char *from; /* the line, without "MAIL FROM:" */
	char *to[SERVER_RECIPIENTS_MOST];
	size_t to_count;
	char *data; /* without stuffed dots and the end */
	size_t data_length;
	bool secured;
};

struct server {
	const char *address; /* "127.0.0.1" */
	uint16_t port;       /* 0: any */
	const char *offers;  /* EHLO lines: "PIPELINING\n8BITMIME"; NULL: HELO only */
	struct server_rule rules[SERVER_RULES_MOST];
	const char *chain_pem, *key_pem; /* for STARTTLS; NULL: the handshake fails */
	bool implicit_tls;
	struct base_clock *clock; /* NULL: rules take no time */

	int listener;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct server_message messages[SERVER_MESSAGES_MOST];
	size_t message_count, connections, open;
	struct buffer commands; /* all lines, each with '\n'; END after data */
	bool stopping;
};

void server_start(struct server *server);
void server_stop(struct server *server);
/* Blocks until that many messages came. */
void server_await(struct server *server, size_t messages);
void server_await_connections(struct server *server, size_t connections);
size_t server_open_connections(struct server *server); /* at this moment */
/* How often a line that begins so came. */
size_t server_heard(struct server *server, const char *start);

#endif
