#ifndef WIRE_DSN_INTERNAL_H
#define WIRE_DSN_INTERNAL_H

#include "wire/dsn.h"

/* Inside of dsn: text of foreign origin on one line, cut to WIRE_DSN_FIELD_MOST. */
void wire_dsn_put_clean(struct buffer *into, struct slice text);

/* The text part, as a person reads it: UTF-8, CRLF. */
void wire_dsn_text_put(struct buffer *into, const struct wire_dsn_message *message);

#endif
