#ifndef DOOR_EXCHANGE_H
#define DOOR_EXCHANGE_H

#include "door/door.h"

/*
 * A sign-in as a state machine: SASL (RFC 4422), or a name and a password as they are. The
 * front end carries lines and knows no mechanism; the exchange knows no protocol.
 *
 *	exchange = door_exchange_create(door, session, SLICE("smtp"), mechanism);
 *	step = door_exchange_begin(exchange, initial);
 *
 * and for each step what stands beside it, until one of the last four. Belongs to the
 * session, whose closing drops it, and is used by its steps only.
 */
struct door_exchange;

enum door_step {
	DOOR_CHALLENGE, /* send door_exchange_challenge; the next line goes to _take */
	DOOR_CHECK,     /* park with door_exchange_check; its outcome goes to _checked */
	DOOR_WELCOME,   /* account and address are known */
	DOOR_REFUSED,   /* door_exchange_outcome says why, as in door.h */
	DOOR_BROKEN,    /* no base64, or not what the mechanism asks for */
	DOOR_GIVEN_UP   /* by the client: "*" */
};

/* Octets of base64 in one response; a longer one is broken. */
#define DOOR_RESPONSE_MOST 12288 /* RFC 4954 4 */

/*
 * The names of the mechanisms that may be used on this session, best first; absent behind
 * the last. None where door_may_ask says no.
 */
struct slice door_mechanism_name(
	const struct door *door, const struct net_session *session, size_t index);

/* NULL: the mechanism is none of these. Case does not matter. */
struct door_exchange *door_exchange_create(struct door *door,
	const struct net_session *session, struct slice service, struct slice mechanism);
/* What POP3's PASS and IMAP's LOGIN say: the next step is DOOR_CHECK. */
struct door_exchange *door_exchange_of_password(struct door *door,
	const struct net_session *session, struct slice service, struct slice command,
	struct slice name, struct slice password);
void door_exchange_drop(struct door_exchange *exchange); /* any time; NULL is fine */

/* initial: the initial response as it stands in the command, "=" for an empty one. */
enum door_step door_exchange_begin(struct door_exchange *exchange, struct slice initial);
/* line: the client's, without its end. The caller wipes it. */
enum door_step door_exchange_take(struct door_exchange *exchange, struct slice line);
struct base_ticket *door_exchange_check(struct door_exchange *exchange);
enum door_step door_exchange_checked(
	struct door_exchange *exchange, enum base_failure outcome);

/* Base64, perhaps empty; until the next call. */
struct slice door_exchange_challenge(const struct door_exchange *exchange);
enum base_failure door_exchange_outcome(const struct door_exchange *exchange);
/* After DOOR_WELCOME; the address lives as long as the exchange. */
uint64_t door_exchange_account(const struct door_exchange *exchange);
struct slice door_exchange_address(const struct door_exchange *exchange);

#endif
