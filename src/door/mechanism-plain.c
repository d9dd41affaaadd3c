/* PLAIN: RFC 4616. */
#include "door/mechanism.h"
#include "wire/sasl.h"

static enum door_step
take(struct door_exchange *exchange, struct slice response)
{
	struct wire_sasl_plain plain;
	if (!wire_sasl_plain_parse(response, &plain))
		return DOOR_BROKEN;
	return door_exchange_try(
		exchange, plain.authenticate, plain.password, plain.authorize);
}

const struct door_mechanism door_mechanism_plain = {
	.name = SLICE_INIT("PLAIN"), .greeting = SLICE_INIT(""), .take = take};
