#include "door/exchange.h"
#include "base/encode.h"
#include "door/mechanism.h"
#include "wire/sasl.h"

#define EXCHANGE_MEMORY_MOST (64 * 1024)
#define CHALLENGE_MOST       (16 * 1024)

/* --- mechanisms ----------------------------------------------------------------------- */

/* Best first: clients that take the first they know take that. */
static const struct door_mechanism *const mechanisms[] = {
	&door_mechanism_plain, &door_mechanism_login, NULL};

static bool
is_offered(const struct door_mechanism *mechanism, const struct door *door,
	const struct net_session *session)
{
	return door_may_ask(door, session) &&
	       (!mechanism->offered || mechanism->offered(door, session));
}

struct slice
door_mechanism_name(
	const struct door *door, const struct net_session *session, size_t index)
{
	for (size_t i = 0; mechanisms[i]; i++)
		if (is_offered(mechanisms[i], door, session) && index-- == 0)
			return mechanisms[i]->name;
	return SLICE_NONE;
}

static const struct door_mechanism *
find(const struct door *door, const struct net_session *session, struct slice name)
{
	for (size_t i = 0; mechanisms[i]; i++)
		if (slice_equal_nocase(mechanisms[i]->name, name))
			return is_offered(mechanisms[i], door, session) ? mechanisms[i]
									: NULL;
	return NULL;
}

/* --- lifetime ------------------------------------------------------------------------- */

static struct door_exchange *
create(struct door *door, const struct net_session *session, struct slice service,
	const struct door_mechanism *mechanism)
{
	struct arena *arena = arena_create(EXCHANGE_MEMORY_MOST);
	struct door_exchange *exchange = ARENA_NEW(arena, struct door_exchange);
	*exchange = (struct door_exchange){.door = door,
		.session = session,
		.mechanism = mechanism,
		.arena = arena,
		.service = arena_copy(arena, service),
		.challenge = buffer_with(CHALLENGE_MOST)};
	return exchange;
}

struct door_exchange *
door_exchange_create(struct door *door, const struct net_session *session,
	struct slice service, struct slice mechanism)
{
	const struct door_mechanism *found = find(door, session, mechanism);
	return found ? create(door, session, service, found) : NULL;
}

void
door_exchange_drop(struct door_exchange *exchange)
{
	if (!exchange)
		return;
	door_attempt_drop(exchange->attempt);
	buffer_free(&exchange->challenge);
	arena_destroy(exchange->arena);
}

/* --- rounds --------------------------------------------------------------------------- */

enum door_step
door_exchange_ask(struct door_exchange *exchange, struct slice challenge)
{
	buffer_clear(&exchange->challenge);
	base64_put(&exchange->challenge, challenge);
	ASSERT(!buffer_failed(&exchange->challenge));
	return DOOR_CHALLENGE;
}

static enum door_step
try_as(struct door_exchange *exchange, struct slice mechanism, struct slice name,
	struct slice password, struct slice authzid)
{
	ASSERT(!exchange->attempt);
	exchange->attempt = door_attempt_create(exchange->door, exchange->session,
		exchange->service, mechanism, name, password);
	door_attempt_set_authzid(exchange->attempt, authzid);
	return DOOR_CHECK;
}

enum door_step
door_exchange_try(struct door_exchange *exchange, struct slice name, struct slice password,
	struct slice authzid)
{
	return try_as(exchange, exchange->mechanism->name, name, password, authzid);
}

struct door_exchange *
door_exchange_of_password(struct door *door, const struct net_session *session,
	struct slice service, struct slice command, struct slice name,
	struct slice password)
{
	struct door_exchange *exchange = create(door, session, service, NULL);
	try_as(exchange, command, name, password, SLICE(""));
	return exchange;
}

/* Decoded, taken, wiped. */
static enum door_step
respond(struct door_exchange *exchange, struct slice base64)
{
	SCOPED(buffer_free) struct buffer response = buffer_with(DOOR_RESPONSE_MOST);
	if (base64.length > DOOR_RESPONSE_MOST || !base64_decode(base64, &response))
		return DOOR_BROKEN;
	exchange->round++;
	enum door_step step = exchange->mechanism->take(exchange, buffer_slice(&response));
	if (response.length)
		explicit_bzero(response.data, response.length);
	return step;
}

enum door_step
door_exchange_begin(struct door_exchange *exchange, struct slice initial)
{
	if (slice_absent(initial))
		return door_exchange_ask(exchange, exchange->mechanism->greeting);
	return respond(exchange, slice_equal(initial, SLICE("=")) ? SLICE("") : initial);
}

enum door_step
door_exchange_take(struct door_exchange *exchange, struct slice line)
{
	return wire_sasl_is_cancel(line) ? DOOR_GIVEN_UP : respond(exchange, line);
}

/* --- the check ------------------------------------------------------------------------ */

struct base_ticket *
door_exchange_check(struct door_exchange *exchange)
{
	return door_attempt_start(exchange->attempt);
}

enum door_step
door_exchange_checked(struct door_exchange *exchange, enum base_failure outcome)
{
	exchange->outcome = outcome;
	if (outcome)
		return DOOR_REFUSED;
	return exchange->mechanism && exchange->mechanism->right
		       ? exchange->mechanism->right(exchange)
		       : DOOR_WELCOME;
}

/* --- what it came to ------------------------------------------------------------------ */

struct slice
door_exchange_challenge(const struct door_exchange *exchange)
{
	return buffer_slice(&exchange->challenge);
}

enum base_failure
door_exchange_outcome(const struct door_exchange *exchange)
{
	return exchange->outcome;
}

uint64_t
door_exchange_account(const struct door_exchange *exchange)
{
	return door_attempt_account(exchange->attempt);
}

struct slice
door_exchange_address(const struct door_exchange *exchange)
{
	return door_attempt_address(exchange->attempt);
}
