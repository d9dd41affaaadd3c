#ifndef CLI_PORTS_H
#define CLI_PORTS_H

#include "cli/server.h"
#include "net/parent.h"

/*
 * The ports that the parent handed to its child, from handover to handover. One descriptor
 * of each stays here; whoever listens gets a copy, so that the server can take them over
 * from whoever answers while the store can't be opened.
 */
#define CLI_PORT_WORD_MOST 64

struct cli_port {
	struct net_address address;
	char word[CLI_PORT_WORD_MOST]; /* cli_listener_word's */
	int descriptor;
	int listening; /* the server's copy, or -1 */
	bool seen;     /* in the handover that is being taken */
};

struct cli_ports {
	struct cli_port all[NET_PLAN_LISTENERS_MOST];
	size_t count;
};

/* Adds what is new, closes what is gone, here and in the server (NULL: there is none). */
void cli_ports_take(struct cli_ports *ports, const struct net_handover *handover,
	struct cli_server *server);
/* The server listens on those it does not listen on yet. Failures are logged. */
void cli_ports_listen(
	struct cli_ports *ports, struct cli_server *server, struct base_log *log);

#endif
