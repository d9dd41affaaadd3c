#ifndef WIRE_RFC2231_H
#define WIRE_RFC2231_H

#include "wire/header.h"

/* What follows a type: "; name=value; name*0=…". Text is unfolded. */
struct wire_parameters rfc2231_parameters(struct arena *arena, struct slice text);

#endif
