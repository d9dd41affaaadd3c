#ifndef DOOR_MECHANISM_H
#define DOOR_MECHANISM_H

#include "door/exchange.h"

/*
 * A mechanism of SASL: one file, which ends in its descriptor, and a line in the list of
 * exchange.c. Functions get responses decoded, and put challenges as they are.
 */
struct door_exchange {
	struct door *door;
	const struct net_session *session;
	const struct door_mechanism *mechanism; /* NULL: of a password */
	struct arena *arena;
	struct slice service;
	struct buffer challenge; /* base64 */
	struct slice name;       /* what a mechanism keeps between its rounds */
	unsigned round;          /* responses taken */
	struct door_attempt *attempt;
	enum base_failure outcome;
};

struct door_mechanism {
	struct slice name;
	/* NULL: wherever credentials may be asked for. */
	bool (*offered)(const struct door *door, const struct net_session *session);
	/* What the server says first when there was no initial response. */
	struct slice greeting;
	/* The response lives for the call; it is wiped afterwards. */
	enum door_step (*take)(struct door_exchange *exchange, struct slice response);
	/* After an attempt was right; NULL: that was all. */
	enum door_step (*right)(struct door_exchange *exchange);
};

extern const struct door_mechanism door_mechanism_plain, door_mechanism_login;

enum door_step door_exchange_ask(struct door_exchange *exchange, struct slice challenge);
/* A name and a password are complete: DOOR_CHECK. */
enum door_step door_exchange_try(struct door_exchange *exchange, struct slice name,
	struct slice password, struct slice authzid);

#endif
