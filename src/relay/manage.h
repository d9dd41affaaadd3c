#ifndef RELAY_MANAGE_H
#define RELAY_MANAGE_H

#include "relay/relay-internal.h"

/* What persons do to rows; the public half is in relay.h. */

/* Rows that were being delivered when somebody wanted them held or dropped. The tick's. */
void relay_grant_wishes(struct relay *relay);

#endif
