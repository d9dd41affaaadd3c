/* LOGIN (draft-murchison-sasl-login): old programs know nothing else. */
#include "door/mechanism.h"
#include "wire/sasl.h"

static enum door_step
take(struct door_exchange *exchange, struct slice response)
{
	if (!wire_sasl_login_parse(response))
		return DOOR_BROKEN;
	if (exchange->round > 1)
		return door_exchange_try(exchange, exchange->name, response, SLICE(""));
	exchange->name = arena_copy(exchange->arena, response);
	return door_exchange_ask(exchange, SLICE("Password:"));
}

const struct door_mechanism door_mechanism_login = {
	.name = SLICE_INIT("LOGIN"), .greeting = SLICE_INIT("Username:"), .take = take};
