#ifndef WIRE_SASL_H
#define WIRE_SASL_H

#include "base/buffer.h"

/*
 * SASL's simple mechanisms as bytes: PLAIN (RFC 4616) and LOGIN, both sides. Who may come
 * in is door's question; these only read and write.
 *
 * Names and passwords are UTF-8, without NUL, of at most WIRE_SASL_PART_MOST octets each.
 * Decoded parts live in the arena, which the caller wipes or drops soon.
 */
#define WIRE_SASL_PART_MOST 1024

struct wire_sasl_plain {
	struct slice authorize; /* whose mail is wanted; empty: the same as authenticate */
	struct slice authenticate; /* who signs in */
	struct slice password;
};

/* base64 as the protocols carry it; "=" is an empty response, which PLAIN has not. */
MUST_CHECK bool wire_sasl_plain_decode(
	struct slice base64, struct arena *arena, struct wire_sasl_plain *plain);
MUST_CHECK bool wire_sasl_plain_parse(struct slice raw, struct wire_sasl_plain *plain);
bool wire_sasl_plain_put(struct buffer *base64, const struct wire_sasl_plain *plain);

/* LOGIN (draft-murchison-sasl-login): two prompts, then a name and a password. */
#define WIRE_SASL_LOGIN_NAME_PROMPT     "VXNlcm5hbWU6" /* Username: */
#define WIRE_SASL_LOGIN_PASSWORD_PROMPT "UGFzc3dvcmQ6" /* Password: */

MUST_CHECK bool wire_sasl_login_decode(
	struct slice base64, struct arena *arena, struct slice *text);
MUST_CHECK bool wire_sasl_login_parse(struct slice raw); /* a name, or a password */

/* The client gives up the exchange with this line (RFC 4954 4, RFC 3501 6.2.2). */
bool wire_sasl_is_cancel(struct slice line);

#endif
